"""When a contact may be called: ends, joints, zones."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS, HourRange, Hours, every_day
from campaigns.rules.spans import Span
from campaigns.rules.windows import Window, callable_span
from tests.law import law, window_of

LONDON, NEW_YORK, LOS_ANGELES = "Europe/London", "America/New_York", "America/Los_Angeles"
FRENCH = tuple(
    HourRange(day, opens * 60, closes * 60)
    for day in range(5)
    for opens, closes in ((10, 13), (14, 20))
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def quiet(hours: Hours = DEFAULT_QUIET_HOURS, *zones: str) -> Window:
    return window_of(ALWAYS, "", law(hours), zones or (LONDON,))


def campaign(hours: Hours, zone: str = "", *zones: str) -> Window:
    return window_of(hours, zone, law(ALWAYS), zones or (LONDON,))


def is_open(window: Window, text: str) -> bool:
    return window.span_at(utc(text)) is not None


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2026-11-20 07:59:59", False),
        ("2026-11-20 08:00:00", True),  # half-open: the first second is in
        ("2026-11-20 12:00:00", True),
        ("2026-11-20 20:54:59", True),
        ("2026-11-20 20:55:00", False),  # 21:00 closes 5 min early: 20:55:00 is closed
        ("2026-11-20 20:59:59", False),
        ("2026-11-20 21:00:00", False),
        ("2026-11-21 12:00:00", True),  # a Saturday
    ],
)
def test_quiet_hours_stop_five_minutes_early_and_start_on_the_minute(instant, opened):
    assert is_open(quiet(), instant) is opened


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2026-11-20 08:59:59", False),
        ("2026-11-20 09:00:00", True),
        ("2026-11-20 16:59:59", True),  # 17:00 is the campaign's own end: no margin
        ("2026-11-20 17:00:00", False),
    ],
)
def test_campaign_hours_do_not_stop_early(instant, opened):
    assert is_open(campaign(every_day(9 * 60, 17 * 60)), instant) is opened


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2026-11-20 11:54:59", True),  # 12:54:59 in Paris
        ("2026-11-20 11:55:00", False),  # 13:00 closes 5 min early, at noon as in the evening
        ("2026-11-20 12:59:59", False),
        ("2026-11-20 13:00:00", True),  # 14:00 in Paris
        ("2026-11-20 18:54:59", True),
        ("2026-11-20 18:55:00", False),
        ("2026-11-21 11:00:00", False),  # no range on Saturday
    ],
)
def test_each_end_of_a_rule_with_two_ranges_stops_early(instant, opened):
    assert is_open(quiet(FRENCH, "Europe/Paris"), instant) is opened


def test_touching_ranges_are_one_and_do_not_stop_where_they_touch():
    halves = every_day(8 * 60, 12 * 60) + every_day(12 * 60, 21 * 60)
    spans = quiet(halves).spans(utc("2026-11-20 09:00"), 2)
    assert spans[0] == Span(utc("2026-11-20 08:00"), utc("2026-11-20 20:55"))


def test_overlapping_ranges_are_one():
    overlapping = every_day(8 * 60, 15 * 60) + every_day(12 * 60, 21 * 60)
    assert quiet(overlapping).span_at(utc("2026-11-20 09:00")) == Span(
        utc("2026-11-20 08:00"), utc("2026-11-20 20:55")
    )


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2026-11-20 23:54:59", True),
        ("2026-11-20 23:55:00", True),  # Friday runs into Saturday: no end, so no margin
        ("2026-11-20 23:59:59", True),
        ("2026-11-21 00:00:00", True),
        ("2026-11-21 01:54:59", True),
        ("2026-11-21 01:55:00", False),  # 02:00 is the end
    ],
)
def test_ranges_that_touch_at_midnight_are_one(instant, opened):
    night = (HourRange(4, 22 * 60, 24 * 60), HourRange(5, 0, 2 * 60))  # Friday, Saturday
    assert is_open(quiet(night), instant) is opened


def test_round_the_clock_has_no_end_in_sight():
    span = quiet(ALWAYS).span_at(utc("2026-11-20 23:58"))
    assert span is not None
    assert span.end - utc("2026-11-20 23:58") > timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "instant", "opened"),
    [
        ("", "2026-11-20 13:59", False),  # contact's clock: 08:59 in New York
        ("", "2026-11-20 14:00", True),  # 09:00 in New York
        (LONDON, "2026-11-20 13:00", True),  # campaign's clock: 13:00; 08:00 in New York: just open
        (LONDON, "2026-11-20 12:59", False),  # 07:59 in New York: quiet hours still rule
        (LONDON, "2026-11-20 17:00", False),  # the campaign closes at 17:00 in London
        ("", "2026-11-20 17:00", True),  # noon on the contact's own clock
    ],
)
def test_campaign_hours_run_on_the_zone_of_the_campaign_or_of_the_contact(zone, instant, opened):
    window = window_of(every_day(9 * 60, 17 * 60), zone, law(DEFAULT_QUIET_HOURS), (NEW_YORK,))
    assert is_open(window, instant) is opened


@pytest.mark.parametrize(
    ("instant", "opened"),
    [
        ("2026-11-20 13:00", False),  # 08:00 in New York, 05:00 in Los Angeles
        ("2026-11-20 15:59", False),  # 10:59 and 07:59
        ("2026-11-20 16:00", True),  # 11:00 and 08:00
        ("2026-11-21 01:54", True),  # 20:54 and 17:54
        ("2026-11-21 01:55", False),  # 20:55: New York has closed
        ("2026-11-21 04:54", False),  # only Los Angeles is open
    ],
)
def test_a_contact_who_may_be_in_two_zones_is_called_when_both_are_open(instant, opened):
    assert is_open(quiet(DEFAULT_QUIET_HOURS, NEW_YORK, LOS_ANGELES), instant) is opened


def test_campaign_hours_on_the_contacts_clock_need_both_zones_too():
    window = campaign(every_day(9 * 60, 10 * 60), "", NEW_YORK, LOS_ANGELES)
    assert window.spans(utc("2026-11-20 00:00")) == []  # 9 to 10 is never the same hour in both


def test_without_a_zone_no_window_is_ever_open():
    nowhere = window_of(ALWAYS, LONDON, law(ALWAYS), ())
    assert nowhere.spans(utc("2026-11-20 12:00")) == []
    assert nowhere.next_span(utc("2026-11-20 12:00")) is None
    assert campaign(ALWAYS).next_span(utc("2026-11-20 12:00")) is not None


def test_without_a_common_hour_no_window_is_ever_open():
    window = window_of(every_day(0, 60), "", law(DEFAULT_QUIET_HOURS), (LONDON,))
    assert window.next_span(utc("2026-11-20 12:00")) is None


def test_a_range_shorter_than_the_margin_never_opens():
    assert quiet(every_day(600, 604)).spans(utc("2026-11-20 00:00")) == []
    assert quiet(every_day(600, 606)).spans(utc("2026-11-20 00:00")) != []  # one minute is left


def test_spans_begin_with_the_one_that_covers_the_instant():
    spans = quiet().spans(utc("2026-11-20 20:00"), 3)
    assert [f"{span.start:%d %H:%M}–{span.end:%d %H:%M}" for span in spans[:2]] == [
        "20 08:00–20 20:55",
        "21 08:00–21 20:55",
    ]


MINUTE = timedelta(minutes=1)
LEAD = 5 * MINUTE


@pytest.mark.parametrize(
    ("due", "now", "starts", "ends"),
    [
        # the machine may dial from the later of the window's start and due - lead
        ("20 10:00", "20 09:00", "20 09:55", "20 20:55"),
        ("20 08:03", "20 07:00", "20 08:00", "20 20:55"),  # 07:58 is before the window
        ("20 08:00", "20 07:00", "20 08:00", "20 20:55"),
        ("20 20:54", "20 09:00", "20 20:49", "20 20:55"),
        # due outside: the window after it
        ("20 07:00", "20 06:00", "20 08:00", "20 20:55"),
        ("20 20:55", "20 09:00", "21 08:00", "21 20:55"),
        ("20 23:30", "20 09:00", "21 08:00", "21 20:55"),
        # overdue, its window still open: from due - lead, which has passed
        ("20 10:00", "20 12:00", "20 09:55", "20 20:55"),
        # overdue, its window over: the next one
        ("20 10:00", "20 20:55", "21 08:00", "21 20:55"),
        ("18 10:00", "20 07:00", "20 08:00", "20 20:55"),
        ("18 10:00", "20 12:00", "20 08:00", "20 20:55"),
    ],
)
def test_the_machine_may_dial_in_the_window_that_covers_the_promise(due, now, starts, ends):
    span = callable_span(quiet(), utc(f"2026-11-{due}"), LEAD, utc(f"2026-11-{now}"))
    assert span is not None
    assert (f"{span.start:%d %H:%M}", f"{span.end:%d %H:%M}") == (starts, ends)


def test_a_promise_without_a_window_in_two_weeks_is_not_callable():
    never = window_of(every_day(0, 60), "", law(DEFAULT_QUIET_HOURS), (LONDON,))
    assert callable_span(never, utc("2026-11-20 10:00"), LEAD, utc("2026-11-20 09:00")) is None


def test_a_window_a_week_away_is_found():
    mondays = (HourRange(0, 9 * 60, 10 * 60),)
    span = callable_span(campaign(mondays), utc("2026-11-23 10:30"), LEAD, utc("2026-11-23 10:30"))
    assert span == Span(utc("2026-11-30 09:00"), utc("2026-11-30 10:00"))


@pytest.mark.parametrize("zone", [LONDON, "UTC", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_spans_are_instants_in_utc(zone):
    span = quiet(DEFAULT_QUIET_HOURS, zone).next_span(utc("2026-11-20 12:00"))
    assert span is not None
    assert span.start.tzinfo is UTC
    assert span.end.tzinfo is UTC
