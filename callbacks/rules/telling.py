"""How an event reads in the story of a callback (RULES 3: "the whole story")."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from callbacks.rules.states import Event
from callbacks.rules.words import OUTCOMES, day_and_time, said

WORDS: Mapping[Event, str] = {
    Event.REQUEST: "Callback asked for",
    Event.OFFER: "Offered",
    Event.RESCHEDULE: "Rescheduled",
    Event.SKIP: "Retry skipped",
    Event.MERGE: "Second request merged",
    Event.ROLL: "Waits for the next calling window",
    Event.CANCEL: "Cancelled",
    Event.COMPLETE: "Marked complete",
    Event.EXPIRE: "Given up as stale",
    Event.ACCEPT: "Accepted",
    Event.REJECT: "Rejected",
    Event.TIME_OUT: "Offer ran out",
    Event.WITHDRAW: "Offer withdrawn",
    Event.RELEASE: "Given back to the queue",
    Event.CALL_NOW: "Put first in line",
    Event.REASSIGN: "Reassigned",
    Event.BUMP: "Moved in line",
    Event.REOPEN: "Opened again",
    Event.UNDO: "Undone",
    Event.RETRY: "Next call planned",
    Event.EXHAUST: "No call is left",
    Event.CALL_AGAIN: "Another time agreed",
    Event.DONE: "Done",
    Event.GIVE_UP: "Ended without another call",
    Event.NOTE: "Noted",
    Event.CANCEL_ASKED: "Cancellation asked for",
}
_TO = (Event.RESCHEDULE, Event.SKIP, Event.UNDO)


def what(name: Event, reason: str, data: Mapping[str, Any]) -> str:
    """What happened, as a heading. Where the reason says it better, it is the reason."""
    if name is Event.UNDO:
        return f"Undone: {WORDS[Event(data['of'])].lower()}"
    if _speaks_for_itself(name, reason, data):
        return reason
    return WORDS[name]


def why(name: Event, reason: str, data: Mapping[str, Any]) -> str:
    """The reason, where it is not the heading. Outcomes, stored by their names, read as words."""
    if _speaks_for_itself(name, reason, data):
        return ""
    outcome = data.get("outcome") or ""
    if outcome and reason.startswith(f"{outcome}:"):
        return reason.replace(outcome, OUTCOMES[outcome], 1)
    return reason


def whereto(name: Event, data: Mapping[str, Any], zone: str, now: datetime) -> str:
    """Where it led, or nothing: a time on the clock of ``zone``, a place in line."""
    if name in _TO and data.get("to"):
        return f"to {day_and_time(datetime.fromisoformat(data['to']), zone, now)}"
    if name is Event.BUMP:
        return "up" if data["to"] > data["from"] else "down"
    if name is Event.ROLL and data.get("callable_from"):
        start = datetime.fromisoformat(data["callable_from"])
        return f"callable from {day_and_time(start, zone, now)}"
    if name is Event.CALL_AGAIN and data.get("wall"):
        return f"for {said(datetime.fromisoformat(data['wall']), data['zone'])}"
    return ""


def _speaks_for_itself(name: Event, reason: str, data: Mapping[str, Any]) -> bool:
    """Notes, and what changed about the waiting that is no calling window."""
    rolled = name is Event.ROLL and "callable_from" not in data
    return bool(reason) and (name is Event.NOTE or rolled)
