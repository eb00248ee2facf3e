"""What a customer reads about their call, state by state."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.models import Callback
from callbacks.rules.states import State


@dataclass(frozen=True, slots=True)
class Status:
    """A headline, an explanation, and the window when one is promised, with its zone."""

    headline: str
    detail: str
    zone: str
    start: datetime | None = None
    end: datetime | None = None
    can_cancel: bool = False
    live: bool = False


def status_of(callback: Callback, now: datetime, *, forbidden: bool = False) -> Status:
    """The state of the promise in the customer's words.

    ``forbidden``: the number is on the do-not-call list, which stands above everything else.
    """
    zone = callback.said_zone or callback.contact.zone or callback.campaign.shown_zone
    if forbidden:
        return _forbidden(callback, zone)
    if callback.state in (State.SCHEDULED, State.OFFERED):
        return _waiting(callback, now, zone)
    if callback.state == State.WORKING:
        detail = (
            "You asked to cancel. The person who has your matter open knows."
            if callback.cancel_asked_at
            else "Somebody has your matter open and is about to call, or is calling."
        )
        return Status(
            "We are on it now", detail, zone,
            can_cancel=callback.cancel_asked_at is None, live=True,
        )  # fmt: skip
    headline, detail = {
        State.COMPLETED: ("We have spoken", "This call is done. Ask again whenever you need to."),
        State.CANCELLED: ("This call is cancelled", "We will not call about it."),
        State.EXHAUSTED: ("We could not reach you", "We tried several times. Ask for a new call."),
        State.EXPIRED: ("This call was not made", "It was too late to be of use. Ask anew."),
    }[State(callback.state)]
    return Status(headline, detail, zone)


def _forbidden(callback: Callback, zone: str) -> Status:
    detail = (
        "The person who has your matter open knows. No further call is started."
        if callback.state == State.WORKING
        else "What was pending to it is cancelled."
    )
    return Status("We will not call you again", detail, zone, live=callback.state == State.WORKING)


def _waiting(callback: Callback, now: datetime, zone: str) -> Status:
    start = callback.promised_from or callback.due_at
    end = callback.promised_until or start + timedelta(minutes=callback.campaign.window_minutes)
    if end < now:
        detail = "We are late, and sorry. You keep your place: you are called next."
        return Status("We are late", detail, zone, can_cancel=True, live=True)
    detail = ""
    if callback.retry_number:
        detail = "We rang and did not reach you, so we try again."
    return Status("We will call you", detail, zone, start, end, can_cancel=True, live=True)
