"""What narrows the supervisors' queue, as the address says it (RULES 3)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet

from agentdesk.forms import all_zones
from agentdesk.models import Agent
from callbacks.models import Callback
from callbacks.rules import words
from callbacks.rules.states import State
from callbacks.search import text_filter
from campaigns.models import Campaign
from contacts.rules.timezones import city

Rows = QuerySet[Callback]
ANYONE, NONE = "anyone", "none"
MOST_RETRIES = 9
GATES = {
    "callable": "Callable now",
    "later": "Callable later",
    "paused": "Campaign paused",
    "closed": "No window to call in",
    "offered": "Offered to an agent",
}
_DAY = timedelta(days=1)


def _campaigns() -> list[tuple[int, str]]:
    return list(Campaign.objects.order_by("name").values_list("id", "name"))


def _agents() -> list[tuple[str, str]]:
    agents = Agent.objects.select_related("user").order_by("user__first_name", "user__last_name")
    return [(ANYONE, "Anyone"), *((str(one.pk), str(one)) for one in agents)]


def _outcomes() -> list[tuple[str, str]]:
    return [(NONE, "First call"), *words.OUTCOMES.items()]


class Ticks(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """Any of the ticked choices, through a method of the filter set."""

    def __init__(self, method: str, label: str, choices: Any) -> None:
        widget = forms.CheckboxSelectMultiple
        super().__init__(
            method=method, label=label, choices=choices, widget=widget, distinct=False,
            error_messages={"invalid_choice": "There is no %(value)s to choose any more"},
        )  # fmt: skip


class QueueFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the queue. One that makes no sense is said beside it and narrows nothing.

    ``now`` is the moment at which stale and callable are judged.
    """

    q = django_filters.CharFilter(
        method="by_text",
        label="Name, number or reference",
        max_length=80,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "field-input",
                "placeholder": "Name, number, reference",
            }
        ),
    )
    campaign = Ticks("by_campaign", "Campaign", _campaigns)
    agent = Ticks("by_agent", "Agent", _agents)
    outcome = Ticks("by_outcome", "Outcome", _outcomes)
    gate = Ticks("by_gate", "Callable", list(GATES.items()))
    kind = Ticks("by_kind", "Type", Callback.Kind.choices)
    retry = Ticks("by_retry", "Retry", [(str(n), f"Retry {n}") for n in range(1, MOST_RETRIES + 1)])
    zone = django_filters.ChoiceFilter(
        method="by_zone",
        label="Zone of the contact",
        empty_label="Any zone",
        choices=lambda: [(one, one.replace("_", " ")) for one in all_zones()],
        widget=forms.Select(attrs={"class": "field-input"}),
    )
    stale = django_filters.BooleanFilter(
        method="by_stale", label="Stale only", widget=forms.CheckboxInput
    )
    due_within = django_filters.NumberFilter(
        method="by_due",
        label="Due within minutes",
        min_value=1,
        max_value=100_000,
        widget=forms.NumberInput(attrs={"class": "field-input", "min": "1"}),
    )

    def __init__(self, data: Any, *, now: datetime) -> None:
        super().__init__(data, queryset=Callback.objects.none())
        self.now = now

    def narrow(self, rows: Rows) -> Rows:
        """Those of the rows that every valid filter lets through."""
        self.form.is_valid()
        narrowed: Rows = self.filter_queryset(rows)
        return narrowed

    def by_text(self, rows: Rows, name: str, text: str) -> Rows:
        """A contact's name, a number in any format, or a reference."""
        return rows.filter(text_filter(text))

    def by_campaign(self, rows: Rows, name: str, ids: Sequence[str]) -> Rows:
        """Of any of the campaigns."""
        return rows.filter(_any("campaign_id", [int(one) for one in ids])) if ids else rows

    def by_agent(self, rows: Rows, name: str, chosen: Sequence[str]) -> Rows:
        """Waiting for one of the agents or in their hands; or for nobody in particular."""
        if not chosen:
            return rows
        ids = [int(one) for one in chosen if one != ANYONE]
        theirs = Q(reserved_for__in=ids) | Q(agent__in=ids)
        return rows.filter(
            theirs | Q(reserved_for=None, agent=None) if ANYONE in chosen else theirs
        )

    def by_outcome(self, rows: Rows, name: str, chosen: Sequence[str]) -> Rows:
        """How the last call ended; or nobody has called yet."""
        values = ["" if one == NONE else one for one in chosen]
        return rows.filter(_any("trigger_outcome", values)) if values else rows

    def by_kind(self, rows: Rows, name: str, chosen: Sequence[str]) -> Rows:
        """Who promised it."""
        return rows.filter(_any("kind", chosen)) if chosen else rows

    def by_retry(self, rows: Rows, name: str, chosen: Sequence[str]) -> Rows:
        """Which retry it is."""
        return rows.filter(_any("retry_number", [int(one) for one in chosen])) if chosen else rows

    def by_zone(self, rows: Rows, name: str, zone: str) -> Rows:
        """Where the contact is, or may be."""
        return rows.filter(contact__zones__contains=[zone]) if zone else rows

    def by_stale(self, rows: Rows, name: str, on: bool | None) -> Rows:
        """Overdue for more days than their campaign allows."""
        if not on:
            return rows
        allowed = ExpressionWrapper(F("campaign__stale_days") * _DAY, output_field=DurationField())
        return rows.filter(due_at__lt=self.now - allowed)

    def by_due(self, rows: Rows, name: str, minutes: Any) -> Rows:
        """Due from now on, within so many minutes."""
        if minutes is None:
            return rows
        until = self.now + timedelta(minutes=int(minutes))
        return rows.filter(due_at__gte=self.now, due_at__lt=until)

    def by_gate(self, rows: Rows, name: str, chosen: Sequence[str]) -> Rows:
        """What the machine may do with it now, as far as the row itself knows.

        The gate decides anew before each dial, from more than stands in the row.
        """
        if not chosen:
            return rows
        paused = Q(campaign__in=Campaign.objects.filter(dials=False))
        waits = Q(state=State.SCHEDULED)
        meant: Mapping[str, Callable[[], Q]] = {
            "callable": lambda: waits & Q(callable_from__lte=self.now) & ~paused,
            "later": lambda: waits & Q(callable_from__gt=self.now) & ~paused,
            "paused": lambda: waits & paused,
            "closed": lambda: waits & Q(callable_from=None),
            "offered": lambda: Q(state=State.OFFERED),
        }
        condition = Q()
        for one in chosen:
            condition |= meant[one]()
        return rows.filter(condition)


def _any(column: str, values: Sequence[Any]) -> Q:
    # One value as an equality: only then can the server follow an index in its order.
    return Q(**{column: values[0]}) if len(values) == 1 else Q(**{f"{column}__in": values})


def summary(field: forms.BoundField) -> str:
    """What a filter is set to, in words; empty where it narrows nothing."""
    form = field.form
    form.is_valid()
    value = form.cleaned_data.get(field.name)
    if value in (None, "", [], False):
        return ""
    if field.name == "zone":
        return city(str(value))
    if field.name == "due_within":
        return f"{value} min"
    if value is True:
        return "yes"
    if not isinstance(value, list):
        return f"“{value}”"
    choices = {str(key): str(label) for key, label in getattr(field.field, "choices", ())}
    first = choices.get(str(value[0]), str(value[0]))
    return first if len(value) == 1 else f"{first} and {len(value) - 1} more"
