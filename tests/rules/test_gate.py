"""May this number be dialled now? The examples of docs/rules/gate.md, and what they leave out."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.rules.gate import Allowed, Blocked, Reason, decide, inputs
from callbacks.rules.words import verdict as in_words
from campaigns.rules.caps import Cap
from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS, QuietProfile, every_day
from tests.law import law, window_of
from tests.rules.examples.gate import (
    ALLOWED,
    BLOCKED,
    FINE,
    NIGHT,
    NOON,
    THREE_DIALS,
    WINDOW,
)
from tests.rules.examples.windows import LISBON
from tests.rules.plain import utc

PAIRS = list(combinations(BLOCKED, 2))


def named(example):
    return example.fact


def test_there_is_an_example_for_each_reason_in_the_order_of_the_gate():
    assert [one.reason for one in BLOCKED] == list(Reason)


@pytest.mark.parametrize("example", BLOCKED, ids=named)
def test_one_fact_is_enough_to_block(example):
    until = utc(example.until) if example.until else None
    assert decide(example.facts) == Blocked(example.reason, until)


@pytest.mark.parametrize("example", ALLOWED, ids=named)
def test_a_call_within_all_limits_is_allowed_until_the_window_closes(example):
    until = utc(example.until) if example.until else None
    assert decide(example.facts) == Allowed(until, by_wish=example.by_wish)


@pytest.mark.parametrize("example", BLOCKED + ALLOWED, ids=named)
def test_the_verdict_reads_as_the_example_says(example):
    found = in_words(
        decide(example.facts), LISBON, example.facts.now, paused_by="Priya Nair", callable_from=None
    )
    assert found.text == example.words


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda one: one.reason)
def test_of_two_reasons_the_earlier_is_given(first, second):
    verdict = decide(replace(FINE, **second.changes | first.changes))
    assert isinstance(verdict, Blocked)
    assert verdict.reason is first.reason


def test_with_every_reason_at_once_it_is_do_not_call():
    every = {name: value for one in BLOCKED for name, value in one.changes.items()}
    assert decide(replace(FINE, **every)) == Blocked(Reason.DO_NOT_CALL)


# --- The window. ---


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-20 20:55", "2026-11-21 08:00"),  # closed this second: tomorrow morning
        ("2026-11-20 22:00", "2026-11-21 08:00"),
        ("2026-11-20 07:59", "2026-11-20 08:00"),
    ],
)
def test_a_closed_window_says_when_it_opens(now, until):
    verdict = decide(replace(FINE, now=datetime.fromisoformat(f"{now}+00:00")))
    assert verdict == Blocked(Reason.CLOSED, datetime.fromisoformat(f"{until}+00:00"))


def test_a_window_that_never_opens_has_no_end_to_name():
    never = window_of(every_day(0, 60), "", law(DEFAULT_QUIET_HOURS), ("Europe/Lisbon",))
    assert decide(replace(FINE, window=never)) == Blocked(Reason.CLOSED, None)


def test_a_time_the_customer_chose_opens_the_window():
    assert decide(replace(FINE, now=NIGHT, own_time=True)) == Allowed(None, by_wish=True)


@pytest.mark.parametrize("now", [NOON, NIGHT])
@pytest.mark.parametrize(
    "example", [one for one in BLOCKED if one.reason is not Reason.CLOSED], ids=named
)
def test_a_time_the_customer_chose_opens_nothing_but_the_window(example, now):
    verdict = decide(replace(FINE, **{"now": now, **example.changes}, own_time=True))
    assert isinstance(verdict, Blocked)
    assert verdict.reason is example.reason


def test_inside_the_window_the_customers_choice_changes_nothing():
    assert decide(replace(FINE, own_time=True)) == decide(FINE)


def test_two_zones_are_open_until_the_first_one_closes():
    both = replace(WINDOW, zones=("Europe/Lisbon", "Atlantic/Azores"))  # Azores: an hour behind
    assert decide(replace(FINE, window=both)) == Allowed(
        datetime.fromisoformat("2026-11-20 20:55+00:00")
    )
    early = NOON - timedelta(hours=3, minutes=1)  # 08:59 in Lisbon, 07:59 in the Azores
    assert decide(replace(FINE, window=both, now=early)) == Blocked(
        Reason.CLOSED, NOON - timedelta(hours=3)
    )


# --- The frequency cap. ---


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-20 11:30", "2026-11-21 08:15"),  # dialled this second for the third time
        ("2026-11-20 20:54:59", "2026-11-21 08:15"),
        ("2026-11-21 08:14:59", "2026-11-21 08:15"),
        ("2026-11-21 08:15", None),  # the first of the three is exactly 24 h old
    ],
)
def test_a_cap_blocks_until_the_count_falls_below_it(now, until):
    verdict = decide(replace(FINE, now=utc(now), dialled_at=THREE_DIALS))
    if until is None:
        assert isinstance(verdict, Allowed)
    else:
        assert verdict == Blocked(Reason.FREQUENCY_CAP, utc(until))


def test_the_caps_of_the_place_count_beside_those_of_the_campaign():
    # The campaign: 3 in 24 h, the fourth newest counts no more. The place: 4 in 30 days.
    of_place = QuietProfile("France", DEFAULT_QUIET_HOURS, (Cap(4, timedelta(days=30)),))
    window = replace(window_of(ALWAYS, "", (of_place,), (LISBON,)), caps=WINDOW.caps)
    old = utc("2026-11-02 10:00")
    two = THREE_DIALS[:2]
    assert isinstance(decide(replace(FINE, window=window, dialled_at=(*two, old))), Allowed)
    # four in 30 days: free on 2 December at 10:00, later than the campaign's 21 November
    verdict = decide(replace(FINE, window=window, dialled_at=(*THREE_DIALS, old)))
    assert verdict == Blocked(Reason.FREQUENCY_CAP, utc("2026-12-02 10:00"))


def test_a_cap_whose_profile_is_not_in_force_counts_nothing():
    over = QuietProfile(
        "Old", DEFAULT_QUIET_HOURS, (Cap(1, timedelta(days=30)),), last_day=NOON.date()
    )
    window = window_of(ALWAYS, "", (over,), (LISBON,))
    facts = replace(FINE, window=window, dialled_at=THREE_DIALS)
    assert decide(facts) == Blocked(Reason.FREQUENCY_CAP, utc("2026-12-20 11:30"))
    assert isinstance(decide(replace(facts, now=NOON + timedelta(days=1))), Allowed)


# --- What is kept beside a decision. ---


def kept(facts):
    """The facts as they come back from the table: through JSON, times as text."""
    return json.loads(json.dumps(inputs(facts), default=str))


def explained(data):
    """The gate's reason worked out from the stored inputs alone; None where it is allowed."""
    now = datetime.fromisoformat(data["now"])
    if data["do_not_call"]:
        return Reason.DO_NOT_CALL
    if not data["number_valid"]:
        return Reason.INVALID_NUMBER
    if not data["campaign_dials"]:
        return Reason.CAMPAIGN_PAUSED
    if not data["zones"]:
        return Reason.ZONE_UNKNOWN
    if not data["own_time"] and not all(_open_in(one, data, now) for one in data["zones"]):
        return Reason.CLOSED
    dials = [datetime.fromisoformat(one) for one in data["dialled_at"]]
    for at_most, seconds in data["caps"]:
        if sum(one > now - timedelta(seconds=seconds) for one in dials) >= at_most:
            return Reason.FREQUENCY_CAP
    return Reason.LIVE_CALL if data["live_call"] else None


def _open_in(one, data, now):
    wall = datetime.fromisoformat(one["wall"])
    there = now.astimezone(ZoneInfo(data["campaign_zone"])) if data["campaign_zone"] else wall
    return _within(wall, one["quiet_hours"], data["quiet_margin"]) and _within(
        there, one["campaign_hours"], 0
    )


def _within(wall, ranges, margin):
    second = (wall.hour * 60 + wall.minute) * 60 + wall.second
    return any(opens * 60 <= second < closes * 60 - margin for opens, closes in ranges)


@pytest.mark.parametrize("example", BLOCKED + ALLOWED, ids=named)
def test_a_decision_can_be_explained_from_the_kept_inputs_alone(example):
    assert explained(kept(example.facts)) is example.reason


zones = st.lists(
    st.sampled_from([LISBON, "Europe/Paris", "America/New_York", "Asia/Kathmandu"]),
    max_size=3,
    unique=True,
)
ranges = st.tuples(st.integers(0, 22), st.integers(1, 8)).map(
    lambda pair: every_day(pair[0] * 60, min(pair[0] + pair[1], 23) * 60)
)


@given(
    flags=st.tuples(*[st.booleans()] * 3),
    number_valid=st.booleans() | st.just(True),
    campaign_dials=st.booleans() | st.just(True),
    found=zones,
    calling=ranges,
    quiet=ranges,
    campaign_zone=st.sampled_from(["", "Europe/Berlin"]),
    minute=st.integers(0, 7 * 1440),
    dials=st.lists(st.integers(0, 3000), max_size=5),
)
def test_any_decision_can_be_explained_from_the_kept_inputs(
    flags, number_valid, campaign_dials, found, calling, quiet, campaign_zone, minute, dials
):
    do_not_call, own_time, live_call = flags
    now = NOON + timedelta(minutes=minute)
    window = replace(
        window_of(calling, campaign_zone, law(quiet), tuple(found)),
        caps=(Cap(2, timedelta(hours=24)),),
    )
    facts = replace(
        FINE, now=now, do_not_call=do_not_call and minute % 5 == 0, number_valid=number_valid,
        campaign_dials=campaign_dials, window=window, own_time=own_time, live_call=live_call,
        dialled_at=tuple(now - timedelta(minutes=one) for one in dials),
    )  # fmt: skip
    verdict = decide(facts)
    reason = verdict.reason if isinstance(verdict, Blocked) else None
    assert explained(kept(facts)) is reason


def test_what_is_kept_is_plain_data_with_the_contacts_clock_in_it():
    zones = (LISBON, "Atlantic/Azores")
    facts = replace(FINE, window=replace(WINDOW, zones=zones), dialled_at=THREE_DIALS)
    data = kept(facts)
    assert data["now"] == "2026-11-20 12:00:00+00:00"
    assert [(one["zone"], one["wall"]) for one in data["zones"]] == [
        (LISBON, "2026-11-20T12:00:00+00:00"),
        ("Atlantic/Azores", "2026-11-20T11:00:00-01:00"),
    ]
    assert data["zones"][0]["quiet_hours"] == [[480, 1260]]
    assert data["zones"][0]["campaign_hours"] == [[0, 1440]]
    assert data["zones"][0]["profiles"] == ["A law"]
    assert data["caps"] == [[3, 24 * 3600]]
    assert data["dialled_at"][0] == "2026-11-20 08:15:00+00:00"


def test_a_holiday_shows_in_what_is_kept_as_a_day_without_hours():
    window = window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), (LISBON,), "PT")
    data = kept(replace(FINE, window=window, now=utc("2026-12-25 12:00")))
    assert (data["country"], data["zones"][0]["quiet_hours"]) == ("PT", [])
    assert explained(data) is Reason.CLOSED
