"""What an outcome makes of a callback in work: the next time, or the end (RULES 2)."""

from datetime import datetime
from typing import Any

from callbacks.cases import Case
from callbacks.queue import Move
from callbacks.rules.promises import new_time
from callbacks.rules.states import Event
from campaigns.rules import retry
from campaigns.rules.policy import into_window
from campaigns.rules.retry import Ending, Outcome, Retry, Stop

_ENDS = {
    Ending.COMPLETED: Event.DONE,
    Ending.CANCELLED: Event.GIVE_UP,
    Ending.EXHAUSTED: Event.EXHAUST,
}
# With a new time nobody waits for one agent, and nobody has asked for it to be ahead of others.
FRESH: dict[str, Any] = {"priority": 0, "reserved_for_id": None, "reserved_until": None}


def released(one: Case, reason: str) -> Move:
    """Back in line without a dial: for whom, how urgent and why flagged stays as it was."""
    if one.do_not_call:
        return _forbidden(one, {})
    return Move(one.id, Event.RELEASE, one.version, reason=reason, changes=_wished(one))


def _forbidden(one: Case, data: dict[str, Any]) -> Move:
    """Listed as do-not-call while an agent had it in hand: nothing waits for that number."""
    changes = {"attention": "", **FRESH}
    return Move(
        one.id, Event.GIVE_UP, one.version, reason="Do not call", data=data, changes=changes
    )


def settled(one: Case, outcome: Outcome, ended_at: datetime) -> Move:
    """The move that the retry policy makes of an outcome, its time moved into the calling window.

    Raises OutcomeUnknownError for ``unknown``.
    """
    if outcome is Outcome.CANCELLED_BY_AGENT:
        return released(one, "Stopped before anyone answered")
    step = retry.after(
        outcome,
        ended_at,
        one.so_far(outcome, said=outcome),
        one.book.policies(one.campaign_id),
        one.dial_cap,
    )
    anew = _asks_anew(one, step)
    if one.do_not_call and (anew or isinstance(step, Retry)):
        return _forbidden(one, {"outcome": outcome})
    if isinstance(step, Retry):
        return _retried(one, outcome, step)
    if anew:
        return _called_again(one, outcome)
    return Move(
        one.id,
        _ENDS[step.ending],
        one.version,
        reason=step.reason,
        data={"outcome": outcome},
        changes={"trigger_outcome": outcome, "attention": "", **FRESH},
    )


def _retried(one: Case, outcome: Outcome, step: Retry) -> Move:
    due_at = into_window(one.window, step.due_at)
    return Move(
        one.id,
        Event.RETRY,
        one.version,
        reason=f"{outcome}: retry {step.number} of {step.maximum}",
        data={"outcome": outcome, "policy_time": step.due_at},
        changes={
            **FRESH,
            **new_time(one.window, due_at, one.lead, one.now),
            "trigger_outcome": outcome,
            "retry_number": step.number,
            "retry_max": step.maximum,
            **_wished(one),
        },
    )


def _wished(one: Case) -> dict[str, Any]:
    """The columns of the time that the customer named while an agent had the callback in hand."""
    return dict(one.wish.get("promise", {}))


def _asks_anew(one: Case, step: Retry | Stop) -> bool:
    """Whether a time named meanwhile outlives this end: it was asked for in the very call that was
    answered, or the policy gave up on what they had asked for before."""
    if isinstance(step, Retry) or not one.wish:
        return False
    in_this_call = step.ending is Ending.COMPLETED and one.wish.get("asked_in") is not None
    return in_this_call or step.ending is Ending.EXHAUSTED


def _called_again(one: Case, outcome: Outcome) -> Move:
    """At the time that they named; counting starts anew."""
    return Move(
        one.id,
        Event.CALL_AGAIN,
        one.version,
        reason="The customer named another time",
        data={"outcome": outcome},
        changes={
            **FRESH,
            **_wished(one),
            "attention": "",
            "retry_number": 0,
            "retry_max": 0,
            "counts_from": one.now,
        },
    )
