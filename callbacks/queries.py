"""Reads for screens, gates and rules. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from callbacks.models import Attempt, Callback
from callbacks.rules.eta import Wait, estimate
from callbacks.rules.gate import GateFacts, Verdict, decide
from callbacks.rules.states import ACTIVE, HELD, PENDING, RefusedError
from campaigns.models import Campaign
from campaigns.queries import HoursBook
from campaigns.rules.retry import DialsSoFar, Outcome
from campaigns.rules.windows import Window
from contacts.models import Contact, DoNotCall

VIEWS = ("overdue", "today", "week", "all", "attention")
COUNT_CAP = 1000


def with_facts() -> QuerySet[Callback]:
    """Callbacks with all that the gate and a row need, in one query."""
    listed = DoNotCall.objects.filter(number_hash=OuterRef("number__dnc_hash")).filter(
        Q(scope="") | Q(scope=OuterRef("campaign__slug"))
    )
    return Callback.objects.select_related(
        "campaign", "contact", "number", "agent", "reserved_for"
    ).annotate(do_not_call=Exists(listed))


def locked(callback_id: int) -> Callback:
    """One of them, its row locked. Raises RefusedError when there is none."""
    rows = with_facts().select_for_update(of=("self",))
    callback = rows.filter(pk=callback_id).first()
    if callback is None:
        raise RefusedError("There is no such callback", state=None, code="missing")
    return callback


def window_of(callback: Callback, book: HoursBook | None = None) -> Window:
    """The calling window of this callback's contact for its campaign."""
    book = book or HoursBook()
    return book.window(callback.campaign, callback.number.region, tuple(callback.contact.zones))


def gate_facts(callback: Callback, now: datetime, book: HoursBook | None = None) -> GateFacts:
    """The gate's facts of a callback that came from ``with_facts``."""
    return GateFacts(
        now=now,
        do_not_call=callback.do_not_call,  # type: ignore[attr-defined]
        number_valid=callback.number.invalid_since is None,
        campaign_dials=callback.campaign.dials,
        window=window_of(callback, book),
        own_time=_own_time(callback, now),
    )


def _own_time(callback: Callback, now: datetime) -> bool:
    """The customer's own choice counts for the window they were promised, not for ever after."""
    chosen = callback.own_time and callback.campaign.honours_own_time
    return chosen and callback.promised_until is not None and now <= callback.promised_until


def gate(callback: Callback, now: datetime, book: HoursBook | None = None) -> Verdict:
    """The gate's verdict on a callback that came from ``with_facts``."""
    return decide(gate_facts(callback, now, book))


def dials_so_far(callback: Callback, outcome: Outcome) -> DialsSoFar:
    """Attempts that count for a retry of this callback: per contact, campaign and outcome."""
    counts = Attempt.objects.filter(
        contact_id=callback.contact_id,
        campaign_id=callback.campaign_id,
        intended_at__gte=callback.counts_from,
        dialed_at__isnull=False,
    ).aggregate(
        same=Count("id", filter=Q(outcome=outcome)),
        all=Count("id", filter=~Q(outcome=Outcome.CANCELLED_BY_AGENT)),
    )
    return DialsSoFar(counts["same"], counts["all"])


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


def in_view(view: str, day: Day) -> QuerySet[Callback]:
    """Pending callbacks of a supervisor's tab, by promise (RULES 3)."""
    pending = Callback.objects.filter(state__in=PENDING)
    match view:
        case "overdue":
            rows = pending.filter(due_at__lt=day.now)
        case "today":
            rows = pending.filter(due_at__gte=day.start, due_at__lt=day.end)
        case "week":
            rows = pending.filter(due_at__gte=day.start, due_at__lt=day.week_end)
        case "attention":
            rows = Callback.objects.filter(state__in=ACTIVE).exclude(attention="")
        case _:
            rows = pending
    return rows.order_by("due_at", "id")


def counts(day: Day) -> dict[str, int]:
    """How many rows each tab has, counted up to the cap."""
    return {view: in_view(view, day)[: COUNT_CAP + 1].count() for view in VIEWS}


def rows(view: str, day: Day, limit: int) -> list[Callback]:
    """The first rows of a tab, with all that they show."""
    ids = list(in_view(view, day).values_list("id", flat=True)[:limit])
    return list(with_facts().filter(id__in=ids).order_by("due_at", "id"))


def active_of(contacts: Iterable[Contact], campaign_id: int) -> set[int]:
    """Those of the contacts that have a live callback in the campaign, by id."""
    return set(
        Callback.objects.filter(
            contact__in=list(contacts), campaign_id=campaign_id, state__in=ACTIVE
        ).values_list("contact_id", flat=True)
    )
