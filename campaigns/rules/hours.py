"""Hours as people say them: ranges of minutes on the wall clock of a weekday (RULES 4).

Which of them hold on a local date depends on the profiles in force and on public holidays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from campaigns.rules.caps import Cap
from campaigns.rules.holidays import is_holiday

DAY = 24 * 60
QUIET_MARGIN = timedelta(minutes=5)
Minutes = tuple[int, int]


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
class QuietProfile:
    """What the law of a place says: hours in which its people may be called, and how often.

    ``hours`` empty says nothing about hours; a weekday without a range is closed all day.
    In force from ``first_day`` to ``last_day``, both included, by local date; None is open-ended.
    """

    name: str
    hours: Hours = ()
    caps: tuple[Cap, ...] = ()
    first_day: date | None = None
    last_day: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the profile holds on the local date."""
        return (self.first_day or day) <= day <= (self.last_day or day)


@dataclass(frozen=True, eq=False)
class Timetable:
    """Hours by local date: campaign hours, or the quiet hours of a place.

    Of several profiles in force the strictest wins. ``country`` closes its public holidays; empty
    keeps none. Each end comes earlier by ``margin``. Compared by identity: a cache key.
    """

    profiles: tuple[QuietProfile, ...]
    country: str = ""
    margin: timedelta = timedelta()
    default: Hours = DEFAULT_QUIET_HOURS

    def ranges(self, day: date) -> tuple[Minutes, ...]:
        """The open ranges of a local date in minutes after midnight, in order."""
        if self.country and is_holiday(self.country, day):
            return ()
        rules = [one.hours for one in self.profiles if one.hours and one.in_force(day)]
        found = _of_weekday(rules[0] if rules else self.default, day.weekday())
        for hours in rules[1:]:
            found = _common(found, _of_weekday(hours, day.weekday()))
        return found


def campaign_timetable(hours: Hours, country: str = "") -> Timetable:
    """A campaign's own hours; without any it is open whenever quiet hours allow."""
    return Timetable((), country, default=hours or ALWAYS)


def quiet_timetable(profiles: Iterable[QuietProfile], country: str = "") -> Timetable:
    """The quiet hours of a place; 08:00–21:00 on days when no profile is in force."""
    return Timetable(tuple(profiles), country, QUIET_MARGIN)


@cache
def _of_weekday(hours: Hours, weekday: int) -> tuple[Minutes, ...]:
    """The ranges of one weekday; touching and overlapping ones are one."""
    joined: list[Minutes] = []
    for hour in sorted(hours):
        if hour.weekday != weekday:
            continue
        if joined and hour.opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], hour.closes))
        else:
            joined.append((hour.opens, hour.closes))
    return tuple(joined)


def _common(left: Iterable[Minutes], right: Iterable[Minutes]) -> tuple[Minutes, ...]:
    right = tuple(right)
    both = ((max(one[0], other[0]), min(one[1], other[1])) for one in left for other in right)
    return tuple(sorted(pair for pair in both if pair[0] < pair[1]))
