"""One line of the supervisors' queue, put into words for a viewer in a zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from callbacks import cases
from callbacks.models import Callback
from callbacks.queue import CALL_NOW
from callbacks.rules import words
from callbacks.rules.attention import ZONE_UNKNOWN
from callbacks.rules.gate import Blocked, Reason, Verdict
from callbacks.rules.states import FINAL, PENDING, State


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue, in words."""

    callback: Callback
    promise: words.Chip
    marks: list[words.Chip]
    due: str
    due_there: str
    why: str
    why_more: str
    gate: words.Chip
    attention: words.Chip | None
    until: str
    blocked: bool

    @property
    def mark(self) -> str:
        """See ``mark_of``."""
        return mark_of(self.callback)


def mark_of(one: Callback) -> str:
    """Changes with whatever a row says that is not drawn anew in its place."""
    said = (one.due_at, one.number_id, one.campaign_id, one.kind, one.about, one.trigger_outcome,
            one.retry_number, one.retry_max)  # fmt: skip
    return f"{crc32(repr(said).encode()):x}"


def rows_of(callbacks: Sequence[Callback], zone: str, now: datetime) -> list[Row]:
    """The rows of callbacks, their verdicts read in one go."""
    verdicts = cases.verdicts(one.pk for one in callbacks)
    return [row_of(one, verdicts[one.pk], zone, now) for one in callbacks]


def row_of(callback: Callback, verdict: Verdict, zone: str, now: datetime) -> Row:
    """The row of a callback for a viewer in the zone."""
    there = callback.contact.zone
    label = words.retry_label(callback.retry_number, callback.retry_max)
    outcome = words.OUTCOMES.get(callback.trigger_outcome, "")
    return Row(
        callback=callback,
        promise=_promise(callback, now),
        marks=_marks(callback, now),
        due=words.moment(callback.due_at, zone, now),
        due_there=words.beside(callback.due_at, there, zone) if there else "zone not known",
        why=outcome if label else callback.get_kind_display(),
        why_more=label or callback.subject[:60],
        gate=_gate(callback, verdict, now),
        attention=_attention(callback, verdict),
        until=_personal_until(callback, zone, now),
        blocked=isinstance(verdict, Blocked),
    )


def _promise(callback: Callback, now: datetime) -> words.Chip:
    if callback.state in FINAL:
        icon = "check" if callback.state == State.COMPLETED else "x"
        return words.Chip("neutral", icon, callback.state.capitalize())
    return words.promise(callback.due_at, callback.promised_from, now, callback.campaign.lead)


def _marks(callback: Callback, now: datetime) -> list[words.Chip]:
    """What sets a row apart: stale, called now, moved up or down in line."""
    if callback.state not in PENDING:
        return []
    found = []
    if stale := words.stale(callback.due_at, now, callback.campaign.stale_days):
        found.append(stale)
    if callback.priority >= CALL_NOW:
        found.append(words.Chip("due", "phone", "Call now"))
    elif callback.priority:
        way = "up" if callback.priority > 0 else "down"
        found.append(words.Chip("neutral", way, f"{way.capitalize()} {abs(callback.priority)}"))
    return found


def _attention(callback: Callback, verdict: Verdict) -> words.Chip | None:
    known = isinstance(verdict, Blocked) and verdict.reason is Reason.ZONE_UNKNOWN
    if not callback.attention or (known and callback.attention == ZONE_UNKNOWN):
        return None  # the verdict says it already
    return words.Chip("risk", "alarm", callback.attention)


def _personal_until(callback: Callback, zone: str, now: datetime) -> str:
    """``until 09:30`` while it waits for one agent alone."""
    if callback.agent_id or not callback.reserved_for_id or not callback.reserved_until:
        return ""
    return f"until {words.moment(callback.reserved_until, zone, now)}"


def _gate(callback: Callback, verdict: Verdict, now: datetime) -> words.Chip:
    if callback.state == State.OFFERED and callback.offer_expires_at:
        left = max(0, int((callback.offer_expires_at - now).total_seconds()))
        return words.Chip(
            "due", "phone", f"Offered to {callback.agent}, {left // 60}:{left % 60:02d} left"
        )
    if callback.state == State.WORKING:
        return words.Chip("due", "phone", f"In hand: {callback.agent}")
    if callback.state in FINAL:
        return words.Chip("neutral", "clock", "Waits no longer")
    return words.verdict(
        verdict,
        callback.contact.zone,
        now,
        paused_by=callback.campaign.paused_by,
        callable_from=callback.callable_from,
    )
