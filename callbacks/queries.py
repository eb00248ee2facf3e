"""Reads for screens, gates and rules. Nothing here writes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, Value

from callbacks.models import Attempt, Callback
from callbacks.rules.eta import Wait, estimate
from callbacks.rules.states import ACTIVE, HELD, PENDING, State
from campaigns.models import Campaign
from contacts.models import Contact, DoNotCall

VIEWS = ("overdue", "today", "week", "all", "attention")
COUNT_CAP = 1000
Narrowing = Callable[[QuerySet[Callback]], QuerySet[Callback]]


def with_names() -> QuerySet[Callback]:
    """Callbacks with everybody whom a screen names, in one query."""
    return Callback.objects.select_related("campaign", "contact", "number", "agent", "reserved_for")


def is_forbidden(callback: Callback) -> bool:
    """Whether the number of the callback is on the do-not-call list everywhere."""
    return DoNotCall.objects.filter(number_hash=callback.number.dnc_hash, scope="").exists()


def live_attempt(callback: Callback) -> Attempt | None:
    """The call that is going on for this callback, if one is."""
    return callback.attempts.filter(state__in=Attempt.LIVE).order_by("-id").first()


def last_attempt(callback: Callback) -> Attempt | None:
    """The latest dial since the agent accepted."""
    dials = callback.attempts.filter(intended_at__gte=callback.accepted_at or callback.created_at)
    return dials.order_by("-id").first()


def ahead_in_line(campaign_id: int, now: datetime) -> int:
    """How many callbacks of the campaign may be called now and wait, counted up to the cap."""
    waiting = Callback.objects.filter(
        campaign_id=campaign_id, state="scheduled", callable_from__lte=now
    )
    return waiting[:COUNT_CAP].count()


def wait_for(campaign: Campaign, now: datetime) -> Wait:
    """How long somebody who asks now waits, behind those who wait and with the agents at work."""
    at_work = Callback.objects.filter(campaign=campaign, state__in=HELD).count()
    return estimate(ahead_in_line(campaign.pk, now), at_work, campaign.handle_seconds)


@dataclass(frozen=True, slots=True)
class Day:
    """The viewer's today and week, as instants."""

    now: datetime
    start: datetime
    end: datetime
    week_end: datetime


def day_of(now: datetime, zone: str) -> Day:
    """Today and the rest of the ISO week on the clock of the zone."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight + timedelta(days=7 - midnight.weekday())
    return Day(now, midnight, midnight + timedelta(days=1), monday)


class _Constant(Value):
    """Stands in the statement itself.

    A plan that the server keeps knows no parameters, and without the states it cannot tell that a
    partial index holds all that is asked for: it would read the table instead.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The value as a literal; it is one of our own words."""
        return f"'{self.value}'", []


def _in(states: Iterable[State]) -> list[_Constant]:
    return [_Constant(state.value) for state in sorted(states)]


def in_view(view: str, day: Day) -> QuerySet[Callback]:
    """Pending callbacks of a supervisor's tab, by promise (RULES 3)."""
    pending = _pending()
    match view:
        case "overdue":
            rows = _overdue(day.now)
        case "today":
            rows = pending.filter(due_at__gte=day.start, due_at__lt=day.end)
        case "week":
            rows = pending.filter(due_at__gte=day.start, due_at__lt=day.week_end)
        case "attention":
            active = Callback.objects.filter(state__in=_in(ACTIVE))
            rows = active.exclude(attention=_Constant(""))
        case _:
            rows = pending
    return rows.order_by("due_at", "id")


def counts(day: Day, *, narrowed: Narrowing | None = None) -> dict[str, int]:
    """How many rows each tab has, counted up to the cap, all narrowed in the same way."""
    narrow = narrowed or (lambda rows: rows)
    return {view: _capped(narrow(in_view(view, day))) for view in VIEWS}


def overdue(now: datetime) -> int:
    """How many callbacks of all campaigns are overdue, counted up to the cap."""
    return _capped(_overdue(now))


def _pending() -> QuerySet[Callback]:
    return Callback.objects.filter(state__in=_in(PENDING))


def _overdue(now: datetime) -> QuerySet[Callback]:
    return _pending().filter(due_at__lt=now)


def _capped(rows: QuerySet[Callback]) -> int:
    # In any order: sorting a million rows to count the first thousand would take a second.
    return rows.order_by()[: COUNT_CAP + 1].count()


def said_count(count: int) -> str:
    """``148``, and ``1,000+`` beyond the cap."""
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def active_of(contacts: Iterable[Contact], campaign_id: int) -> set[int]:
    """Those of the contacts that have a live callback in the campaign, by id."""
    return set(
        Callback.objects.filter(
            contact__in=list(contacts), campaign_id=campaign_id, state__in=ACTIVE
        ).values_list("contact_id", flat=True)
    )
