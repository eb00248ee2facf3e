"""Offering a callback to one agent, and what the agent answers (RULES 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from callbacks import cases, notices, queue
from callbacks.actions.windows import roll
from callbacks.cases import Case
from callbacks.queue import SYSTEM, Actor, Claim, Held, Move
from callbacks.rules.attention import ZONE_UNKNOWN
from callbacks.rules.gate import Blocked, Reason
from callbacks.rules.promises import callable_columns
from callbacks.rules.states import Event, State

REJECTS_TO_ATTENTION = 3
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500
REJECT_REASONS = {
    "not_now": "Not now",
    "skill": "Needs another skill",
    "must_not": "Must not be called",
}


@dataclass
class HeldBackError(Exception):
    """The gate blocks the winner of a claim. Roll back, hold it back, and claim again."""

    callback_id: int
    verdict: Blocked


def offer_next(*, agent_id: int, campaign_ids: list[int] | None) -> Claim | None:
    """Lease the next callable callback to the agent, inside the caller's transaction.

    Raises HeldBackError where the gate blocks it: the transaction must not commit then.
    """
    claim = queue.claim_next(agent_id, campaign_ids)
    if claim is None:
        return None
    verdict = cases.gate(cases.case(claim.callback_id))
    if isinstance(verdict, Blocked):
        raise HeldBackError(claim.callback_id, verdict)
    notices.tell_agent(agent_id, "offer", callback=claim.callback_id)
    notices.tell_queue()
    return claim


@transaction.atomic
def hold_back(callback_id: int, verdict: Blocked) -> None:
    """Take a blocked callback out of line: to its next window, to attention, or to its end.

    A paused campaign changes nothing: its callbacks stay where they are and say why.
    """
    one = cases.lock_one(callback_id)
    if one.state != State.SCHEDULED:
        return
    match verdict.reason:
        case Reason.DO_NOT_CALL | Reason.INVALID_NUMBER:
            why = "Do not call" if verdict.reason is Reason.DO_NOT_CALL else "Number not in service"
            queue.move(callback_id, Event.CANCEL, actor=SYSTEM, reason=why)
        case Reason.CLOSED:
            roll([one], "Closed")
        case Reason.ZONE_UNKNOWN:
            changes = {**callable_columns(None), "attention": ZONE_UNKNOWN}
            queue.move(
                callback_id, Event.ROLL, actor=SYSTEM, reason="Zone not known", changes=changes
            )
        case Reason.FREQUENCY_CAP | Reason.LIVE_CALL:
            _later(one, verdict)
        case Reason.CAMPAIGN_PAUSED:
            return


def _later(one: Case, verdict: Blocked) -> None:
    """Look again when the cap frees it; after a minute, while another call is going on."""
    # Somebody may have moved it to a later time since the claim.
    again = max(verdict.until or one.now + LOOK_AGAIN, one.callable_from or one.now)
    span = one.window.next_span(again)
    start = max(again, span.start) if span else again
    until = span.end if span else None
    why = "Called often enough for now" if verdict.until else "Another call with this contact"
    queue.move(
        one.id,
        Event.ROLL,
        actor=SYSTEM,
        reason=why,
        data={"callable_from": start},
        changes={"callable_from": start, "callable_until": until},
    )


def accept_offer(*, callback_id: int, agent_id: int, version: int) -> None:
    """The agent takes the callback. Raises RefusedError for a stale, expired or foreign offer."""
    with transaction.atomic():
        queue.move(
            callback_id,
            Event.ACCEPT,
            actor=Actor("agent", agent_id),
            version=version,
            agent_id=agent_id,
        )
        notices.tell_agent(agent_id, "presence")
        notices.tell_queue()


def reject_offer(*, callback_id: int, agent_id: int, version: int, reason: str) -> None:
    """Back to the queue, place kept; not to this agent again for 10 minutes.

    The third reject by anyone puts it on the attention list. Raises RefusedError like accepting.
    """
    with transaction.atomic():
        one = cases.lock_one(callback_id)
        rejects = one.reject_count + 1
        attention = one.attention
        if rejects >= REJECTS_TO_ATTENTION or reason == "must_not":
            attention = f"Rejected {rejects}×: {REJECT_REASONS[reason]}"
        queue.move(
            callback_id,
            Event.REJECT,
            actor=Actor("agent", agent_id),
            version=version,
            agent_id=agent_id,
            reason=REJECT_REASONS[reason],
            changes={"reject_count": rejects, "attention": attention},
        )
        notices.tell_queue()
        notices.knock()


def release_expired_offers() -> list[Held]:
    """Redirect every offer that nobody answered in time, inside the caller's transaction."""
    late = cases.lock_due(
        "WHERE state = 'offered' AND offer_expires_at <= now() ORDER BY offer_expires_at", [], BATCH
    )
    return _redirect(late, Event.TIME_OUT, "No answer from the agent", "missed")


def release_lost_offers(absent_agents: Sequence[int]) -> list[Held]:
    """Redirect what was offered to agents who are gone, inside the caller's transaction."""
    lost = cases.lock_due(
        "WHERE state = 'offered' AND agent_id = ANY(%s::bigint[]) ORDER BY id",
        [list(absent_agents)],
        BATCH,
    )
    return _redirect(lost, Event.TIME_OUT, "The agent was lost", "missed")


def _redirect(found: Sequence[Case], event: Event, why: str, kind: str) -> list[Held]:
    moves = [Move(one.id, event, one.version, one.agent_id, why) for one in found]
    released = queue.move_many(moves, actor=SYSTEM)
    for held in released:
        notices.tell_agent(held.agent_id, kind, callback=held.callback_id)
    if released:
        notices.tell_queue()
        notices.knock()
    return released
