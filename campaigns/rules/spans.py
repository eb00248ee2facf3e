"""Wall-clock hours as spans of UTC instants.

Every comparison is made on the wall clock of the instant itself, so that the two odd days of a
year come out right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from campaigns.rules.hours import Minutes, Timetable

# ZoneInfo keeps only a handful of zones by itself.
zone_info = lru_cache(maxsize=None)(ZoneInfo)


@dataclass(frozen=True, slots=True)
class Span:
    """Open time between two UTC instants, half-open."""

    start: datetime
    end: datetime


@lru_cache(maxsize=16_384)
def open_spans(timetable: Timetable, zone: str, first: date, days: int) -> tuple[Span, ...]:
    """The open spans of ``days`` local dates of the zone, the timetable's margin taken off.

    Touching and overlapping ones are one, over midnight too.
    """
    found: list[Span] = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        for span in _spans_of_day(timetable.ranges(day), zone, day):
            if found and span.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
            else:
                found.append(span)
    shortened = (Span(span.start, span.end - timetable.margin) for span in found)
    return tuple(span for span in shortened if span.start < span.end)


@lru_cache(maxsize=16_384)
def _spans_of_day(ranges: tuple[Minutes, ...], zone: str, day: date) -> tuple[Span, ...]:
    """The UTC spans of one local date, in order."""
    return tuple(sorted(_cut(ranges, day, _offsets(zone, day)), key=lambda span: span.start))


def _cut(
    ranges: Iterable[Minutes],
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


@lru_cache(maxsize=16_384)
def _offsets(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The stretches of constant UTC offset that touch a local date: one, or two on odd days."""
    tz = zone_info(zone)
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
    return tuple(
        (start, end, start.astimezone(tz).utcoffset() or timedelta())
        for start, end in pairwise(cuts)
    )


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


def intersection(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """The time that is in both, in order."""
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
