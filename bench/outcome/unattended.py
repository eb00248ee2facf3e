"""Calls that ended with nobody at the desk: the application's sweep, and one with Django's bulk."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from agentdesk import actions
from bench.common.contenders import Act, Contender, use
from bench.outcome.tables import Stage
from callbacks.actions import unattended
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.rules.promises import new_time
from campaigns.queries import Book, OfCampaign, Whom, rule_book
from campaigns.rules import retry
from campaigns.rules.policy import into_window
from campaigns.rules.retry import DialsSoFar, Outcome, Retry

BATCH = 500
MINUTES = timedelta(minutes=5)
CHANGED = (
    "state", "agent", "accepted_at", "priority", "reserved_for", "reserved_until", "due_at",
    "callable_from", "callable_until", "promised_from", "promised_until", "own_time", "said_wall",
    "attention", "trigger_outcome", "retry_number", "retry_max",
)  # fmt: skip
Counts = Mapping[tuple[int, int], Mapping[str, int]]


def _opened(sweep: Callable[[], int]) -> Callable[[Stage, int, int], Act]:
    def open_one(stage: Stage, client: int, clients: int) -> Act:
        use(stage)
        return lambda: sweep() > 0

    return open_one


def _application() -> int:
    return unattended.schedule_retries(actions.absent_agents())


@transaction.atomic
def _bulk() -> int:
    """The same rules, rows and events with one query, one bulk_update, one bulk_create a batch."""
    now = timezone.now()
    callbacks = list(_left(actions.absent_agents(), now)[:BATCH])
    counts = _counts(callbacks)
    book = rule_book()
    events = [_settle(callback, counts, book, now) for callback in callbacks]
    if callbacks:
        Callback.objects.bulk_update(callbacks, CHANGED, batch_size=BATCH)
        CallbackEvent.objects.bulk_create(events, batch_size=BATCH)
    return len(callbacks)


def _left(absent: Sequence[int], now: datetime) -> QuerySet[Callback]:
    last = Attempt.objects.filter(
        callback=OuterRef("pk"), intended_at__gte=OuterRef("accepted_at")
    ).order_by("-pk")
    return (
        Callback.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("contact", "number", "campaign")
        .annotate(
            last_state=Subquery(last.values("state")[:1]),
            last_outcome=Subquery(last.values("outcome")[:1]),
            last_ended_at=Subquery(last.values("ended_at")[:1]),
        )
        .filter(
            state="working",
            agent__in=absent,
            accepted_at__lte=now - MINUTES,
            last_state="ended",
            last_ended_at__lte=now - MINUTES,
        )
        .order_by("pk")
    )


def _counts(callbacks: Sequence[Callback]) -> Counts:
    rows = (
        Attempt.objects.filter(
            contact__in=[callback.contact_id for callback in callbacks],
            intended_at__gte=F("callback__counts_from"),
            dialed_at__isnull=False,
        )
        .values_list("contact_id", "campaign_id", "outcome")
        .annotate(times=Count("pk"))
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    for contact, campaign, outcome, times in rows:
        found.setdefault((contact, campaign), {})[outcome] = times
    return found


def _settle(callback: Callback, counts: Counts, book: Book, now: datetime) -> CallbackEvent:
    outcome = Outcome(callback.last_outcome)
    counted = counts[callback.contact_id, callback.campaign_id]
    step = retry.after(
        outcome,
        callback.last_ended_at,
        DialsSoFar(counted[outcome], sum(counted.values())),
        book.policies(callback.campaign_id),
        callback.campaign.dial_cap,
    )
    assert isinstance(step, Retry)
    number, contact = callback.number, callback.contact
    whom = Whom(str(number.e164), number.region, tuple(contact.zones), contact.place)
    window = book.window(OfCampaign.row(callback.campaign), whom)
    due_at = into_window(window, step.due_at)
    changes = new_time(window, due_at, callback.campaign.lead, now)
    for name, value in changes.items():
        setattr(callback, name, value)
    callback.state, callback.trigger_outcome = "scheduled", outcome
    callback.agent = callback.accepted_at = None
    callback.priority, callback.reserved_for, callback.reserved_until = 0, None, None
    callback.retry_number, callback.retry_max = step.number, step.maximum
    return CallbackEvent(
        callback=callback, name="retry", from_state="working", to_state="scheduled",
        actor_kind="system", claim_version=callback.claim_version,
        reason=f"{outcome}: retry {step.number} of {step.maximum}",
        data={"outcome": outcome, "policy_time": step.due_at.isoformat()},
    )  # fmt: skip


APPLICATION = Contender("application: schedule_retries", "callback", _opened(_application))
BULK = Contender("Django: bulk_update and bulk_create", "callback", _opened(_bulk))
