"""When a call is due and when the machine may dial for it, by the rules of the product."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.models import Callback
from campaigns.models import Campaign
from campaigns.rules.windows import Window, callable_span


@dataclass(frozen=True, slots=True)
class Promise:
    """The columns of a callback that say when."""

    due_at: datetime
    callable_from: datetime | None = None
    callable_until: datetime | None = None
    promised_from: datetime | None = None
    promised_until: datetime | None = None
    own_time: bool = False
    said_wall: str = ""
    said_zone: str = ""

    def write(self, callback: Callback) -> None:
        """Make it the callback's promise, in place of an earlier one."""
        for name in self.__slots__:
            setattr(callback, name, getattr(self, name))


def soon(asked_at: datetime, minutes: int, until: datetime) -> Promise:
    """As soon as possible, within so many minutes; the line closes at ``until``."""
    latest = asked_at + timedelta(minutes=minutes)
    return Promise(latest, asked_at, until, asked_at, latest, own_time=True)


def wished(campaign: Campaign, window: Window, due_at: datetime, zone: str) -> Promise:
    """The time that the customer chose on their clock."""
    outside = window.span_at(due_at) is None
    span = callable_span(window, due_at, campaign.lead, due_at - campaign.lead)
    within = span if not outside else None
    return Promise(
        due_at,
        within.start if within else due_at - campaign.lead,
        within.end if within else None,
        due_at,
        due_at + timedelta(minutes=campaign.window_minutes),
        own_time=True,
        said_wall=wall_at(due_at, zone),
        said_zone=zone,
    )


def by_machine(
    campaign: Campaign, window: Window, wanted_at: datetime, asked_at: datetime
) -> Promise:
    """A time that the product or an agent chose, moved forward into the calling window."""
    opening = window.next_span(wanted_at)
    due_at = max(wanted_at, opening.start) if opening else wanted_at
    span = callable_span(window, due_at, campaign.lead, asked_at)
    return Promise(due_at, span.start if span else None, span.end if span else None)


def wall_at(instant: datetime, zone: str) -> str:
    """The wall-clock time there, as the product stores what was said."""
    here = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return here.isoformat(timespec="minutes")
