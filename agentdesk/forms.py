"""What a supervisor adds to an action: an agent, a time, a zone, a reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.db.models import QuerySet

from agentdesk.models import Agent
from callbacks.actions.intake import Wish
from callbacks.models import Callback
from campaigns.models import Campaign
from contacts import clock
from contacts.rules.timezones import city, zones_of_country

AT_MOST = 500
Presence = Agent.Presence
_NAMED_CITIES = 3


class CallbackIds(forms.Field):
    """Ids of callbacks, each once; whether there are such callbacks is not asked here."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Sequence[Any] | None) -> list[int]:
        """The ids. Raises ValidationError for none, too many, or what is no id."""
        texts = [str(one) for one in value or ()]
        if not texts:
            raise forms.ValidationError("Choose at least one callback")
        if not all(text.isascii() and text.isdecimal() for text in texts):
            raise forms.ValidationError("Choose callbacks from the list")
        ids = list(dict.fromkeys(map(int, texts)))
        if len(ids) > AT_MOST:
            raise forms.ValidationError(
                f"You chose {len(ids):,} callbacks. Choose at most {AT_MOST} at once"
            )
        return ids


class ActForm(forms.Form):
    """An action on callbacks that needs to know nothing more.

    With ``campaigns`` it is about all callbacks of a view, which are of these campaigns, and not
    about ids: there may be too many to be read.
    """

    use_required_attribute = False
    hint = ""
    ids = CallbackIds()

    def __init__(
        self,
        data: Any = None,
        *,
        callbacks: Iterable[Callback] = (),
        campaigns: QuerySet[Campaign] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, auto_id="ask-%s", **kwargs)
        self.callbacks = list(callbacks)
        self.campaigns = campaigns
        if campaigns is not None:
            del self.fields["ids"]

    @classmethod
    def about(cls, callbacks: Iterable[Callback]) -> Self:
        """The empty form about these callbacks."""
        found = list(callbacks)
        return cls(callbacks=found, initial={"ids": [one.pk for one in found]})

    @property
    def only(self) -> Callback | None:
        """The callback, where it is about one."""
        return self.callbacks[0] if len(self.callbacks) == 1 else None


def _select(**attrs: str) -> forms.Select:
    return forms.Select(attrs={"class": "field-input", **attrs})


class AgentForm(ActForm):
    """An agent of the campaigns, or nobody in particular."""

    question = nobody = ""
    agent = forms.ChoiceField(
        required=False,
        widget=_select(),
        error_messages={"invalid_choice": "Choose an agent from the list"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campaigns: Any = self.campaigns
        if campaigns is None:
            campaigns = {one.campaign_id for one in self.callbacks}
        agents = (
            Agent.objects.filter(campaigns__in=campaigns, user__is_active=True)
            .select_related("user")
            .distinct()
            .order_by("user__first_name", "user__last_name", "pk")
        )
        named = [(str(one.pk), f"{one}: {one.get_presence_display()}") for one in agents]
        self.agents = {str(one.pk): str(one) for one in agents}
        choices = self.fields["agent"]
        assert isinstance(choices, forms.ChoiceField)  # noqa: S101 # nosec B101
        choices.label = self.question
        choices.choices = [("", self.nobody), *named]

    def clean_agent(self) -> int | None:
        """The agent's id, or None for nobody in particular."""
        chosen = self.cleaned_data["agent"]
        return int(chosen) if chosen else None


class CallNowForm(AgentForm):
    """Who is offered it next."""

    question, nobody = "Offer it to", "Whoever is free first"


class ReassignForm(AgentForm):
    """For whom it waits."""

    question, nobody = "It waits for", "Anybody"


def clock_of(callback: Callback) -> str:
    """The zone in which times are said for a callback: the contact's, or the campaign's own."""
    return callback.contact.zone or callback.campaign.shown_zone


def _listed(names: list[str]) -> str:
    """``Lisbon, London and Paris``; ``Lisbon, London, Paris and 4 more``."""
    if len(names) > _NAMED_CITIES:
        names = [*names[:_NAMED_CITIES], f"{len(names) - _NAMED_CITIES} more"]
    return f"{', '.join(names[:-1])} and {names[-1]}"


class RescheduleForm(ActForm):
    """Another time, in wall-clock time on each contact's own clock."""

    day = forms.DateField(
        label="Day",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date", "class": "field-input"}, "%Y-%m-%d"),
        error_messages={"required": "Enter a day", "invalid": "Enter a day"},
    )
    time = forms.TimeField(
        input_formats=["%H:%M"],
        widget=forms.TimeInput({"type": "time", "class": "field-input"}, "%H:%M"),
        error_messages={
            "required": "Enter a time",
            "invalid": "Enter a time",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted({city(clock_of(one)) for one in self.callbacks})
        self.fields["time"].label = f"Time in {zones[0]}" if len(zones) == 1 else "Time"
        if len(zones) > 1:
            self.hint = f"On each contact’s own clock, in {_listed(zones)}"
        elif self.campaigns is not None:
            self.hint = "On each contact’s own clock"
        if self.only and self.only.due_at > clock.now():
            promised = self.only.due_at.astimezone(ZoneInfo(clock_of(self.only)))
            self.initial["day"], self.initial["time"] = promised.date(), promised.time()

    def wish(self, callback: Callback) -> Wish:
        """What the valid form asks for, on the clock of this callback's contact."""
        fields = self.cleaned_data
        return Wish(datetime.combine(fields["day"], fields["time"]), clock_of(callback))


class UndoForm(ActForm):
    """Which events are taken back, as the toast names them: ``12.345 13.346``."""

    events = forms.CharField(required=False, widget=forms.HiddenInput)

    def event_of(self, callback: Callback) -> int | None:
        """The event to undo; None where the page names none at all, 0 where none of this one."""
        said = self.cleaned_data["events"].split()
        pairs = (one.partition(".") for one in said if one.isascii())
        named = {whose: event for whose, _, event in pairs if event.isdecimal()}
        return int(named.get(str(callback.pk), 0)) if said else None


class ZoneForm(ActForm):
    """Where the contact is, where nobody knew."""

    zone = forms.ChoiceField(
        label="Where is the contact?",
        widget=_select(),
        error_messages={
            "required": "Choose a zone from the list",
            "invalid_choice": "Choose a zone from the list",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        likely: tuple[str, ...] = ()
        if self.only:
            number = self.only.number
            likely = tuple(dict.fromkeys((*number.zones, *zones_of_country(number.region))))
        choices = self.fields["zone"]
        assert isinstance(choices, forms.ChoiceField)  # noqa: S101 # nosec B101
        choices.choices = [
            ("", "Choose a zone"),
            ("Likely, from the number", [(one, city(one)) for one in likely]),
            ("All zones", [(one, one.replace("_", " ")) for one in all_zones()]),
        ]


def all_zones() -> list[str]:
    """Zones with a city to name them by."""
    return sorted(one for one in available_timezones() if "/" in one and one[:3] != "Etc")


class DoNotCallForm(ActForm):
    """How far the wish reaches, and where it comes from."""

    EVERYWHERE, CAMPAIGN = "everywhere", "campaign"
    scope = forms.ChoiceField(
        label="Where",
        initial=EVERYWHERE,
        choices=[(EVERYWHERE, "Everywhere"), (CAMPAIGN, "This campaign")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose everywhere or this campaign",
            "invalid_choice": "Choose everywhere or this campaign",
        },
    )
    reason = forms.CharField(
        label="Reason",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "field-input", "autocomplete": "off"}),
        error_messages={
            "required": "Say where the wish comes from, such as: asked by e-mail",
            "max_length": "Write at most %(limit_value)d characters",
        },
    )
