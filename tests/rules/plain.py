"""Plain text for the things that rules are about, shared by tests and examples."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from campaigns.rules.hours import HourRange, Hours
from campaigns.rules.spans import Span

WEEKDAYS, EVERY_DAY = range(5), range(7)


def utc(text: str) -> datetime:
    """The instant ``2026-11-20 09:00``, seconds as wanted, in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")


def local(text: str, zone: str, *, fold: int = 0) -> datetime:
    """The instant at which the clock of the zone reads this; ``fold`` 1 is the second time."""
    here = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return here.astimezone(UTC)


def reads(instant: datetime, zone: str) -> str:
    """What the clock of the zone reads: ``Sun 8 Mar 03:30``, with seconds only where it has any."""
    here = instant.astimezone(ZoneInfo(zone))
    seconds = f":{here:%S}" if here.second else ""
    return f"{here:%a} {here.day} {here:%b} {here:%H:%M}{seconds}"


def hours(*pairs: tuple[float, float], days: range = EVERY_DAY) -> Hours:
    """Ranges in hours of the day, the same on each of these weekdays; Monday is 0."""
    return tuple(
        HourRange(day, round(opens * 60), round(closes * 60))
        for day in days
        for opens, closes in pairs
    )


def span(starts: str, ends: str) -> Span:
    """A span between two UTC instants."""
    return Span(utc(starts), utc(ends))
