"""The gate's reasons, one example each: the tests check them, docs/rules/gate.md shows them."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from callbacks.rules.gate import GateFacts, Reason
from campaigns.rules.caps import Cap
from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS
from tests.law import law, window_of
from tests.rules.examples.windows import LISBON
from tests.rules.plain import utc

NOON, NIGHT = utc("2026-11-20 12:00"), utc("2026-11-20 22:00")
WINDOW = replace(
    window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), (LISBON,)), caps=(Cap(3, timedelta(hours=24)),)
)
FINE = GateFacts(now=NOON, do_not_call=False, number_valid=True, campaign_dials=True, window=WINDOW)
# Three dials this morning: free when the first of them is 24 hours old.
THREE_DIALS = tuple(utc(f"2026-11-20 {time}") for time in ("11:30", "08:15", "10:00"))


@dataclass(frozen=True)
class Example:
    """What differs from a call that is fine, and what the gate says. ``until`` is UTC."""

    fact: str
    reason: Reason | None
    changes: dict[str, Any]
    words: str
    until: str | None = None
    by_wish: bool = field(default=False)

    @property
    def facts(self) -> GateFacts:
        """The facts of a call at noon in Lisbon, changed."""
        return replace(FINE, **self.changes)


# Each reason with the one fact that causes it, in the order in which the gate asks.
BLOCKED = (
    Example("the number is on the do-not-call list, for all campaigns or for this one",
            Reason.DO_NOT_CALL, {"do_not_call": True}, "Must not be called: do not call"),
    Example("a call found the number not in service", Reason.INVALID_NUMBER,
            {"number_valid": False}, "The number is not in service"),
    Example("the campaign is paused", Reason.CAMPAIGN_PAUSED, {"campaign_dials": False},
            "Campaign paused by Priya Nair"),
    Example("nobody knows in which zone the contact is", Reason.ZONE_UNKNOWN,
            {"window": replace(WINDOW, zones=())},
            "Zone not known: choose one to allow the call"),
    Example("it is 22:00 in Lisbon", Reason.CLOSED, {"now": NIGHT},
            "Not before Sat 21 Nov, 08:00 in Lisbon: quiet hours", "2026-11-21 08:00"),
    Example("three dials within 24 hours, the first at 08:15", Reason.FREQUENCY_CAP,
            {"dialled_at": THREE_DIALS},
            "Not before Sat 21 Nov, 08:15 in Lisbon: called often enough", "2026-11-21 08:15"),
    Example("another call with the contact may be going on", Reason.LIVE_CALL,
            {"live_call": True}, "Another call with this contact is going on"),
)  # fmt: skip
ALLOWED = (
    Example("nothing differs: noon in Lisbon", None, {}, "Callable now, until 20:55 in Lisbon",
            "2026-11-20 20:55"),
    Example("22:00, a time that the customer chose", None, {"now": NIGHT, "own_time": True},
            "Callable now: the customer chose this time", by_wish=True),
    Example("two dials within 24 hours", None, {"dialled_at": THREE_DIALS[:2]},
            "Callable now, until 20:55 in Lisbon", "2026-11-20 20:55"),
)  # fmt: skip
