"""When may this contact be called? Spans of open time from hours on wall clocks (RULES 4).

Hours are said in wall-clock time of a zone and become spans of UTC instants here. Every comparison
is made on the wall clock of the instant itself, so that the two odd days of a year come out right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = 24 * 60
# ZoneInfo keeps only a handful of zones by itself.
_zone = lru_cache(maxsize=None)(ZoneInfo)
QUIET_MARGIN = timedelta(minutes=5)
HORIZON_DAYS = 15


@dataclass(frozen=True, slots=True, order=True)
class HourRange:
    """Open from ``opens`` until before ``closes``, in minutes after midnight; Monday is 0."""

    weekday: int
    opens: int
    closes: int


Hours = tuple[HourRange, ...]


def every_day(opens: int, closes: int) -> Hours:
    """The same hours on all seven days, in minutes after midnight."""
    return tuple(HourRange(weekday, opens, closes) for weekday in range(7))


ALWAYS = every_day(0, DAY)
DEFAULT_QUIET_HOURS = every_day(8 * 60, 21 * 60)


@dataclass(frozen=True, slots=True)
class Span:
    """Open time between two UTC instants, half-open."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """All that decides when a contact may be called.

    ``zones`` are the contact's candidate zones: all of them must be open. ``campaign_zone`` is
    empty when campaign hours run on the contact's own clock.
    """

    campaign_hours: Hours
    campaign_zone: str
    quiet_hours: Hours
    zones: tuple[str, ...]

    def spans(self, since: datetime, days: int = HORIZON_DAYS) -> list[Span]:
        """Open spans from the one that covers ``since`` on; empty when no zone is known."""
        if not self.zones:
            return []
        campaign_zones = (self.campaign_zone,) if self.campaign_zone else self.zones
        layers = [_joined(self.campaign_hours, zone, since, days) for zone in campaign_zones]
        for zone in self.zones:
            quiet = _joined(self.quiet_hours, zone, since, days)
            layers.append([Span(span.start, span.end - QUIET_MARGIN) for span in quiet])
        both = layers[0]
        for layer in layers[1:]:
            both = _intersect(both, layer)
        return [span for span in both if span.end > since]

    def span_at(self, instant: datetime) -> Span | None:
        """The open span that covers the instant, if one does."""
        first = next(iter(self.spans(instant, 2)), None)
        return first if first and first.start <= instant else None

    def next_span(self, instant: datetime) -> Span | None:
        """The open span that covers the instant, or the first one after it."""
        return next(iter(self.spans(instant)), None)


def callable_span(window: Window, due_at: datetime, lead: timedelta, now: datetime) -> Span | None:
    """The part of the promise that the machine may dial in (RULES 3).

    That is the calling window that covers ``due_at``, from the later of its start and
    ``due_at - lead``; once that window has passed, the next one. None: no window in two weeks.
    """
    covering = window.next_span(due_at)
    if covering and covering.end > now:
        return Span(max(covering.start, due_at - lead), covering.end)
    return window.next_span(max(due_at, now))


def _joined(hours: Hours, zone: str, since: datetime, days: int) -> list[Span]:
    """The hours as UTC spans around ``since``; touching and overlapping ones are one."""
    first = since.astimezone(_zone(zone)).date() - timedelta(days=1)
    found: list[Span] = []
    for offset in range(days + 2):
        for span in _spans_of_day(hours, zone, first + timedelta(days=offset)):
            if found and span.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
            else:
                found.append(span)
    return found


@lru_cache(maxsize=8192)
def _spans_of_day(hours: Hours, zone: str, day: date) -> tuple[Span, ...]:
    """The UTC spans of one local date, in order."""
    ranges = [(hour.opens, hour.closes) for hour in hours if hour.weekday == day.weekday()]
    return tuple(sorted(_cut(ranges, day, _offsets(zone, day)), key=lambda span: span.start))


def _cut(
    ranges: Iterable[tuple[int, int]],
    day: date,
    segments: Sequence[tuple[datetime, datetime, timedelta]],
) -> Iterable[Span]:
    midnight = datetime.combine(day, time(), UTC)
    for opens, closes in ranges:
        for start, end, offset in segments:
            span = Span(
                max(midnight + timedelta(minutes=opens) - offset, start),
                min(midnight + timedelta(minutes=closes) - offset, end),
            )
            if span.start < span.end:
                yield span


def _offsets(zone: str, day: date) -> list[tuple[datetime, datetime, timedelta]]:
    """The stretches of constant UTC offset that touch a local date: one, or two on odd days."""
    tz = _zone(zone)
    low = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    high = low + timedelta(hours=54)
    cuts = [low]
    step = low
    while step < high:
        after = step + timedelta(hours=1)
        if step.astimezone(tz).utcoffset() != after.astimezone(tz).utcoffset():
            cuts.append(_change(tz, step, after))
        step = after
    cuts.append(high)
    return [
        (start, end, start.astimezone(tz).utcoffset() or timedelta())
        for start, end in pairwise(cuts)
    ]


def _change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The instant between the two at which the zone's offset changes."""
    offset = before.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(tz).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    both: list[Span] = []
    at, other = 0, 0
    while at < len(left) and other < len(right):
        start = max(left[at].start, right[other].start)
        end = min(left[at].end, right[other].end)
        if start < end:
            both.append(Span(start, end))
        if left[at].end < right[other].end:
            at += 1
        else:
            other += 1
    return both
