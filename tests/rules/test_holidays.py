"""Public holidays: observed days, countries, and whose local date they close."""

from datetime import date

import pytest

from campaigns.rules.holidays import is_holiday
from campaigns.rules.hours import ALWAYS
from tests.law import law, window_of
from tests.rules.plain import utc

HONOLULU, LONDON, NEW_YORK = "Pacific/Honolulu", "Europe/London", "America/New_York"


@pytest.mark.parametrize(
    ("country", "day", "closed"),
    [
        ("GB", "2026-04-03", True),  # Good Friday
        ("GB", "2026-04-02", False),
        ("GB", "2026-04-04", False),  # the Saturday between is an ordinary day
        ("GB", "2026-12-26", True),  # Boxing Day is a Saturday …
        ("GB", "2026-12-28", True),  # … and observed on Monday
        ("GB", "2026-12-29", False),
        ("US", "2026-07-03", True),  # Independence Day is a Saturday, observed on Friday …
        ("US", "2026-07-04", True),  # … and is one itself
        ("US", "2026-07-06", False),
        ("US", "2027-07-05", True),  # a Sunday in 2027: observed on Monday
        ("US", "2027-12-31", True),  # New Year 2028 is a Saturday: observed in the year before
        ("US", "2026-12-31", False),  # New Year 2027 is a Friday
        ("US", "2026-11-26", True),  # Thanksgiving: the fourth Thursday
        ("FR", "2026-07-14", True),
        ("FR", "2026-11-26", False),  # nobody else's Thanksgiving
        ("AU", "2026-01-26", True),
        ("CA", "2026-07-01", True),
        ("DE", "2026-10-03", True),
        ("", "2026-12-25", False),  # a number of no country
        ("001", "2026-12-25", False),  # a satellite telephone's
        ("XX", "2026-12-25", False),  # a country that the library does not know
    ],
)
def test_a_day_is_a_holiday_where_it_is_one(country, day, closed):
    assert is_holiday(country, date.fromisoformat(day)) is closed


def opened(window, text):
    return window.span_at(utc(text)) is not None


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-10 23:54:59", True),  # London, Tuesday
        ("2026-11-10 23:55:00", False),  # the law's last open minute ends 5 min before midnight
        ("2026-11-11 00:00:00", False),
        ("2026-11-11 12:00:00", False),
        ("2026-11-11 23:59:59", False),
        ("2026-11-12 00:00:00", True),
    ],
)
def test_a_holiday_closes_the_whole_local_date(instant, is_open):
    # Veterans Day, 11 November 2026; a contact with an American number who lives in London
    window = window_of(ALWAYS, "", law(ALWAYS), (LONDON,), "US")
    assert opened(window, instant) is is_open


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-10 23:59:59", True),  # 13:59 on the 10th in Honolulu, 10th in London
        ("2026-11-11 00:00:00", False),  # the 11th in London: the campaign keeps the holiday
        ("2026-11-11 09:59:59", False),  # still the 10th in Honolulu, the 11th in London
        ("2026-11-11 23:59:59", False),  # the 11th in both
        ("2026-11-12 09:59:59", False),  # the 12th in London, 23:59 on the 11th in Honolulu
        ("2026-11-12 10:00:00", True),  # the 12th in both
    ],
)
def test_campaign_hours_and_quiet_hours_each_keep_it_on_their_own_date(instant, is_open):
    window = window_of(ALWAYS, LONDON, law(ALWAYS), (HONOLULU,), "US")
    assert opened(window, instant) is is_open


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-11-11 04:54:59", True),  # 23:54:59 on the 10th in New York
        ("2026-11-11 05:00:00", False),  # midnight in New York, 19:00 on the 10th in Honolulu
        ("2026-11-12 05:00:00", False),  # over in New York, 19:00 on the 11th in Honolulu
        ("2026-11-12 10:00:00", True),  # over in both
    ],
)
def test_a_contact_in_one_of_two_zones_is_left_alone_while_it_is_a_holiday_in_either(
    instant, is_open
):
    window = window_of(ALWAYS, "", law(ALWAYS), (NEW_YORK, HONOLULU), "US")
    assert opened(window, instant) is is_open


def test_two_holidays_in_a_row_are_passed_over_together():
    # Christmas Day 2026 is a Friday, Boxing Day the Saturday, observed on Monday 28; Sunday opens
    window = window_of(ALWAYS, "", law(ALWAYS), (LONDON,), "GB")
    first = window.next_span(utc("2026-12-25 09:00"))
    assert (first.start, first.end) == (utc("2026-12-27 00:00"), utc("2026-12-27 23:55"))
    assert window.next_span(first.end).start == utc("2026-12-29 00:00")
