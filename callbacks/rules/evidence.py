"""What the gate knew when it decided about a dial, in words: the reading of ``gate.inputs``."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from contacts.rules.timezones import city

Pair = tuple[str, str]
_ZONES_SHOWN = 2


def evidence(known: Mapping[str, Any]) -> list[Pair]:
    """What was looked at and what it said, in the order in which the gate asks."""
    return [
        ("Do not call", "on the list" if known.get("do_not_call") else "not on the list"),
        ("Number", "in service" if known.get("number_valid", True) else "not in service"),
        ("Campaign", "calls" if known.get("campaign_dials", True) else "paused"),
        *_hours(known),
        ("Caps", _caps(known)),
        ("Other calls", "one was going on" if known.get("live_call") else "none going on"),
    ]


def _hours(known: Mapping[str, Any]) -> list[Pair]:
    zones = known.get("zones", [])
    if not zones:
        return [("Clock", "zone not known")]
    found = [(city(one["zone"]), _at(one)) for one in zones[:_ZONES_SHOWN]]
    if len(zones) > _ZONES_SHOWN:
        found.append(("And", f"{len(zones) - _ZONES_SHOWN} more zones that it could be in"))
    if known.get("own_time"):
        found.append(("Time", "chosen by the customer"))
    return found


def _at(zone: Mapping[str, Any]) -> str:
    wall = datetime.fromisoformat(zone["wall"])
    rules = ", ".join(zone.get("profiles", [])) or "ordinary hours"
    quiet, campaign = _ranges(zone["quiet_hours"]), _ranges(zone["campaign_hours"])
    return f"{wall:%a %H:%M}; may be called {quiet} ({rules}), campaign open {campaign}"


def _ranges(minutes: Sequence[Sequence[int]]) -> str:
    if not minutes:
        return "not at all that day"
    return " and ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _caps(known: Mapping[str, Any]) -> str:
    caps = known.get("caps", [])
    if not caps:
        return "no limit"
    now = datetime.fromisoformat(known["now"])
    dials = [datetime.fromisoformat(one) for one in known.get("dialled_at", [])]
    return ", ".join(
        f"{sum(one > now - timedelta(seconds=span) for one in dials)} of {at_most} in {_span(span)}"
        for at_most, span in caps
    )


def _span(seconds: int) -> str:
    hours = seconds // 3600
    return f"{hours} h" if hours <= 48 else f"{hours // 24} days"
