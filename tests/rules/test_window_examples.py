"""The worked examples of docs/rules/windows.md, and what they leave out."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.caps import Cap
from campaigns.rules.hours import (
    ALWAYS,
    HourRange,
    QuietProfile,
    campaign_timetable,
    quiet_timetable,
)
from campaigns.rules.spans import zone_info
from campaigns.rules.windows import Window, callable_span, next_calling_day
from tests.law import law, window_of
from tests.rules.examples.windows import DUES, LONDON, NEW_YORK, NEXT_DAYS, OPENINGS, under
from tests.rules.plain import hours, local, span, utc

LEAD = timedelta(minutes=5)


@pytest.mark.parametrize("example", OPENINGS, ids=lambda one: one.title)
def test_a_window_opens_and_closes_where_the_example_says(example):
    expected = [span(*pair) for pair in example.spans]
    found = example.window.spans(utc(example.since))
    assert found[: len(expected)] == expected
    for one in expected:  # asked anywhere inside, and just outside
        assert example.window.span_at(one.start) == one
        assert example.window.span_at(one.end - timedelta(seconds=1)) == one
        assert example.window.span_at(one.end) is None
        assert example.window.span_at(one.start - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("window", "instant", "opened"),
    [(one.window, *moment) for one in OPENINGS for moment in one.moments],
)
def test_an_instant_is_open_where_the_example_says(window, instant, opened):
    assert (window.span_at(utc(instant)) is not None) is opened


@pytest.mark.parametrize("example", DUES, ids=lambda one: f"{one.due} at {one.now}")
def test_the_machine_may_dial_where_the_example_says(example):
    found = callable_span(under(), utc(example.due), LEAD, utc(example.now))
    assert found == span(*example.span)


@pytest.mark.parametrize("example", NEXT_DAYS, ids=lambda one: one.case)
def test_the_next_calling_day_is_the_one_of_the_example(example):
    zone = example.window.zones[0]
    due, now = local(example.due, zone), local(example.now or example.due, zone)
    expected = local(example.moved, zone, fold=example.fold) if example.moved else None
    assert next_calling_day(example.window, due, now) == expected


@pytest.mark.parametrize(
    ("zone", "due", "moved", "fold"),
    [
        # Havana, 1 November: 00:00–01:00 comes twice; Santiago, 6 September: it never comes
        ("America/Havana", "2026-10-31 00:00", "2026-11-01 00:00", 1),
        ("America/Havana", "2026-10-31 00:30", "2026-11-01 00:30", 1),
        ("America/Santiago", "2026-09-05 00:00", "2026-09-06 01:00", 0),
        ("America/Santiago", "2026-09-05 01:00", "2026-09-06 01:00", 0),
    ],
)
def test_the_next_calling_day_begins_right_where_midnight_is_odd(zone, due, moved, fold):
    always = under(QuietProfile("Always", ALWAYS), zone=zone)
    asked = local(due, zone)
    assert next_calling_day(always, asked, asked) == local(moved, zone, fold=fold)


def test_without_a_zone_there_is_no_next_calling_day():
    nowhere = replace(under(), zones=())
    assert next_calling_day(nowhere, utc("2026-11-20 10:00"), utc("2026-11-20 10:00")) is None


def test_a_night_shift_is_moved_to_its_next_night():
    # Friday 22:00–24:00 and Saturday 00:00–02:00; due on Friday at 23:00. Saturday is a calling
    # day, but its hours are over by 23:00: the next one is Friday's.
    night = (HourRange(4, 22 * 60, 24 * 60), HourRange(5, 0, 2 * 60))
    window = window_of(night, "", law(ALWAYS), (LONDON,))
    due = utc("2026-11-20 23:00")
    assert next_calling_day(window, due, due) == utc("2026-11-27 22:00")


@pytest.mark.parametrize(
    ("first", "second", "ends"),
    [
        # evening law until the 20th, another from the 21st on; asked at 22:00 on the 20th
        (hours((8, 24)), hours((0, 2)), "2026-11-21 01:55"),  # joined over midnight
        (hours((8, 24)), hours((8, 20)), "2026-11-20 23:55"),  # nothing to join: an end
        (hours((8, 24)), (), "2026-11-20 23:55"),  # none in force: 08:00–21:00
        (hours((8, 23)), hours((0, 2)), "2026-11-20 22:55"),
    ],
)
def test_profiles_that_change_at_midnight_are_joined_where_they_touch(first, second, ends):
    profiles = (
        QuietProfile("Old", first, last_day=date(2026, 11, 20)),
        QuietProfile("New", second, first_day=date(2026, 11, 21)),
    )
    found = under(*profiles).span_at(utc("2026-11-20 22:00"))
    assert found == span("2026-11-20 08:00", ends)


def test_a_profile_begins_on_the_local_date_of_each_zone():
    # From 21 November on until 20:00. Still the 20th in New York at 01:30 UTC on the 21st.
    profiles = (
        QuietProfile("Old", hours((8, 21)), last_day=date(2026, 11, 20)),
        QuietProfile("New", hours((8, 20)), first_day=date(2026, 11, 21)),
    )
    window = under(*profiles, zone=NEW_YORK)
    assert window.span_at(utc("2026-11-21 01:30")) == span("2026-11-20 13:00", "2026-11-21 01:55")
    assert window.span_at(utc("2026-11-22 00:54:59")) is not None
    assert window.span_at(utc("2026-11-22 00:55")) is None


@pytest.mark.parametrize(
    ("instant", "caps"),
    [
        ("2026-11-20 12:00", [1]),  # the campaign's own alone
        ("2026-11-21 04:59", [1]),  # the 20th in both zones
        ("2026-11-21 05:00", [1, 3]),  # midnight in New York, still the 20th in Los Angeles
        ("2026-11-22 12:00", [1, 3]),
    ],
)
def test_caps_of_a_place_hold_as_soon_as_its_profile_does_in_one_zone(instant, caps):
    of_place = QuietProfile(
        "Florida", caps=(Cap(3, timedelta(days=1)),), first_day=date(2026, 11, 21)
    )
    window = window_of(ALWAYS, "", (of_place,), (NEW_YORK, "America/Los_Angeles"))
    window = replace(window, caps=(Cap(1, timedelta(hours=1)),))
    assert [cap.dials for cap in window.caps_at(utc(instant))] == caps


ranges = st.builds(
    lambda day, opens, length: HourRange(day, opens, min(opens + length, 1440)),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
some_hours = st.lists(ranges, max_size=6).map(lambda found: tuple(sorted(found)))
days = st.one_of(st.none(), st.dates(date(2026, 10, 20), date(2026, 11, 10)))
profiles = st.builds(
    lambda found, first, last: QuietProfile("A law", found, (), first, last),
    some_hours,
    days,
    days,
)
ZONES = ("Europe/London", "America/New_York", "America/Havana", "Australia/Lord_Howe",
         "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu")  # fmt: skip
windows = st.builds(
    lambda calling, laws, zone, zones, country: Window(
        campaign_timetable(calling, country), zone, quiet_timetable(laws, country), tuple(zones)
    ),
    some_hours,
    st.lists(profiles, max_size=3),
    st.sampled_from(["", "Europe/Berlin"]),
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True),
    st.sampled_from(["", "US", "AT"]),
)
instants = st.integers(0, 30 * 24 * 60).map(
    lambda number: utc("2026-10-15 00:00") + timedelta(minutes=number)
)


def test_a_window_longer_than_the_near_look_is_seen_whole():
    # open from Monday 08:00 to Friday 20:00 without a break; asked on Monday at noon
    week = (
        HourRange(0, 480, 1440), *(HourRange(day, 0, 1440) for day in (1, 2, 3)),
        HourRange(4, 0, 1200),
    )  # fmt: skip
    window = under(QuietProfile("A week", week))
    monday = utc("2026-11-16 12:00")
    assert window.next_span(monday).end == utc("2026-11-20 19:55")
    assert window.next_span(monday) == window.spans(monday)[0]
    assert callable_span(window, monday, LEAD, monday) == span(
        "2026-11-16 11:55", "2026-11-20 19:55"
    )


@settings(max_examples=150, deadline=None)
@given(window=windows, instant=instants)
def test_the_near_look_finds_what_the_full_one_finds(window, instant):
    """``next_span`` looks two days ahead first: never anything but what two weeks would show."""
    found = window.next_span(instant)
    assert found == next(iter(window.spans(instant)), None)
    covering = window.span_at(instant)
    if covering is None:
        assert found is None or found.start > instant
        return
    assert covering.start == found.start <= instant < covering.end
    if covering.end < instant + timedelta(days=1):
        assert covering == found


@settings(max_examples=150, deadline=None)
@given(window=windows, instant=instants, later=st.integers(0, 4 * 24 * 60))
def test_a_promise_is_callable_only_where_the_window_is_open(window, instant, later):
    """The span begins no earlier than the lead before the promise and ends with a window."""
    due = instant + timedelta(minutes=later)
    found = callable_span(window, due, LEAD, instant)
    if found is None:
        assert window.next_span(max(due, instant)) is None
        return
    assert found.end > max(instant, found.start)
    assert found.start >= due - LEAD
    assert window.span_at(found.start) is not None
    assert window.span_at(found.end) is None or found.end - instant > timedelta(days=13)


@settings(max_examples=100, deadline=None)
@given(window=windows, due=instants)
def test_the_next_calling_day_is_open_and_a_later_date(window, due):
    moved = next_calling_day(window, due, due)
    if moved is None:
        return
    zone = window.zones[0]
    assert window.span_at(moved) is not None
    assert _date(moved, zone) > _date(due, zone)


def _date(instant, zone):
    return instant.astimezone(zone_info(zone)).date()
