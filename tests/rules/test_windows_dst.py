"""Windows on the two odd days of a year, minute by minute against an oracle of their own.

The oracle knows nothing of spans: it reads the wall clock of every single minute.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.hours import ALWAYS, HourRange, Hours, every_day
from campaigns.rules.windows import Window
from tests.law import law, window_of

MINUTE = timedelta(minutes=1)
MARGIN = 5

# Two days around each change: the first local date of each pair is the day before it.
CHANGES = [
    ("Europe/London", "2026-03-28"),  # 01:00 → 02:00 on 29 March
    ("Europe/London", "2026-10-24"),  # 02:00 → 01:00 on 25 October
    ("America/New_York", "2026-03-07"),  # 02:00 → 03:00 on 8 March
    ("America/New_York", "2026-10-31"),  # 02:00 → 01:00 on 1 November
    ("Australia/Lord_Howe", "2026-10-03"),  # 02:00 → 02:30: half an hour
    ("Australia/Lord_Howe", "2026-04-04"),  # 02:00 → 01:30
    ("America/Santiago", "2026-09-05"),  # 24:00 → 01:00: midnight does not exist
    ("America/Santiago", "2026-04-04"),  # 24:00 → 23:00: the last hour twice
    ("America/Havana", "2026-10-31"),  # 01:00 → 00:00: midnight twice
    ("Africa/Casablanca", "2026-02-14"),  # the clock goes back for Ramadan
    ("Asia/Kathmandu", "2026-03-28"),  # no change, a quarter of an hour off
]


def wall_is_in(hours: Hours, zone: str, instant: datetime) -> bool:
    """Whether the wall clock of this minute lies in a range: the definition, word for word."""
    wall = instant.astimezone(ZoneInfo(zone))
    minute = wall.hour * 60 + wall.minute
    return any(
        hour.weekday == wall.weekday() and hour.opens <= minute < hour.closes for hour in hours
    )


def open_minutes(window: Window, since: datetime, minutes: int) -> list[bool]:
    """Every minute judged by itself: open now, and quiet hours open five minutes on as well."""
    clocks = (window.campaign_zone,) if window.campaign_zone else window.zones
    moments = [since + MINUTE * number for number in range(minutes + MARGIN)]
    found = [True] * minutes
    for zone in clocks:
        judged = [wall_is_in(window.campaign.default, zone, moment) for moment in moments]
        found = [yes and judged[number] for number, yes in enumerate(found)]
    for zone in window.zones:
        judged = [wall_is_in(window.quiet.profiles[0].hours, zone, moment) for moment in moments]
        judged.append(wall_is_in(window.quiet.profiles[0].hours, zone, moments[-1] + MINUTE))
        found = [
            yes and all(judged[number : number + MARGIN + 1]) for number, yes in enumerate(found)
        ]
    return found


def spanned_minutes(window: Window, since: datetime, minutes: int) -> list[bool]:
    spans = window.spans(since, 4)
    return [
        any(span.start <= since + MINUTE * number < span.end for span in spans)
        for number in range(minutes)
    ]


def assert_alike(window: Window, zone: str, day: str) -> None:
    since = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    minutes = 3 * 24 * 60
    expected = open_minutes(window, since, minutes)
    found = spanned_minutes(window, since, minutes)
    wrong = [
        (since + MINUTE * number).astimezone(ZoneInfo(zone)).isoformat()
        for number in range(minutes)
        if expected[number] != found[number]
    ]
    assert wrong == []
    assert any(expected), "the table must have something to compare"


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(
    "hours",
    [
        every_day(8 * 60, 21 * 60),
        every_day(0, 24 * 60),
        every_day(90, 150),  # 01:30–02:30: begins or ends inside every gap
        every_day(0, 60) + every_day(23 * 60, 24 * 60),  # around midnight
        every_day(60, 120) + every_day(120, 180),  # touching at 02:00
        (HourRange(5, 12 * 60, 24 * 60), HourRange(6, 0, 12 * 60)),  # over the night of the change
    ],
)
def test_quiet_hours_agree_with_every_minutes_wall_clock(zone, day, hours):
    assert_alike(window_of(ALWAYS, "", law(hours), (zone,)), zone, day)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_campaign_hours_agree_with_every_minutes_wall_clock(zone, day):
    hours = every_day(75, 165) + every_day(9 * 60, 17 * 60 + 30)
    assert_alike(window_of(hours, "", law(ALWAYS), (zone,)), zone, day)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_two_zones_and_a_campaign_zone_agree_with_every_minutes_wall_clock(zone, day):
    window = window_of(
        every_day(60, 23 * 60), "Europe/Berlin", law(every_day(30, 22 * 60)), (zone, "UTC")
    )
    assert_alike(window, zone, day)


ranges = st.builds(
    lambda day, opens, length: HourRange(day, opens, min(opens + length, 1440)),
    st.integers(0, 6),
    st.integers(0, 1439),
    st.integers(1, 1440),
)


@settings(max_examples=40, deadline=None)
@given(
    change=st.sampled_from(CHANGES),
    quiet=st.lists(ranges, min_size=1, max_size=10),
    calling=st.lists(ranges, min_size=1, max_size=10),
)
def test_any_hours_agree_with_every_minutes_wall_clock(change, quiet, calling):
    zone, day = change
    window = window_of(tuple(sorted(calling)), "", law(tuple(sorted(quiet))), (zone,))
    since = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    minutes = 3 * 24 * 60
    assert spanned_minutes(window, since, minutes) == open_minutes(window, since, minutes)


@pytest.mark.parametrize(
    ("day", "hours_open"),
    [
        ("2026-03-29", 3),  # 00:00–04:00 loses the hour from 01:00: 3 real hours
        ("2026-10-25", 5),  # and has it twice: 5 real hours
        ("2026-11-20", 4),
    ],
)
def test_a_night_shift_is_shorter_and_longer_when_the_clock_changes(day, hours_open):
    window = window_of(every_day(0, 4 * 60), "", law(ALWAYS), ("Europe/London",))
    noon_before = datetime.fromisoformat(f"{day} 00:00").replace(tzinfo=UTC) - timedelta(hours=12)
    span = window.next_span(noon_before)
    assert span is not None
    assert span.end - span.start == timedelta(hours=hours_open)
