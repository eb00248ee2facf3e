"""The columns that a new time gives a callback (RULES 3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from callbacks.rules.attention import NO_HOURS
from campaigns.rules.spans import Span
from campaigns.rules.windows import Window, callable_span

PERSONAL_GRACE = timedelta(minutes=15)


def callable_columns(span: Span | None) -> dict[str, Any]:
    """When the machine may dial; never, where no window is known."""
    return {
        "callable_from": span.start if span else None,
        "callable_until": span.end if span else None,
    }


def new_time(window: Window, due_at: datetime, lead: timedelta, now: datetime) -> dict[str, Any]:
    """A time that is not the customer's own promise: a retry, a reschedule, a skip."""
    span = callable_span(window, due_at, lead, now)
    return {
        "due_at": due_at,
        **callable_columns(span),
        "promised_from": None,
        "promised_until": None,
        "own_time": False,
        "said_wall": "",
        "attention": "" if span else NO_HOURS,
    }


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, as far as it decides when the machine may dial.

    ``own_until`` is the end of the time that the customer chose and the campaign honours outside
    the window; None where they did not, or it has passed.
    """

    due_at: datetime
    promised_from: datetime | None
    lead: timedelta
    own_until: datetime | None = None


def span_of(promise: Promise, window: Window, now: datetime) -> Span | None:
    """When the machine may dial for a promise that stands, after hours, zones or time moved."""
    anchor = promise.promised_from or promise.due_at
    # "As soon as possible" began when it was asked for: nobody moves up in line by the lead.
    lead = promise.lead if anchor == promise.due_at else timedelta()
    own = promise.own_until
    if own is not None and now < own and window.span_at(anchor) is None:
        return Span(anchor - lead, own)
    return callable_span(window, anchor, lead, now)


def reserved(agent_id: int | None, due_at: datetime, now: datetime) -> dict[str, Any]:
    """For one agent until the grace after its time is over, or for anybody."""
    until = max(due_at, now) + PERSONAL_GRACE if agent_id is not None else None
    return {"reserved_for_id": agent_id, "reserved_until": until}
