"""No wrong "allowed": every set of zones that a number can have, in the weeks of odd days.

The product's window is compared with an oracle that reads wall clocks (``oracle.py``), a quarter
of an hour at a time. Ends lie four minutes behind a quarter, so that the margin shows.
"""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.rules.hours import (
    HourRange,
    Hours,
    QuietProfile,
    Timetable,
    campaign_timetable,
    quiet_timetable,
)
from campaigns.rules.spans import Span
from campaigns.rules.windows import Window
from contacts.rules.timezones import zones_of_number
from tests.rules import oracle
from tests.rules.oracle import QUARTER, QUARTERS, Law, compare, sets_of_zones, weeks_of

# One process reads the clocks for all of them.
pytestmark = pytest.mark.xdist_group("zones")
WEEK, EVERY_DAY = range(5), range(7)


def ranges(days, *pairs):
    return tuple((day, opens, closes) for day in days for opens, closes in pairs)


# The public holidays of Austria, from a calendar: the fixed ones, and those that move with Easter.
AUSTRIAN = frozenset(
    date(year, month, day)
    for year, moving in (
        (2026, ((4, 6), (5, 14), (5, 25), (6, 4))),
        (2027, ((3, 29), (5, 6), (5, 17), (5, 27))),
    )
    for month, day in (
        *((1, 1), (1, 6), (5, 1), (8, 15), (10, 26), (11, 1), (12, 8), (12, 25), (12, 26)),
        *moving,
    )
)
LAWS = [
    Law("the default", ranges(EVERY_DAY, (480, 1260)), ranges(EVERY_DAY, (0, 1440))),
    Law(
        "a midday break, no Sunday, holidays",
        ranges(WEEK, (600, 784), (840, 1204)) + ranges([5], (540, 1024)),  # until 13:04, 20:04
        ranges(EVERY_DAY, (450, 1110)),
        country="AT",
        closed_days=AUSTRIAN,
    ),
    Law(
        "nights, over midnight, and a campaign in Berlin",
        ranges(EVERY_DAY, (0, 154), (1320, 1440)),  # 22:00–02:34: an end inside every gap
        ranges([0, 2, 3, 4, 5, 6], (0, 105), (135, 1440)),  # Berlin: closed 01:45–02:15
        campaign_zone="Europe/Berlin",
    ),
    Law(
        "nights on the contact's clock",
        ranges(EVERY_DAY, (15, 94), (120, 184)),  # until 01:34, and 02:00–03:04
        ranges(EVERY_DAY, (0, 90), (90, 165)),  # touching at 01:30
    ),
]
IDS = [law.name for law in LAWS]


def hours(plain) -> Hours:
    return tuple(HourRange(*one) for one in sorted(plain))


def windows(law, *, margin=None):
    """The product's window for any set of zones under a law; ``margin`` plants an error."""
    calling = campaign_timetable(hours(law.calling), law.country)
    quiet = quiet_timetable([QuietProfile(law.name, hours(law.quiet))], law.country)
    if margin is not None:
        quiet = Timetable(quiet.profiles, law.country, margin)
    return lambda zones: Window(calling, law.campaign_zone, quiet, zones)


def spans_over_the_week(window_of):
    return lambda zones, week: window_of(zones).spans(week, 8)


def test_every_set_of_zones_is_compared():
    sets = sets_of_zones()
    assert len(sets) > 300
    assert len({zone for zones in sets for zone in zones}) > 270
    assert max(len(zones) for zones in sets) > 40  # +1 800
    assert {len(weeks_of(zones)) for zones in sets} >= {2, 4}


@pytest.mark.parametrize(
    "number", ["+18005550123", "+14235550123", "+441481256789", "+5511987654321"]
)
def test_the_sets_are_those_that_the_product_works_with(number):
    assert tuple(sorted(zones_of_number(number))) in sets_of_zones()


@pytest.mark.parametrize("law", LAWS, ids=IDS)
def test_no_quarter_of_the_odd_weeks_is_wrongly_allowed_or_blocked(law, record_property):
    sets = sets_of_zones()
    found = compare(sets, law, spans_over_the_week(windows(law)))
    assert found.wrong == ()
    assert 0 < found.opened < found.compared
    record_property(
        "measured",
        f"calling windows against wall clocks, {law.name}: {len(sets)} sets of zones, "
        f"{found.compared:,} quarters of an hour, {found.opened:,} open, none wrong",
    )


@pytest.mark.parametrize("law", LAWS, ids=IDS)
def test_single_instants_agree_with_the_wall_clocks_too(law):
    drawn = random.Random(law.name)
    window_of, wrong, seen = windows(law), [], set()
    for zones in sets_of_zones():
        for week in weeks_of(zones):
            expected = oracle.judged(law, zones, week)
            for number in drawn.sample(range(QUARTERS), 4):
                instant = week + QUARTER * number
                allowed = window_of(zones).span_at(instant) is not None
                seen.add(allowed)
                if allowed is not bool(expected >> number & 1):
                    wrong.append((zones, instant))
    assert wrong == []
    assert seen == {True, False}


# --- Would the comparison notice? Errors that such code is known for, planted. ---


def frozen_offset(window_of):
    """The offset of the week's beginning all week long: what a stored "+02:00" does."""

    def spans(zones, week):
        fixed = tuple(_fixed(zone, week) for zone in zones)
        layers = [
            [Span(one.start - shift, one.end - shift) for one in _on_utc(window_of, week, shift)]
            for shift in fixed
        ]
        common = layers[0]
        for layer in layers[1:]:
            common = [
                Span(max(a.start, b.start), min(a.end, b.end))
                for a in common
                for b in layer
                if max(a.start, b.start) < min(a.end, b.end)
            ]
        return common

    return spans


def _fixed(zone, week):
    return week.astimezone(ZoneInfo(zone)).utcoffset()


def _on_utc(window_of, week, shift):
    return window_of(("UTC",)).spans(week + shift, 8)


def any_zone(window_of):
    """Open as soon as one of the candidate zones is."""
    return lambda zones, week: [
        span for zone in zones for span in window_of((zone,)).spans(week, 8)
    ]


def first_zone(window_of):
    """Only the zone that is shown."""
    return lambda zones, week: window_of(zones[:1]).spans(week, 8)


def an_hour_late(window_of):
    """A span that begins on the day of the change begins an hour late."""
    return lambda zones, week: [
        Span(span.start + timedelta(hours=(span.start - week).days == 2), span.end)
        for span in window_of(zones).spans(week, 8)
    ]


@pytest.mark.parametrize("planted", [frozen_offset, any_zone, first_zone, an_hour_late])
def test_a_planted_error_is_noticed(planted):
    law = LAWS[0]
    sets = [
        zones
        for zones in sets_of_zones()
        if "Europe/London" in zones or "America/New_York" in zones
    ]
    assert compare(sets, law, spans_over_the_week(windows(law))).wrong == ()
    wrong = compare(sets, law, planted(windows(law))).wrong
    assert wrong
    assert "wrongly at 202" in wrong[0]


def test_a_missing_margin_is_noticed():
    law = LAWS[1]
    sets = [("Europe/Vienna",)]
    found = compare(sets, law, spans_over_the_week(windows(law, margin=timedelta())))
    assert found.wrong
    assert {line.split(" at ")[0] for line in found.wrong} == {f"{law.name}: allowed wrongly"}


def test_a_forgotten_holiday_is_noticed():
    law = LAWS[1]
    never = Law(law.name, law.quiet, law.calling)
    found = compare([("Europe/Vienna",)], law, spans_over_the_week(windows(never)))
    days = {line.split(" at ")[1][:10] for line in found.wrong}
    assert days == {"2026-10-26", "2027-03-29", "2027-11-01"}  # all of them Mondays


def test_a_single_quarter_too_many_is_noticed():
    law = LAWS[0]
    week = datetime(2026, 3, 26, tzinfo=UTC)
    night = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    assert week in weeks_of(("Europe/London",))
    honest = spans_over_the_week(windows(law))
    found = compare(
        [("Europe/London",)],
        law,
        lambda zones, start: [*honest(zones, start), Span(night, night + QUARTER)],
    )
    assert found.wrong == ("the default: allowed wrongly at 2026-03-29 02:30 UTC in Europe/London",)
