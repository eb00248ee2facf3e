"""May this number be dialled now? One function for every path (RULES 4).

Facts in, a verdict out. It is asked twice: in the claim's transaction and again just before the
dialer is asked, and its reason is shown wherever the callback is.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from campaigns.rules.caps import free_at
from campaigns.rules.spans import zone_info
from campaigns.rules.windows import Window


class Reason(StrEnum):
    """Why a dial is blocked, in the order in which the gate asks."""

    DO_NOT_CALL = "do_not_call"
    INVALID_NUMBER = "invalid_number"
    CAMPAIGN_PAUSED = "campaign_paused"
    ZONE_UNKNOWN = "zone_unknown"
    CLOSED = "closed"
    FREQUENCY_CAP = "frequency_cap"
    LIVE_CALL = "live_call"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Dial. ``until`` is when the window closes; ``by_wish`` when only the customer's own choice
    of time allows it outside the window."""

    until: datetime | None
    by_wish: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """Do not dial for ``reason``; ``until`` is when that ends by itself, None when it does not."""

    reason: Reason
    until: datetime | None = None


Verdict = Allowed | Blocked


class BlockedError(Exception):
    """The gate does not allow the call now; the message says why, in words. Nothing changed."""

    def __init__(self, message: str, verdict: Blocked) -> None:
        super().__init__(message)
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate looks at.

    ``own_time`` says that the customer chose the time themselves and the campaign honours that
    outside the window: it opens nothing but the window. ``dialled_at`` are the dials to the contact
    within the longest frequency cap, across campaigns. ``live_call``: another call with the contact
    may be going on.
    """

    now: datetime
    do_not_call: bool
    number_valid: bool
    campaign_dials: bool
    window: Window
    own_time: bool = False
    dialled_at: tuple[datetime, ...] = ()
    live_call: bool = False


def decide(facts: GateFacts) -> Verdict:
    """The verdict: DNC, number, campaign, the contact's window, frequency caps, a live call."""
    if facts.do_not_call:
        return Blocked(Reason.DO_NOT_CALL)
    if not facts.number_valid:
        return Blocked(Reason.INVALID_NUMBER)
    if not facts.campaign_dials:
        return Blocked(Reason.CAMPAIGN_PAUSED)
    if not facts.window.zones:
        return Blocked(Reason.ZONE_UNKNOWN)
    span = facts.window.span_at(facts.now)
    if span is None and not facts.own_time:
        opening = facts.window.next_span(facts.now)
        return Blocked(Reason.CLOSED, opening.start if opening else None)
    free = free_at(facts.window.caps_at(facts.now), facts.dialled_at, facts.now)
    if free:
        return Blocked(Reason.FREQUENCY_CAP, free)
    if facts.live_call:
        return Blocked(Reason.LIVE_CALL)
    return Allowed(span.end if span else None, by_wish=span is None)


def inputs(facts: GateFacts) -> dict[str, Any]:
    """The facts as plain data, to be kept beside a decision: who asks later sees what was known."""
    window = facts.window
    days = {zone: facts.now.astimezone(zone_info(zone)) for zone in window.zones}
    return {
        "now": facts.now,
        "do_not_call": facts.do_not_call,
        "number_valid": facts.number_valid,
        "campaign_dials": facts.campaign_dials,
        "own_time": facts.own_time,
        "live_call": facts.live_call,
        "campaign_zone": window.campaign_zone,
        "country": window.quiet.country,
        "quiet_margin": int(window.quiet.margin.total_seconds()),
        "zones": [
            {
                "zone": zone,
                "wall": here.isoformat(timespec="seconds"),
                "quiet_hours": window.quiet.ranges(here.date()),
                "campaign_hours": window.campaign.ranges(
                    facts.now.astimezone(zone_info(window.campaign_zone or zone)).date()
                ),
                "profiles": [
                    one.name for one in window.quiet.profiles if one.in_force(here.date())
                ],
            }
            for zone, here in days.items()
        ],
        "caps": [[cap.dials, int(cap.span.total_seconds())] for cap in window.caps_at(facts.now)],
        "dialled_at": sorted(facts.dialled_at),
    }
