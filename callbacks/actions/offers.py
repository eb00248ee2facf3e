"""Offering a callback to one agent, and what the agent answers (RULES 6)."""

from dataclasses import dataclass

from django.db import transaction

from callbacks import notices, queries, queue
from callbacks.queue import SYSTEM, Actor, Claim, Held
from callbacks.rules.gate import Blocked, Reason
from callbacks.rules.states import Event
from campaigns.queries import HoursBook
from campaigns.rules.windows import callable_span
from contacts import clock

REJECTS_TO_ATTENTION = 3
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


def offer_next(
    *, agent_id: int, campaign_ids: list[int] | None, book: HoursBook | None = None
) -> Claim | None:
    """Lease the next callable callback to the agent, inside the caller's transaction.

    ``book`` keeps the hours for one run of the matching.

    Raises HeldBackError where the gate blocks it: the transaction must not commit then.
    """
    claim = queue.claim_next(agent_id, campaign_ids)
    if claim is None:
        return None
    callback = queries.with_facts().get(pk=claim.callback_id)
    verdict = queries.gate(callback, clock.now(), book)
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
    callback = queries.with_facts().select_for_update(of=("self",)).get(pk=callback_id)
    if callback.state != "scheduled":
        return
    match verdict.reason:
        case Reason.DO_NOT_CALL | Reason.INVALID_NUMBER:
            why = "Do not call" if verdict.reason is Reason.DO_NOT_CALL else "Number not in service"
            queue.move(callback_id, Event.CANCEL, actor=SYSTEM, reason=why)
        case Reason.CLOSED:
            span = callable_span(
                queries.window_of(callback), callback.due_at, callback.campaign.lead, clock.now()
            )
            _roll(callback_id, span.start if span else None, span.end if span else None, "Closed")
        case Reason.ZONE_UNKNOWN:
            _roll(callback_id, None, None, "Zone not known")
        case Reason.CAMPAIGN_PAUSED:
            return


def _roll(callback_id: int, start: object, end: object, why: str) -> None:
    queue.move(
        callback_id,
        Event.ROLL,
        actor=SYSTEM,
        reason=why,
        data={"callable_from": start},
        changes={
            "callable_from": start,
            "callable_until": end,
            "attention": "" if start else f"{why}: choose what to do",
        },
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
        callback = queries.locked(callback_id)
        rejects = callback.reject_count + 1
        attention = callback.attention
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
    released = queue.release_expired()
    for held in released:
        notices.tell_agent(held.agent_id, "missed", callback=held.callback_id)
    if released:
        notices.tell_queue()
        notices.knock()
    return released
