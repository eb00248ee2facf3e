"""The figures of the wallboard in words: what is so, why, against which target, and its rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from agentdesk.floor import OnShift, ready, tally
from agentdesk.wallboard import AT_RISK, Figures, Line
from callbacks import queries
from callbacks.models import Callback
from callbacks.rules import words
from callbacks.rules.states import State
from callbacks.rules.words import Chip

# A promise stands for a window of 45 minutes (RULES 8); so late, it is worth nothing any more.
LONGEST = timedelta(minutes=45)
KEPT_PERCENT = 90
READY_SHARE = 4  # one agent in four
SHOWN_AGENTS = 18
_ON_TARGET = Chip("kept", "check", "On target")
_AT_RISK = Chip("risk", "alarm", "At risk")
_MISSED = Chip("overdue", "warning", "Missed")
_WAITS = {
    "callable": "callable now",
    "later": "callable later",
    "paused": "paused",
    "closed": "without a window",
    "offered": "offered",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One number to be read from afar, with the address of the rows that it counts."""

    key: str
    name: str
    value: str
    unit: str
    why: str
    target: str
    chip: Chip
    href: str

    @property
    def long(self) -> bool:
        """Whether it needs a smaller size to stay within its column."""
        return len(self.value) + len(self.unit) / 3 > 4.5


def wall(figures: Figures, zone: str) -> dict[str, Any]:
    """All that the page shows."""
    count = ready(figures.agents)
    return {
        "tiles": [
            _overdue(figures),
            _longest(figures),
            _next_hour(figures),
            _at_risk(figures),
            _kept(figures),
            _ready(figures),
        ],
        "promises": [_promise(one, figures.now, zone) for one in figures.coming],
        "agents": _shown(figures.agents),
        "more_agents": max(0, len(figures.agents) - SHOWN_AGENTS),
        "on_shift": len(figures.agents),
        "overdue_now": figures.overdue.count,
        "summary": f"{queries.said_count(figures.overdue.count)} overdue, "
        f"{count} {'agent' if count == 1 else 'agents'} ready",
    }


def _shown(agents: list[OnShift]) -> list[OnShift]:
    """As many as fit, in their order: where not all do, whoever needs somebody before the rest."""
    urgent = sorted(range(len(agents)), key=lambda place: agents[place].tone != "risk")
    return [agents[place] for place in sorted(urgent[:SHOWN_AGENTS])]


def _rows(**query: str) -> str:
    return f"{reverse('queue')}?{urlencode(query)}"


def _waits(line: Line) -> str:
    """``3 callable now, 2 paused``: most of them first."""
    kinds = sorted(line.groups.items(), key=lambda item: (-item[1].count, item[0]))
    text = ", ".join(f"{one.count:,} {_WAITS[kind]}" for kind, one in kinds)
    return f"Of the earliest: {text}" if line.count > queries.COUNT_CAP else text


def _overdue(figures: Figures) -> Tile:
    line = figures.overdue
    return Tile(
        "overdue",
        "Overdue now",
        queries.said_count(line.count),
        "",
        _waits(line) or "Nothing is overdue",
        "Target 0",
        _MISSED if line.count else _ON_TARGET,
        _rows(view="overdue"),
    )


def _longest(figures: Figures) -> Tile:
    callable_now = figures.longest_callable
    name = "Longest overdue, callable" if callable_now else "Longest overdue"
    href = _rows(view="overdue", **({"gate": "callable"} if callable_now else {}))
    limit = f"Limit {words.duration(LONGEST)}"
    one = figures.longest
    if one is None:
        return Tile("longest", name, "0", "min", "Nothing is overdue", limit, _ON_TARGET, href)
    late = figures.now - one.due_at
    value, unit = _split(late)
    why = f"{one.contact}, {one.campaign}" + ("" if callable_now else ". None may be called now")
    chip = _MISSED if late > LONGEST else _AT_RISK if late > LONGEST * 2 / 3 else _ON_TARGET
    return Tile("longest", name, value, unit, why, limit, chip, href)


def _split(length: timedelta) -> tuple[str, str]:
    """A duration as a large number and what follows it."""
    if length < timedelta(minutes=1):
        return "0", "min"
    value, _, unit = words.duration(length).partition(" ")
    return value, unit


def _next_hour(figures: Figures) -> Tile:
    due, room = figures.next_hour.count, figures.places
    free = room - due
    if due > queries.COUNT_CAP:
        why = "Far more than there are places"
    elif free < 0:
        why = f"{-free:,} more than there are places"
    else:
        why = f"{free:,} {'place' if free == 1 else 'places'} still free"
    return Tile(
        "next-hour",
        "Due next hour, places",
        queries.said_count(due),
        f"of {room:,}",
        why,
        f"{len(figures.agents)} on shift",
        _AT_RISK if free < 0 else _ON_TARGET,
        _rows(view="all", due_within="60"),
    )


def _at_risk(figures: Figures) -> Tile:
    minutes = AT_RISK // timedelta(minutes=1)
    count = figures.next_hour.at_risk
    return Tile(
        "at-risk",
        "Promises at risk",
        queries.said_count(count),
        "",
        f"Due within {minutes} min, accepted by nobody",
        "Target 0",
        _AT_RISK if count else _ON_TARGET,
        _rows(view="all", due_within=str(minutes)),
    )


def _kept(figures: Figures) -> Tile:
    kept = figures.kept
    percent = kept.percent
    if percent is None:
        value, unit, why, chip = (
            "–",
            "",
            "Nothing closed yet today",
            Chip("neutral", "clock", "Not yet"),
        )
    else:
        # Cut, not rounded: 99.96 % is not every promise.
        value, unit = f"{int(percent * 10) / 10:g}", "%"
        of = "of" if kept.whole else "of the latest"
        why = f"{kept.in_time:,} {of} {kept.ended:,}, {kept.ended - kept.in_time:,} late"
        chip = _ON_TARGET if percent >= KEPT_PERCENT else _MISSED
    target = f"Target {KEPT_PERCENT} %"
    return Tile("kept", "Promises kept today", value, unit, why, target, chip, _rows(view="today"))


def _ready(figures: Figures) -> Tile:
    count, everybody = ready(figures.agents), len(figures.agents)
    target = max(1, ceil(everybody / READY_SHARE))
    chip = _ON_TARGET if count >= target else _AT_RISK if count else _MISSED
    if not everybody:
        chip = Chip("neutral", "users", "Nobody there")
    others = [f"{many} {doing}" for doing, many in tally(figures.agents) if doing != "ready"]
    why = ", ".join(others) or ("Everybody is ready" if everybody else "No desk is connected")
    unit = f"of {everybody}"
    return Tile("ready", "Agents ready", f"{count}", unit, why, f"Target {target}", chip, "#agents")


def _promise(callback: Callback, now: datetime, zone: str) -> dict[str, Any]:
    """One of the next promises: until when, who, and how much time is left."""
    left = callback.due_at - now
    chip = Chip("due", "clock", words.duration(left))
    if callback.state == State.WORKING:
        chip = Chip("due", "phone", "In hand")
    elif left < AT_RISK:
        chip = Chip("risk", "alarm", words.duration(left))
    return {
        "callback": callback,
        "at": words.day_and_time(callback.due_at, zone, now),
        "chip": chip,
    }
