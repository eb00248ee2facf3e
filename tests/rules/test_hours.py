"""Which hours hold on a local date: profiles in force, the strictest of several, holidays."""

from datetime import date, timedelta

import pytest

from campaigns.rules.caps import Cap
from campaigns.rules.hours import (
    ALWAYS,
    DEFAULT_QUIET_HOURS,
    QUIET_MARGIN,
    HourRange,
    QuietProfile,
    campaign_timetable,
    every_day,
    quiet_timetable,
)

FRIDAY = date(2026, 11, 20)
SATURDAY, SUNDAY, MONDAY = (FRIDAY + timedelta(days=days) for days in (1, 2, 3))
H = 60
DEFAULT = ((8 * H, 21 * H),)


def profile(*pairs, first=None, last=None, caps=(), days=range(7)):
    """A profile with these ranges, in hours, on these weekdays."""
    hours = tuple(HourRange(day, opens * H, closes * H) for day in days for opens, closes in pairs)
    return QuietProfile("A law", hours, caps, first, last)


@pytest.mark.parametrize(
    ("first", "last", "day", "holds"),
    [
        (None, None, FRIDAY, True),
        (FRIDAY, None, FRIDAY, True),  # the first day is in
        (SATURDAY, None, FRIDAY, False),
        (None, FRIDAY, FRIDAY, True),  # so is the last
        (None, FRIDAY, SATURDAY, False),
        (FRIDAY, FRIDAY, FRIDAY, True),  # a profile of one day
        (FRIDAY, FRIDAY, SATURDAY, False),
        (SATURDAY, MONDAY, SUNDAY, True),
    ],
)
def test_a_profile_is_in_force_from_its_first_to_its_last_day(first, last, day, holds):
    one = profile((10, 12), first=first, last=last)
    assert one.in_force(day) is holds
    # what it says replaces the default while it holds, and not a day longer
    assert quiet_timetable([one]).ranges(day) == (((600, 720),) if holds else DEFAULT)


@pytest.mark.parametrize(
    ("profiles", "ranges"),
    [
        ([], DEFAULT),  # no law of the place: 08:00–21:00
        ([profile((7, 22))], ((420, 1320),)),  # a law alone counts, also where it is more generous
        # 8–21 and 8–20: until 20:00, whichever comes first
        ([profile((8, 21)), profile((8, 20))], ((480, 1200),)),
        ([profile((8, 20)), profile((8, 21))], ((480, 1200),)),
        # 9–20 and 8–19: from 9 until 19
        ([profile((9, 20)), profile((8, 19))], ((540, 1140),)),
        # 8–21 and 10–13, 14–20: what is in both
        ([profile((8, 21)), profile((10, 13), (14, 20))], ((600, 780), (840, 1200))),
        ([profile((9, 11), (12, 18)), profile((10, 13), (14, 20))],
         ((600, 660), (720, 780), (840, 1080))),
        ([profile((8, 12)), profile((12, 20))], ()),  # half-open: nothing is in both
        ([profile((8, 20)), profile((9, 21)), profile((7, 18))], ((540, 1080),)),  # three
        # one that has not begun and one that is over say nothing
        ([profile((8, 20)), profile((10, 11), first=SATURDAY)], ((480, 1200),)),
        ([profile((8, 20)), profile((10, 11), last=FRIDAY - timedelta(days=1))], ((480, 1200),)),
    ],
)  # fmt: skip
def test_of_several_profiles_the_strictest_wins(profiles, ranges):
    assert quiet_timetable(profiles).ranges(FRIDAY) == ranges


@pytest.mark.parametrize(
    ("profiles", "ranges"),
    [
        ([profile(caps=(Cap(3, timedelta(days=1)),))], DEFAULT),  # caps alone: the default holds
        ([profile(caps=(Cap(3, timedelta(days=1)),)), profile((9, 18))], ((540, 1080),)),
    ],
)
def test_a_profile_of_caps_alone_says_nothing_about_hours(profiles, ranges):
    assert quiet_timetable(profiles).ranges(FRIDAY) == ranges


@pytest.mark.parametrize(
    ("day", "ranges"), [(FRIDAY, ((540, 1200),)), (SATURDAY, ((540, 1020),)), (SUNDAY, ())]
)
def test_a_weekday_without_a_range_is_closed_and_not_the_default(day, ranges):
    australian = QuietProfile(
        "Australia",
        profile((9, 20), days=range(5)).hours + profile((9, 17), days=[5]).hours,
    )
    assert quiet_timetable([australian]).ranges(day) == ranges


def test_a_day_closed_by_one_of_two_profiles_is_closed():
    weekdays = profile((8, 20), days=range(5))
    assert quiet_timetable([weekdays, profile((8, 21))]).ranges(SATURDAY) == ()


@pytest.mark.parametrize(
    ("pairs", "ranges"),
    [
        ([(8, 12), (12, 21)], ((480, 1260),)),  # touching
        ([(8, 15), (12, 21)], ((480, 1260),)),  # overlapping
        ([(8, 21), (10, 12)], ((480, 1260),)),  # one within the other
        ([(14, 20), (10, 13)], ((600, 780), (840, 1200))),  # apart, and put in order
        ([(0, 24)], ((0, 1440),)),
    ],
)
def test_touching_ranges_of_a_day_are_one(pairs, ranges):
    assert quiet_timetable([profile(*pairs)]).ranges(FRIDAY) == ranges
    assert campaign_timetable(profile(*pairs).hours).ranges(FRIDAY) == ranges


def test_a_campaign_without_hours_is_open_whenever_the_law_allows():
    assert campaign_timetable(()).ranges(SUNDAY) == ((0, 1440),)


def test_a_campaign_with_hours_is_closed_on_the_days_that_it_does_not_name():
    weekdays = campaign_timetable(profile((9, 17), days=range(5)).hours)
    assert weekdays.ranges(FRIDAY) == ((540, 1020),)
    assert weekdays.ranges(SATURDAY) == ()


def test_only_quiet_hours_stop_early():
    assert quiet_timetable([]).margin == QUIET_MARGIN == timedelta(minutes=5)
    assert campaign_timetable(ALWAYS).margin == timedelta()


def test_the_default_is_eight_to_nine_on_all_seven_days():
    assert every_day(480, 1260) == DEFAULT_QUIET_HOURS
    assert [hour.weekday for hour in DEFAULT_QUIET_HOURS] == list(range(7))


@pytest.mark.parametrize("timetable", [campaign_timetable, quiet_timetable])
def test_a_public_holiday_closes_the_day_for_the_campaign_and_for_the_law(timetable):
    christmas, day_after = date(2026, 12, 25), date(2026, 12, 29)  # a Friday, a Tuesday
    kept, not_kept = timetable((), "GB"), timetable(())
    assert kept.ranges(christmas) == ()
    assert kept.ranges(day_after) == not_kept.ranges(day_after) == not_kept.ranges(christmas) != ()
