"""The life of a callback as data: which event leads from which state to which (RULES 1).

``TRANSITIONS`` is the whole table. Whoever asks for anything else is refused, and nothing changes.
"""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """The states of a callback; ``scheduled`` is what the queue calls pending."""

    SCHEDULED = "scheduled"
    OFFERED = "offered"
    WORKING = "working"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"


ACTIVE = frozenset({State.SCHEDULED, State.OFFERED, State.WORKING})
FINAL = frozenset(State) - ACTIVE
PENDING = frozenset({State.SCHEDULED, State.OFFERED})
HELD = frozenset({State.OFFERED, State.WORKING})


class Event(StrEnum):
    """What can happen to a callback, as its event rows name it."""

    REQUEST = "request"
    OFFER = "offer"
    RESCHEDULE = "reschedule"
    SKIP = "skip"
    MERGE = "merge"
    ROLL = "roll"
    CANCEL = "cancel"
    COMPLETE = "complete"
    EXPIRE = "expire"
    ACCEPT = "accept"
    REJECT = "reject"
    TIME_OUT = "time_out"
    WITHDRAW = "withdraw"
    RELEASE = "release"
    CALL_NOW = "call_now"
    REASSIGN = "reassign"
    BUMP = "bump"
    REOPEN = "reopen"
    UNDO = "undo"
    RETRY = "retry"
    EXHAUST = "exhaust"
    CALL_AGAIN = "call_again"
    DONE = "done"
    GIVE_UP = "give_up"
    # These two change nothing but the story: the state stays what it is.
    NOTE = "note"
    CANCEL_ASKED = "cancel_asked"


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.SCHEDULED, Event.OFFER): State.OFFERED,
    (State.SCHEDULED, Event.RESCHEDULE): State.SCHEDULED,
    (State.SCHEDULED, Event.SKIP): State.SCHEDULED,
    (State.SCHEDULED, Event.MERGE): State.SCHEDULED,
    (State.SCHEDULED, Event.ROLL): State.SCHEDULED,
    (State.SCHEDULED, Event.CALL_NOW): State.SCHEDULED,
    (State.SCHEDULED, Event.REASSIGN): State.SCHEDULED,
    (State.SCHEDULED, Event.BUMP): State.SCHEDULED,
    (State.SCHEDULED, Event.NOTE): State.SCHEDULED,
    (State.SCHEDULED, Event.EXHAUST): State.EXHAUSTED,
    (State.SCHEDULED, Event.CANCEL): State.CANCELLED,
    (State.SCHEDULED, Event.COMPLETE): State.COMPLETED,
    (State.SCHEDULED, Event.EXPIRE): State.EXPIRED,
    (State.OFFERED, Event.ACCEPT): State.WORKING,
    (State.OFFERED, Event.REJECT): State.SCHEDULED,
    (State.OFFERED, Event.TIME_OUT): State.SCHEDULED,
    (State.OFFERED, Event.WITHDRAW): State.SCHEDULED,
    (State.OFFERED, Event.MERGE): State.OFFERED,
    (State.OFFERED, Event.CANCEL): State.CANCELLED,
    (State.WORKING, Event.MERGE): State.WORKING,
    (State.WORKING, Event.CANCEL_ASKED): State.WORKING,
    (State.WORKING, Event.NOTE): State.WORKING,
    (State.WORKING, Event.RELEASE): State.SCHEDULED,
    (State.WORKING, Event.RETRY): State.SCHEDULED,
    (State.WORKING, Event.CALL_AGAIN): State.SCHEDULED,
    (State.WORKING, Event.DONE): State.COMPLETED,
    (State.WORKING, Event.GIVE_UP): State.CANCELLED,
    (State.WORKING, Event.EXHAUST): State.EXHAUSTED,
    # The two ways back: "customer called" is undone within its ten minutes (RULES 5), and a
    # supervisor takes back within seconds what they have just done themselves.
    (State.COMPLETED, Event.REOPEN): State.SCHEDULED,
    (State.SCHEDULED, Event.UNDO): State.SCHEDULED,
    (State.COMPLETED, Event.UNDO): State.SCHEDULED,
    (State.CANCELLED, Event.UNDO): State.SCHEDULED,
    (State.EXHAUSTED, Event.UNDO): State.SCHEDULED,
}


class RefusedError(Exception):
    """The callback is not in a state that allows this. Nothing has changed.

    ``state`` is the state that it is in, ``code`` is stable: ``state``, ``stale`` (an older claim)
    or ``holder`` (it is in somebody else's hands).
    """

    def __init__(self, message: str, *, state: State | None, code: str = "state") -> None:
        super().__init__(message)
        self.state = state
        self.code = code


def sources(event: Event) -> tuple[State, ...]:
    """The states in which the event is allowed, in the order of the table."""
    return tuple(state for state, allowed in TRANSITIONS if allowed is event)


def target(state: State, event: Event) -> State:
    """The state that the event leads to. Raises RefusedError where the table has no such row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        verb = event.value.replace("_", " ")
        raise RefusedError(f"This callback is {state.value}: cannot {verb}", state=state) from None
