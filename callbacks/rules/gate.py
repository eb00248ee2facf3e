"""May this number be dialled now? One function for every path (RULES 4).

Facts in, a verdict out. It is asked twice: in the claim's transaction and again just before the
dialer is asked, and its reason is shown wherever the callback is.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.rules.windows import Window


class Reason(StrEnum):
    """Why a dial is blocked, in the order in which the gate asks."""

    DO_NOT_CALL = "do_not_call"
    INVALID_NUMBER = "invalid_number"
    CAMPAIGN_PAUSED = "campaign_paused"
    ZONE_UNKNOWN = "zone_unknown"
    CLOSED = "closed"


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


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate looks at.

    ``own_time`` says that the customer chose the time themselves and the campaign honours that
    outside the window. It opens nothing but the window.
    """

    now: datetime
    do_not_call: bool
    number_valid: bool
    campaign_dials: bool
    window: Window
    own_time: bool = False


def decide(facts: GateFacts) -> Verdict:
    """The verdict: DNC, number, campaign, then the contact's window."""
    if facts.do_not_call:
        return Blocked(Reason.DO_NOT_CALL)
    if not facts.number_valid:
        return Blocked(Reason.INVALID_NUMBER)
    if not facts.campaign_dials:
        return Blocked(Reason.CAMPAIGN_PAUSED)
    if not facts.window.zones:
        return Blocked(Reason.ZONE_UNKNOWN)
    span = facts.window.span_at(facts.now)
    if span:
        return Allowed(span.end)
    if facts.own_time:
        return Allowed(None, by_wish=True)
    opening = facts.window.next_span(facts.now)
    return Blocked(Reason.CLOSED, opening.start if opening else None)
