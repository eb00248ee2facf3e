"""An oracle for calling windows that knows nothing of spans: it reads wall clocks.

Every quarter of an hour of a week is judged by itself: what do the clocks of the contact say at
that instant, and in the five minutes after it? A week is a number with a bit for each quarter.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from phonenumbers.tzdata import TIMEZONE_DATA

from campaigns.rules.spans import Span
from contacts.rules.timezones import is_zone

QUARTER, MINUTE = timedelta(minutes=15), timedelta(minutes=1)
QUARTERS = 7 * 24 * 4
MARGIN_MINUTES = 5
Ranges = tuple[tuple[int, int, int], ...]  # weekday, from, to: minutes after midnight
# Around the changes of Europe: for sets in which no clock changes in the two years.
ORDINARY_WEEKS = (date(2026, 3, 26), date(2026, 10, 22))
YEARS = (2026, 2027)


@dataclass(frozen=True)
class Law:
    """Hours written down as plain ranges, and the days on which everything is closed."""

    name: str
    quiet: Ranges
    calling: Ranges
    campaign_zone: str = ""
    country: str = ""
    closed_days: frozenset[date] = frozenset()


def sets_of_zones() -> list[tuple[str, ...]]:
    """Every distinct set of zones that a telephone number can stand for."""
    known = (tuple(sorted(filter(is_zone, names))) for names in TIMEZONE_DATA.values())
    return sorted({names for names in known if names})


def weeks_of(zones: Iterable[str]) -> list[datetime]:
    """The weeks, three days before to four after, in which a clock of the set changes."""
    days = {day for zone in zones for day in _changes(zone)} or set(ORDINARY_WEEKS)
    return [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in sorted(days)]


@cache
def _changes(zone: str) -> frozenset[date]:
    tz, found = ZoneInfo(zone), set()
    noon = datetime(YEARS[0], 1, 1, 12, tzinfo=UTC)
    before = noon.astimezone(tz).utcoffset()
    while noon.year <= YEARS[-1]:
        after = noon.astimezone(tz).utcoffset()
        if after != before:
            found.add(noon.date() - timedelta(days=3))
        before, noon = after, noon + timedelta(days=1)
    return frozenset(found)


@cache
def _clock(zone: str, week: datetime) -> list[list[tuple[date, int]]]:
    """Of each quarter: local date and minute of its week, now and in each of the five minutes."""
    tz, found = ZoneInfo(zone), []
    for quarter in range(QUARTERS):
        walls = []
        for later in range(MARGIN_MINUTES + 1):
            here = (week + QUARTER * quarter + MINUTE * later).astimezone(tz)
            day = here.date()
            walls.append((day, day.weekday() * 1440 + here.hour * 60 + here.minute))
        found.append(walls)
    return found


@cache
def _open_minutes(ranges: Ranges) -> frozenset[int]:
    """The minutes of a local week that lie in a range: its first is in, its last is not."""
    return frozenset(
        weekday * 1440 + minute
        for weekday, opens, closes in ranges
        for minute in range(opens, closes)
    )


@cache
def _quiet_bits(law: Law, zone: str, week: datetime) -> int:
    """Open now, and for the five minutes that follow: each end comes five minutes early."""
    minutes = _open_minutes(law.quiet)
    return _bits(
        all(minute in minutes and day not in law.closed_days for day, minute in walls)
        for walls in _clock(zone, week)
    )


@cache
def _calling_bits(law: Law, zone: str, week: datetime) -> int:
    minutes = _open_minutes(law.calling)
    return _bits(
        minute in minutes and day not in law.closed_days for (day, minute), *_ in _clock(zone, week)
    )


def _bits(answers: Iterable[bool]) -> int:
    return sum(1 << number for number, yes in enumerate(answers) if yes)


def judged(law: Law, zones: Sequence[str], week: datetime) -> int:
    """The quarters of the week in which a contact with these candidate zones may be called."""
    found = (1 << QUARTERS) - 1
    for zone in zones:
        found &= _quiet_bits(law, zone, week)
        found &= _calling_bits(law, law.campaign_zone or zone, week)
    return found


def spanned(spans: Iterable[Span], week: datetime) -> int:
    """The quarters of the week that lie in a span."""
    found = 0
    for span in spans:
        first = max(-((week - span.start) // QUARTER), 0)
        last = min(-((week - span.end) // QUARTER), QUARTERS)
        if first < last:
            found |= (1 << last) - (1 << first)
    return found


@dataclass(frozen=True)
class Comparison:
    """How many quarters were compared, how many of them are open, and where the two differ."""

    compared: int
    opened: int
    wrong: tuple[str, ...]


def compare(
    sets: Iterable[tuple[str, ...]],
    law: Law,
    spans_of: Callable[[tuple[str, ...], datetime], Iterable[Span]],
) -> Comparison:
    """Compare the product's spans with the oracle's quarters, over the odd weeks of each set."""
    compared = opened = 0
    wrong: list[str] = []
    for zones in sets:
        for week in weeks_of(zones):
            expected, found = judged(law, zones, week), spanned(spans_of(zones, week), week)
            compared += QUARTERS
            opened += expected.bit_count()
            if expected != found:
                wrong += _differences(law, zones, week, expected, found)
    return Comparison(compared, opened, tuple(wrong))


def _differences(
    law: Law, zones: tuple[str, ...], week: datetime, expected: int, found: int
) -> list[str]:
    return [
        f"{law.name}: {'allowed' if found >> number & 1 else 'blocked'} wrongly at "
        f"{week + QUARTER * number:%Y-%m-%d %H:%M} UTC in {', '.join(zones[:3])}"
        for number in range(QUARTERS)
        if (expected ^ found) >> number & 1
    ]
