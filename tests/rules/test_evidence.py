"""What the gate knew, read back in words."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callbacks.rules.evidence import evidence
from callbacks.rules.gate import GateFacts, inputs
from campaigns.rules.caps import Cap
from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS, every_day
from tests.law import law, window_of

NOON = datetime.fromisoformat("2026-11-20 12:00+00:00")
WINDOW = window_of(every_day(9 * 60, 17 * 60), "", law(DEFAULT_QUIET_HOURS), ("Europe/Lisbon",))
FINE = GateFacts(now=NOON, do_not_call=False, number_valid=True, campaign_dials=True, window=WINDOW)


def read(facts):
    """As it is kept: through JSON and back."""
    return dict(evidence(json.loads(json.dumps(inputs(facts), default=str))))


def test_what_allowed_a_call():
    assert read(FINE) == {
        "Do not call": "not on the list",
        "Number": "in service",
        "Campaign": "calls",
        "Lisbon": "Fri 12:00; may be called 08:00–21:00 (A law), campaign open 09:00–17:00",
        "Caps": "no limit",
        "Other calls": "none going on",
    }


@pytest.mark.parametrize(
    ("fact", "label", "said"),
    [
        ({"do_not_call": True}, "Do not call", "on the list"),
        ({"number_valid": False}, "Number", "not in service"),
        ({"campaign_dials": False}, "Campaign", "paused"),
        ({"live_call": True}, "Other calls", "one was going on"),
        ({"own_time": True}, "Time", "chosen by the customer"),
        ({"window": replace(WINDOW, zones=())}, "Clock", "zone not known"),
    ],
)
def test_each_fact_has_its_words(fact, label, said):
    assert read(FINE).get(label) != said
    assert read(replace(FINE, **fact))[label] == said


def test_a_number_of_many_zones_names_two_and_counts_the_rest():
    zones = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix")
    said = read(replace(FINE, window=replace(WINDOW, zones=zones)))
    assert said["New York"].startswith("Fri 07:00")
    assert said["Chicago"].startswith("Fri 06:00")
    assert "Denver" not in said
    assert said["And"] == "2 more zones that it could be in"


@pytest.mark.parametrize(
    ("cap", "ago", "said"),
    [
        (Cap(3, timedelta(hours=24)), [1, 23, 25], "2 of 3 in 24 h"),
        (Cap(3, timedelta(hours=24)), [24], "0 of 3 in 24 h"),  # one span old: counts no more
        (Cap(7, timedelta(days=7)), [1, 100], "2 of 7 in 7 days"),
    ],
)
def test_caps_say_how_many_counted(cap, ago, said):
    dials = tuple(NOON - timedelta(hours=hours) for hours in ago)
    window = replace(WINDOW, caps=(cap,))
    assert read(replace(FINE, window=window, dialled_at=dials))["Caps"] == said


def test_two_ranges_and_a_closed_day_are_said():
    twice = every_day(600, 780) + every_day(840, 1200)
    french = window_of(ALWAYS, "", law(twice), ("Europe/Paris",))
    assert (
        "may be called 10:00–13:00 and 14:00–20:00" in read(replace(FINE, window=french))["Paris"]
    )
    never = tuple(one for one in ALWAYS if one.weekday != NOON.weekday())
    closed = window_of(never, "", law(DEFAULT_QUIET_HOURS), ("Europe/Lisbon",))
    assert "campaign open not at all that day" in read(replace(FINE, window=closed))["Lisbon"]
