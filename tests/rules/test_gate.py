"""May this number be dialled now?"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

import pytest

from callbacks.rules.gate import Allowed, Blocked, GateFacts, Reason, decide
from campaigns.rules.hours import ALWAYS, DEFAULT_QUIET_HOURS, every_day
from tests.law import law, window_of

NOON = datetime.fromisoformat("2026-11-20 12:00+00:00")
NIGHT = datetime.fromisoformat("2026-11-20 22:00+00:00")
WINDOW = window_of(ALWAYS, "", law(DEFAULT_QUIET_HOURS), ("Europe/Lisbon",))
FINE = GateFacts(now=NOON, do_not_call=False, number_valid=True, campaign_dials=True, window=WINDOW)
# Each reason with the one fact that causes it, in the order in which the gate asks.
CAUSES = [
    (Reason.DO_NOT_CALL, {"do_not_call": True}),
    (Reason.INVALID_NUMBER, {"number_valid": False}),
    (Reason.CAMPAIGN_PAUSED, {"campaign_dials": False}),
    (Reason.ZONE_UNKNOWN, {"window": replace(WINDOW, zones=())}),
    (Reason.CLOSED, {"now": NIGHT}),
]


def test_a_call_within_all_limits_is_allowed_until_the_window_closes():
    assert decide(FINE) == Allowed(datetime.fromisoformat("2026-11-20 20:55+00:00"))


@pytest.mark.parametrize(("reason", "fact"), CAUSES)
def test_one_fact_is_enough_to_block(reason, fact):
    verdict = decide(replace(FINE, **fact))
    assert isinstance(verdict, Blocked)
    assert verdict.reason is reason


@pytest.mark.parametrize(("first", "second"), list(combinations(CAUSES, 2)))
def test_of_two_reasons_the_earlier_is_given(first, second):
    verdict = decide(replace(FINE, **second[1], **first[1]))
    assert isinstance(verdict, Blocked)
    assert verdict.reason is first[0]


def test_with_every_reason_at_once_it_is_do_not_call():
    every = {name: value for _, fact in CAUSES for name, value in fact.items()}
    assert decide(replace(FINE, **every)) == Blocked(Reason.DO_NOT_CALL)


@pytest.mark.parametrize(("reason", "fact"), CAUSES[:-1])
def test_only_a_closed_window_ends_by_itself(reason, fact):
    verdict = decide(replace(FINE, **fact))
    assert verdict == Blocked(reason, until=None)


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


@pytest.mark.parametrize(("reason", "fact"), CAUSES[:-1])
def test_a_time_the_customer_chose_opens_nothing_but_the_window(reason, fact):
    verdict = decide(replace(FINE, **fact, own_time=True))
    assert isinstance(verdict, Blocked)
    assert verdict.reason is reason


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
