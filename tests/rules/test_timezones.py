"""What time it is where the contact is, and which instant somebody meant."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.rules.timezones import (
    NonexistentTimeError,
    ZoneSource,
    best_zones,
    city,
    instant_of,
    instant_said,
    is_zone,
    rank,
    zones_of_number,
)

NEW_YORK, LONDON, LORD_HOWE = "America/New_York", "Europe/London", "Australia/Lord_Howe"
ZONES = [NEW_YORK, LONDON, LORD_HOWE, "Asia/Kathmandu", "Pacific/Apia", "America/Sao_Paulo", "UTC"]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "zone", "meant"),
    [
        ("2026-11-20 09:00", NEW_YORK, "2026-11-20 14:00"),  # winter: UTC-5
        ("2026-07-20 09:00", NEW_YORK, "2026-07-20 13:00"),  # summer: UTC-4
        ("2026-03-08 02:30", NEW_YORK, "2026-03-08 07:30"),  # in the gap: UTC-5, reads 03:30
        ("2026-03-08 02:00", NEW_YORK, "2026-03-08 07:00"),  # its first minute: reads 03:00
        ("2026-03-08 03:00", NEW_YORK, "2026-03-08 07:00"),  # the first minute after the gap
        ("2026-11-01 01:30", NEW_YORK, "2026-11-01 06:30"),  # twice: the second, UTC-5
        ("2026-11-01 00:59", NEW_YORK, "2026-11-01 04:59"),  # once, before: UTC-4
        ("2026-11-01 02:00", NEW_YORK, "2026-11-01 07:00"),  # once, after: UTC-5
        ("2026-03-29 01:30", LONDON, "2026-03-29 01:30"),  # in the gap: UTC+0, reads 02:30
        ("2026-10-25 01:30", LONDON, "2026-10-25 01:30"),  # twice: the second, UTC+0
        ("2026-10-04 02:15", LORD_HOWE, "2026-10-03 15:45"),  # half an hour's gap: UTC+10:30
        ("2026-04-05 01:45", LORD_HOWE, "2026-04-04 15:15"),  # half an hour twice: UTC+10:30
        ("2026-11-20 09:00", "Asia/Kathmandu", "2026-11-20 03:15"),  # UTC+5:45
    ],
)
def test_a_wall_time_is_one_instant_also_where_the_clock_jumps(said, zone, meant):
    assert instant_of(wall(said), zone) == utc(meant)


def test_a_time_in_the_gap_reads_an_hour_later_in_new_york():
    instant = instant_of(wall("2026-03-08 02:30"), NEW_YORK)
    assert f"{instant.astimezone(ZoneInfo(NEW_YORK)):%H:%M}" == "03:30"


@pytest.mark.parametrize(
    ("said", "zone", "named"),
    [
        ("2026-03-08 02:30", NEW_YORK, "02:30 on 8 March does not exist in New York"),
        ("2026-03-08 02:00", NEW_YORK, "02:00 on 8 March"),
        ("2026-03-08 02:59", NEW_YORK, "02:59 on 8 March"),
        ("2026-03-29 01:15", LONDON, "01:15 on 29 March does not exist in London"),
        ("2026-10-04 02:15", LORD_HOWE, "Lord Howe"),
        ("2011-12-30 12:00", "Pacific/Apia", "12:00 on 30 December"),  # a whole day was skipped
    ],
)
def test_a_person_cannot_have_meant_a_time_that_the_clock_jumps_over(said, zone, named):
    with pytest.raises(NonexistentTimeError, match=named):
        instant_said(wall(said), zone)


@pytest.mark.parametrize("text", ["2026-03-08 01:59", "2026-03-08 03:00", "2026-11-01 01:30"])
def test_a_person_may_mean_the_times_around_the_gap_and_the_repeated_ones(text):
    assert instant_said(wall(text), NEW_YORK) == instant_of(wall(text), NEW_YORK)


@given(
    instant=st.datetimes(wall("2000-01-01"), wall("2037-01-01"), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
)
def test_every_instant_read_off_a_wall_comes_back_or_is_the_second_of_a_pair(instant, zone):
    read = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    back = instant_said(read, zone)
    assert back >= instant
    assert back.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == read


@pytest.mark.parametrize("extreme", ["0001-01-01 00:00", "9999-12-31 23:59", "9999-12-30 12:00"])
@pytest.mark.parametrize("zone", [NEW_YORK, "Asia/Tokyo"])
def test_a_year_at_the_end_of_the_calendar_is_refused_like_any_other_impossible_time(extreme, zone):
    with pytest.raises(NonexistentTimeError, match="no year to be called in"):
        instant_said(wall(extreme), zone)


S, A, B, N = "Asia/Tokyo", "Europe/Lisbon", "Europe/Paris", ("Europe/London", "Europe/Jersey")


@pytest.mark.parametrize(
    ("given_zones", "zones", "source"),
    [
        ({"said": S, "address": A, "browser": B, "number": N}, (S,), ZoneSource.SAID),
        ({"address": A, "browser": B, "number": N}, (A,), ZoneSource.ADDRESS),
        ({"browser": B, "number": N}, (B,), ZoneSource.BROWSER),
        ({"number": N}, N, ZoneSource.NUMBER),
        ({}, (), ZoneSource.UNKNOWN),
        ({"said": "Mars/Olympus", "browser": B}, (B,), ZoneSource.BROWSER),  # no zone: passed over
        ({"said": "Etc/Unknown", "number": N}, N, ZoneSource.NUMBER),
        ({"browser": "../../etc/passwd"}, (), ZoneSource.UNKNOWN),
    ],
)
def test_the_zone_that_was_said_counts_most_and_the_number_least(given_zones, zones, source):
    assert best_zones(**given_zones) == (zones, source)


def test_sources_rank_in_the_order_said_address_browser_number():
    order = ["said", "address", "browser", "number", "unknown"]
    assert sorted(order, key=rank) == order


@pytest.mark.parametrize(
    ("e164", "zones"),
    [
        ("+12125550123", (NEW_YORK,)),
        ("+442079460134", (LONDON,)),
        ("+12085550123", ("America/Boise", "America/Los_Angeles")),  # Idaho has two
        # and Alaska; the zone where most people of the country live comes first
        ("+19075550123", ("America/Anchorage", "America/Adak")),
        ("+16055550123", ("America/North_Dakota/Center", "America/Denver")),
        ("+351912345678", ("Europe/Lisbon", "Atlantic/Azores")),
        ("+447400123456", (LONDON, "Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey")),
        ("no number", ()),
    ],
)
def test_a_number_names_every_zone_it_could_be_in(e164, zones):
    assert zones_of_number(e164) == zones


def test_a_toll_free_number_could_be_anywhere_in_north_america():
    assert len(zones_of_number("+18005550199")) > 40


def test_a_satellite_telephone_is_nowhere():
    assert zones_of_number("+881612345678") == ()  # its prefix says Etc/Unknown


@given(st.integers(min_value=201, max_value=989))
def test_no_area_code_is_ever_in_a_place_that_zoneinfo_does_not_know(area):
    for zone in zones_of_number(f"+1{area}5550123"):
        assert zone != "Etc/Unknown"
        assert ZoneInfo(zone)


@pytest.mark.parametrize(
    ("name", "known"),
    [(LONDON, True), ("UTC", True), ("Etc/Unknown", False), ("", False), ("europe/london ", False)],
)
def test_only_an_iana_name_is_a_zone(name, known):
    assert is_zone(name) is known


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        (NEW_YORK, "New York"),
        (LONDON, "London"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_reads_as_the_name_of_its_city(zone, words):
    assert city(zone) == words
