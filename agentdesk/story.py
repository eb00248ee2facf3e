"""The story of one callback: what happened, what was decided at the telephone, what may be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agentdesk.forms import DoNotCallForm, ZoneForm
from agentdesk.models import User
from agentdesk.rows import Row, rows_of
from callbacks.actions.inbound import CUSTOMER_CALLED, UNDO
from callbacks.models import Attempt, Callback, CallbackEvent, DialDecision
from callbacks.rules import telling, words
from callbacks.rules.evidence import Pair, evidence
from callbacks.rules.gate import Blocked, Reason
from callbacks.rules.states import ACTIVE, PENDING, Event, State
from contacts.rules.timezones import ZoneSource, city

SHOWN = 20  # dials, decisions: the latest
_TONES = {State.COMPLETED: "kept", State.CANCELLED: "neutral", State.EXHAUSTED: "risk"}
# Whoever has no name. What the machine does says why, not by whom.
_WHO = {"customer": "Customer", "agent": "Agent", "supervisor": "Supervisor", "api": "API"}
_FROM = {
    ZoneSource.SAID: "Zone said by the customer",
    ZoneSource.ADDRESS: "Zone from their address",
    ZoneSource.SUPERVISOR: "Zone chosen by a supervisor",
    ZoneSource.BROWSER: "Zone from their browser",
    ZoneSource.NUMBER: "Zone from the number",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    when: str
    what: str
    detail: str
    tone: str


@dataclass(frozen=True, slots=True)
class Dial:
    """One call: when, how it ended, who made it, and for how long they talked in seconds."""

    at: datetime
    when: str
    ending: str
    agent: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate said when a call was asked for, and what was known."""

    at: datetime
    when: str
    chip: words.Chip
    known: list[Pair]


@dataclass(frozen=True, slots=True)
class Story:
    """All that the story of a callback shows."""

    row: Row
    pending: bool
    zone_from: str
    asked: str
    said: str
    lines: list[Line]
    dials: list[Dial]
    decisions: list[Decision]
    undo_left: str
    zone_form: ZoneForm | None
    do_not_call: DoNotCallForm


def story_of(callback: Callback, user: User, now: datetime) -> Story:
    """The story as it is now, for a viewer: seven queries, however long it is."""
    events = list(callback.events.select_related("actor").order_by("id"))
    decisions = callback.decisions.order_by("-id")[:SHOWN]
    dials = callback.attempts.select_related("agent").order_by("-id")[:SHOWN]
    return Story(
        row=rows_of([callback], user.zone, now)[0],
        pending=callback.state in PENDING,
        zone_from=_zone_from(callback),
        asked=words.moment(callback.created_at, user.zone, now),
        said=_said(callback),
        lines=[_line(event, user.zone, now) for event in events],
        dials=[_dial(one, user.zone, now) for one in dials],
        decisions=[_decision(one, callback, user.zone, now) for one in decisions],
        undo_left=_undo_left(events, now),
        zone_form=ZoneForm.about([callback]) if _needs_zone(callback) else None,
        do_not_call=DoNotCallForm.about([callback]),
    )


def _zone_from(callback: Callback) -> str:
    zones = callback.contact.zones
    if len(zones) > 1:
        return f"The number could be in {len(zones)} zones: all of them have to be open"
    return _FROM.get(ZoneSource(callback.contact.zone_source), "") if zones else ""


def _said(callback: Callback) -> str:
    """The time that somebody named, as they named it; empty where it was left to us."""
    if not callback.said_wall:
        return ""
    return words.said(datetime.fromisoformat(callback.said_wall), callback.said_zone)


def _needs_zone(callback: Callback) -> bool:
    return callback.state in ACTIVE and len(callback.contact.zones) != 1


def _line(event: CallbackEvent, zone: str, now: datetime) -> Line:
    name = Event(event.name)
    who = str(event.actor) if event.actor else _WHO.get(event.actor_kind, "")
    why = telling.why(name, event.reason, event.data)
    said = ": ".join(text for text in (who, why) if text)
    whereto = telling.whereto(name, event.data, zone, now)
    return Line(
        at=event.at,
        when=words.moment(event.at, zone, now),
        what=telling.what(name, event.reason, event.data),
        detail=", ".join(text for text in (said, whereto) if text),
        tone=_TONES.get(State(event.to_state), "") if event.to_state else "",
    )


def _dial(attempt: Attempt, zone: str, now: datetime) -> Dial:
    return Dial(
        attempt.intended_at,
        words.moment(attempt.intended_at, zone, now),
        words.OUTCOMES.get(attempt.outcome, "") or attempt.get_state_display().capitalize(),
        str(attempt.agent or ""),
        words.talked(attempt.answered_at, attempt.ended_at),
    )


def _decision(decision: DialDecision, callback: Callback, zone: str, now: datetime) -> Decision:
    there = callback.contact.zone
    if decision.allowed:
        until = decision.until
        open_until = f" until {words.moment(until, there, decision.at)}" if until and there else ""
        chip = words.Chip("kept", "shield", "Allowed" + open_until + _in(there, open_until))
    else:
        blocked = Blocked(Reason(decision.reason), decision.until)
        chip = words.verdict(blocked, there, decision.at, callable_from=None)
    return Decision(
        decision.at, words.moment(decision.at, zone, now), chip, evidence(decision.inputs)
    )


def _in(zone: str, said: str) -> str:
    return f" in {city(zone)}" if said else ""


def _undo_left(events: Sequence[CallbackEvent], now: datetime) -> str:
    """How long "customer called" can still be taken back, in words; empty when it cannot."""
    last: Any = events[-1] if events else None
    if last is None or last.name != Event.COMPLETE or last.reason != CUSTOMER_CALLED:
        return ""
    left = last.at + UNDO - now
    return f"{words.duration(left)} left" if left.total_seconds() > 0 else ""
