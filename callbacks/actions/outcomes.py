"""Done: the outcome and the next time in one transaction (RULES 2, 9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from callbacks import notices, queries, queue
from callbacks.actions.calls import Work, lock_work
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import Wish
from callbacks.models import Attempt, Callback
from callbacks.queue import SYSTEM, Actor, Settlement
from callbacks.rules.states import Event, State
from campaigns.models import Disposition
from campaigns.queries import policies
from campaigns.rules import retry
from campaigns.rules.retry import Ending, Outcome, Retry
from campaigns.rules.windows import callable_span
from contacts import clock
from contacts.models import Intent, Interaction, PhoneNumber
from contacts.rules.timezones import instant_said

UNATTENDED = timedelta(minutes=5)
OUTCOME_UNKNOWN = "The agent was lost and the outcome of the call is not known"


class WrapUpError(Exception):
    """The form cannot be taken as it is. ``field`` says which input, ``code`` is stable."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What the agent says at Done."""

    disposition: Disposition | None
    note: str = ""
    again: Wish | None = None
    personal: bool = False
    intents: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def record_outcome(work: Work, wrap_up: WrapUp) -> State:
    """Close the work: outcome, history, open matters and the callback's next state, all or nothing.

    Returns the state it went to. Raises WrapUpError for what the agent has to put right, and
    RefusedError when the callback is not in their hands.
    """
    _lock_number(work)
    callback = lock_work(work)
    attempt = queries.last_attempt(callback)
    if attempt is not None and attempt.is_live:
        raise WrapUpError("", "live", "End the call first")
    if attempt is not None and attempt.dialed_at is None:
        attempt = None  # the gate stopped it: nobody's telephone rang
    outcome = _outcome_said(callback, attempt, wrap_up)
    now = clock.now()
    if attempt is not None and attempt.outcome != outcome:
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome=outcome, state=Attempt.State.ENDED, ended_at=attempt.ended_at or now
        )
    ended_at = (attempt.ended_at if attempt else None) or now
    settlement = _settlement(callback, outcome, ended_at, now)
    if wrap_up.again is not None:
        settlement = _call_again(callback, wrap_up, outcome, now)
    code = wrap_up.disposition.code if wrap_up.disposition else ""
    settlement = replace(settlement, data=settlement.data | {"disposition": code})
    queue.settle([settlement], actor=Actor("agent", work.agent_id))
    _close_the_loop(callback, attempt, wrap_up, now)
    _consequences(callback, outcome, now)
    notices.tell_queue()
    return settlement.to_state


def _lock_number(work: Work) -> None:
    """The number before the callback, as a request takes them: else the two can deadlock."""
    mine = Callback.objects.filter(pk=work.callback_id).values("number_id")
    PhoneNumber.objects.select_for_update().filter(pk__in=mine).first()


def _outcome_said(callback: Callback, attempt: Attempt | None, wrap_up: WrapUp) -> Outcome:
    """What the disposition means; without one, what the carrier reported."""
    chosen = wrap_up.disposition
    if chosen is None:
        reported = Outcome(attempt.outcome) if attempt and attempt.outcome else Outcome.UNKNOWN
        if callback.campaign.needs_disposition or reported is Outcome.UNKNOWN:
            raise WrapUpError("code", "required", "Choose how the call ended")
        return reported
    outcome = Outcome(chosen.outcome)
    if chosen.needs_note and not wrap_up.note.strip():
        raise WrapUpError("note", "required", "Write a note for this ending")
    if chosen.needs_time and wrap_up.again is None:
        raise WrapUpError("again_time", "required", "Say when to call again")
    if attempt is None and outcome in retry.DEFAULT_POLICIES:
        raise WrapUpError("code", "not_dialled", "You have not called yet. Call, or release it")
    return outcome


def _settlement(
    callback: Callback, outcome: Outcome, ended_at: datetime, now: datetime
) -> Settlement:
    """What the retry policy makes of the outcome, with the time moved into the calling window."""
    if outcome is Outcome.CANCELLED_BY_AGENT:
        return Settlement(
            callback.pk, callback.claim_version, Event.RELEASE, State.SCHEDULED,
            "Stopped before anyone answered",
        )  # fmt: skip
    step = retry.after(
        outcome,
        ended_at,
        queries.dials_so_far(callback, outcome),
        policies(callback.campaign_id),
        callback.campaign.dial_cap,
    )
    if isinstance(step, Retry):
        return _retry(callback, outcome, step, now)
    event = {
        Ending.COMPLETED: Event.DONE,
        Ending.CANCELLED: Event.GIVE_UP,
        Ending.EXHAUSTED: Event.EXHAUST,
    }[step.ending]
    return Settlement(
        callback.pk, callback.claim_version, event, State(step.ending.value), step.reason,
        trigger_outcome=outcome, data={"outcome": outcome},
    )  # fmt: skip


def _retry(callback: Callback, outcome: Outcome, step: Retry, now: datetime) -> Settlement:
    window = queries.window_of(callback)
    opening = window.next_span(step.due_at)
    due_at = max(step.due_at, opening.start) if opening else step.due_at
    span = callable_span(window, due_at, callback.campaign.lead, now)
    return Settlement(
        callback.pk,
        callback.claim_version,
        Event.RETRY,
        State.SCHEDULED,
        f"{outcome}: retry {step.number} of {step.maximum}",
        due_at=due_at,
        callable_from=span.start if span else None,
        callable_until=span.end if span else None,
        trigger_outcome=outcome,
        retry_number=step.number,
        retry_max=step.maximum,
        attention="" if span else "No calling hours: choose what to do",
        data={"outcome": outcome, "policy_time": step.due_at},
    )


def _call_again(callback: Callback, wrap_up: WrapUp, outcome: Outcome, now: datetime) -> Settlement:
    """The agent agreed on another time. Counting starts anew where the contact answered."""
    again = wrap_up.again
    assert again is not None  # noqa: S101 # nosec B101
    due_at = instant_said(again.wall, again.zone)
    if due_at < now:
        raise WrapUpError("again_time", "past", "This time has passed. Choose a later one")
    span = queries.window_of(callback).span_at(due_at)
    if span is None:
        raise WrapUpError("again_time", "closed", "The contact may not be called at this time")
    return Settlement(
        callback.pk,
        callback.claim_version,
        Event.CALL_AGAIN,
        State.SCHEDULED,
        "Agreed with the contact",
        due_at=due_at,
        callable_from=max(span.start, due_at - callback.campaign.lead),
        callable_until=span.end,
        reserved_for_id=callback.agent_id if wrap_up.personal else None,
        counts_from=now if outcome is Outcome.ANSWERED else None,
        data={"outcome": outcome, "wall": again.wall, "zone": again.zone},
    )


def _close_the_loop(
    callback: Callback, attempt: Attempt | None, wrap_up: WrapUp, now: datetime
) -> None:
    """History and open matters, so that nobody has to repeat themselves."""
    talked = attempt and attempt.answered_at and attempt.ended_at
    Interaction.objects.create(
        contact_id=callback.contact_id,
        channel=Interaction.Channel.CALLBACK,
        at=attempt.intended_at if attempt else now,
        subject=callback.subject[:80] or "Callback",
        summary=wrap_up.note.strip() or (wrap_up.disposition.label if wrap_up.disposition else ""),
        with_whom=str(callback.agent or ""),
        seconds=int((attempt.ended_at - attempt.answered_at).total_seconds()) if talked else None,  # type: ignore[union-attr,operator]
    )
    for intent_id, status in wrap_up.intents.items():
        Intent.objects.filter(pk=intent_id, contact_id=callback.contact_id).update(
            status=status,
            attempt_count=F("attempt_count") + 1,
            closed_at=None if status == Intent.Status.OPEN else now,
        )


def _consequences(callback: Callback, outcome: Outcome, now: datetime) -> None:
    if outcome is Outcome.DNC_REQUEST:
        forbid_calls(callback.number, reason="Asked an agent", actor=SYSTEM)
    elif outcome is Outcome.INVALID_NUMBER:
        PhoneNumber.objects.filter(pk=callback.number_id).update(invalid_since=now)


@transaction.atomic
def release_work(work: Work) -> None:
    """Give an accepted callback back without a dial, its place kept. Raises like Done."""
    callback = lock_work(work)
    if queries.live_attempt(callback):
        raise WrapUpError("", "live", "End the call first")
    queue.settle(
        [
            Settlement(
                work.callback_id, work.version, Event.RELEASE, State.SCHEDULED, "Released unheard"
            )
        ],
        actor=Actor("agent", work.agent_id),
    )
    notices.tell_queue()
    notices.knock()


@transaction.atomic
def schedule_retries(absent_agents: Sequence[int]) -> int:
    """Close work that nobody at the desk will close any more. Returns how many.

    The same rule as Done, for a batch: a known outcome is settled, work without a dial goes back in
    line, an unknown outcome asks for a person. Rows that another sweep holds are passed over.
    """
    now = clock.now()
    before = now - UNATTENDED
    latest = Attempt.objects.filter(
        callback_id=OuterRef("pk"), intended_at__gte=OuterRef("accepted_at")
    ).order_by("-id")
    abandoned = (
        queries.with_facts()
        .annotate(
            last_state=Subquery(latest.values("state")[:1]),
            last_outcome=Subquery(latest.values("outcome")[:1]),
            last_ended=Subquery(latest.values("ended_at")[:1]),
        )
        .filter(state=State.WORKING, agent_id__in=absent_agents, accepted_at__lte=before)
        .filter(
            Q(last_state=None) | Q(last_state=Attempt.State.UNKNOWN) | Q(last_ended__lte=before)
        )
        .select_for_update(of=("self",), skip_locked=True)
    )
    rows = list(abandoned[: queue.BATCH])
    settlements = [one for row in rows if (one := _left_behind(row, now)) is not None]
    if settlements:
        queue.settle(settlements, actor=SYSTEM)
        notices.tell_queue()
        notices.knock()
    return len(settlements)


def _left_behind(callback: Callback, now: datetime) -> Settlement | None:
    """What becomes of work whose agent is gone; None where a person has to say it."""
    if callback.last_state is None:  # type: ignore[attr-defined]
        return Settlement(
            callback.pk, callback.claim_version, Event.RELEASE, State.SCHEDULED,
            "The agent was lost before calling",
        )  # fmt: skip
    outcome = callback.last_outcome  # type: ignore[attr-defined]
    if outcome in ("", Outcome.UNKNOWN):
        Callback.objects.filter(pk=callback.pk, attention="").update(attention=OUTCOME_UNKNOWN)
        return None
    return _settlement(callback, Outcome(outcome), callback.last_ended, now)  # type: ignore[attr-defined]
