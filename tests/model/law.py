"""What the model may expect, worked out on a wall clock and nothing of the product.

``Memory`` is what the model knows because it did it, or saw it on the telephone bill.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

LONDON, NEW_YORK = "Europe/London", "America/New_York"
QUIET = (8 * 60, 20 * 60 + 55)  # 08:00 to 21:00, five minutes early
WORK_DAYS, EVERY_DAY = frozenset(range(5)), frozenset(range(7))


@dataclass(frozen=True)
class Terms:
    """A campaign of the model: its hours in minutes, and how often it calls."""

    slug: str
    zone: str
    days: frozenset[int]
    ranges: tuple[tuple[int, int], ...]
    retries: Mapping[str, tuple[tuple[int, ...], int]]
    honours_own_time: bool = False
    dial_cap: int | None = None
    per_day: int | None = None


DEFAULT = {
    "voicemail": ((1440,), 3),
    "no_answer": ((1440,), 3),
    "busy": ((60,), 5),
    "network_error": ((30,), 3),
}
PLAIN = Terms("plain", "", WORK_DAYS, ((540, 1020),), DEFAULT)
EAGER = Terms(
    "eager", LONDON, EVERY_DAY, ((420, 780), (810, 1320)),
    {"no_answer": ((1440,), 3), "busy": ((60, 240), 2), "voicemail": ((30,), 1)},
    honours_own_time=True, dial_cap=4, per_day=3,
)  # fmt: skip


@dataclass(frozen=True)
class Dial:
    """A dial that the model asked for."""

    callback_id: int
    version: int
    contact_id: int
    terms: Terms
    at: datetime
    early: bool


@dataclass
class Memory:
    """What happened so far, by number, contact, callback, event and key."""

    forbidden: set[tuple[int, str]] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)
    zones: dict[int, str] = field(default_factory=dict)
    own_until: dict[int, datetime] = field(default_factory=dict)
    own_before: dict[int, datetime] = field(default_factory=dict)
    began: dict[int, datetime] = field(default_factory=dict)
    asked: dict[UUID, Dial] = field(default_factory=dict)
    billed: dict[UUID, datetime] = field(default_factory=dict)

    def is_forbidden(self, number_id: int, slug: str) -> bool:
        """Whether the number was put on a list that concerns the campaign."""
        return bool(self.forbidden & {(number_id, ""), (number_id, slug)})


@dataclass(frozen=True)
class Question:
    """May this be dialled at that moment?"""

    callback_id: int
    contact_id: int
    number_id: int
    number_valid: bool
    terms: Terms
    at: datetime
    live_call: bool


def blocked_by(memory: Memory, it: Question) -> str:
    """The first reason against the dial, in the order of RULES 4; empty: it is allowed."""
    own = it.terms.honours_own_time and it.callback_id in memory.own_until
    wished = own and it.at <= memory.own_until[it.callback_id]
    reasons = {
        "do_not_call": memory.is_forbidden(it.number_id, it.terms.slug),
        "invalid_number": not it.number_valid,
        "campaign_paused": it.terms.slug in memory.paused,
        "closed": not wished and not is_open(it.terms, memory.zones[it.contact_id], it.at),
        "frequency_cap": _often_enough(memory, it),
        "live_call": it.live_call,
    }
    return next((name for name, holds in reasons.items() if holds), "")


def is_open(terms: Terms, zone: str, at: datetime) -> bool:
    """Whether a contact in the zone may be called, by what their clock and the campaign's say."""
    here, there = at.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(terms.zone or zone))
    awake = QUIET[0] <= here.hour * 60 + here.minute < QUIET[1]
    minute = there.hour * 60 + there.minute
    at_work = any(opens <= minute < closes for opens, closes in terms.ranges)
    return awake and at_work and there.weekday() in terms.days


def _often_enough(memory: Memory, it: Question) -> bool:
    if it.terms.per_day is None:
        return False
    since = it.at - timedelta(hours=24)
    dials = [one for one in memory.asked.values() if one.contact_id == it.contact_id]
    return sum(since < one.at < it.at for one in dials) >= it.terms.per_day
