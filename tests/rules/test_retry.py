"""What happens after a call that did not reach the contact."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.retry import (
    DEFAULT_POLICIES,
    DialsSoFar,
    Ending,
    Outcome,
    OutcomeUnknownError,
    Retry,
    RetryPolicy,
    Stop,
    after,
)

ENDED = datetime(2026, 11, 20, 10, 2, tzinfo=UTC)
H, M = timedelta(hours=1), timedelta(minutes=1)
RETRIED = {
    Outcome.VOICEMAIL: (24 * H, 3),
    Outcome.NO_ANSWER: (24 * H, 3),
    Outcome.BUSY: (1 * H, 5),
    Outcome.NETWORK_ERROR: (30 * M, 3),
}


def nth(number: int) -> DialsSoFar:
    """The number-th dial with the same outcome has just ended."""
    return DialsSoFar(with_this_outcome=number, in_all=number)


@pytest.mark.parametrize(
    ("outcome", "dial", "delay", "maximum"),
    [
        (outcome, dial, delay, maximum)
        for outcome, (delay, maximum) in RETRIED.items()
        for dial in range(1, maximum + 1)
    ],
)
def test_each_dial_up_to_the_maximum_is_followed_by_a_retry(outcome, dial, delay, maximum):
    # dial 1 leads to "Retry 1 of 3", dial 3 to "Retry 3 of 3"
    step = after(outcome, ENDED, nth(dial), DEFAULT_POLICIES)
    assert step == Retry(ENDED + delay, dial, maximum)


@pytest.mark.parametrize(
    ("outcome", "dials"),
    [
        (Outcome.VOICEMAIL, 4),  # max retries 3: the first dial and three more
        (Outcome.NO_ANSWER, 4),
        (Outcome.BUSY, 6),  # max retries 5: the first dial and five more
        (Outcome.NETWORK_ERROR, 4),
    ],
)
def test_the_dial_after_the_last_retry_exhausts(outcome, dials):
    assert isinstance(after(outcome, ENDED, nth(dials - 1), DEFAULT_POLICIES), Retry)
    step = after(outcome, ENDED, nth(dials), DEFAULT_POLICIES)
    assert step == Stop(Ending.EXHAUSTED, f"All {dials - 1} retries are used up")


@pytest.mark.parametrize(
    ("outcome", "ending", "reason"),
    [
        (Outcome.ANSWERED, Ending.COMPLETED, "answered"),
        (Outcome.INVALID_NUMBER, Ending.CANCELLED, "not in service"),
        (Outcome.DNC_REQUEST, Ending.CANCELLED, "not to be called"),
        (Outcome.CANCELLED_BY_AGENT, Ending.EXHAUSTED, "no retry for this outcome"),
    ],
)
@pytest.mark.parametrize("dial", [1, 2, 9])
def test_these_outcomes_are_never_retried(outcome, ending, reason, dial):
    step = after(outcome, ENDED, nth(dial), DEFAULT_POLICIES)
    assert isinstance(step, Stop)
    assert step.ending is ending
    assert reason in step.reason


@pytest.mark.parametrize("outcome", [Outcome.INVALID_NUMBER, Outcome.DNC_REQUEST, Outcome.ANSWERED])
def test_not_even_a_policy_row_makes_them_retried(outcome):
    generous = {outcome: RetryPolicy((H,), 9)}
    assert isinstance(after(outcome, ENDED, nth(1), generous), Stop)


@pytest.mark.parametrize("outcome", list(RETRIED))
def test_an_outcome_without_a_row_gives_up(outcome):
    step = after(outcome, ENDED, nth(1), {})
    assert isinstance(step, Stop)
    assert step.ending is Ending.EXHAUSTED


@pytest.mark.parametrize("dial", [1, 4])
def test_an_unknown_outcome_decides_nothing(dial):
    with pytest.raises(OutcomeUnknownError):
        after(Outcome.UNKNOWN, ENDED, nth(dial), DEFAULT_POLICIES)


@pytest.mark.parametrize(
    ("dial", "delay"),
    [
        (1, 1 * H),
        (2, 4 * H),
        (3, 24 * H),
        (4, 24 * H),  # the last step repeats
        (5, 24 * H),
    ],
)
def test_delays_are_steps_and_the_last_one_repeats(dial, delay):
    policy = {Outcome.BUSY: RetryPolicy((1 * H, 4 * H, 24 * H), 5)}
    assert after(Outcome.BUSY, ENDED, nth(dial), policy) == Retry(ENDED + delay, dial, 5)


@pytest.mark.parametrize(
    ("in_all", "cap", "ends"),
    [
        (1, 3, False),
        (2, 3, False),
        (3, 3, True),  # the third dial was the last that the cap allows
        (4, 3, True),
        (9, None, False),  # no cap
    ],
)
def test_the_cap_on_all_dials_of_a_campaign_exhausts(in_all, cap, ends):
    so_far = DialsSoFar(with_this_outcome=1, in_all=in_all)
    step = after(Outcome.BUSY, ENDED, so_far, DEFAULT_POLICIES, cap)
    assert isinstance(step, Stop) is ends
    if isinstance(step, Stop):
        assert step == Stop(Ending.EXHAUSTED, f"The campaign dials a contact at most {cap} times")


def test_a_contact_who_answered_at_the_cap_is_completed_all_the_same():
    step = after(Outcome.ANSWERED, ENDED, DialsSoFar(1, 3), DEFAULT_POLICIES, 3)
    assert isinstance(step, Stop)
    assert step.ending is Ending.COMPLETED


def test_outcomes_are_counted_apart():
    # three busy lines and one voicemail: the voicemail is the first of its kind
    step = after(Outcome.VOICEMAIL, ENDED, DialsSoFar(1, 4), DEFAULT_POLICIES)
    assert step == Retry(ENDED + 24 * H, 1, 3)


@pytest.mark.parametrize(
    ("ended", "reads"),
    [
        ("2026-03-28 10:00", "2026-03-29 11:00"),  # London loses an hour: 24 h read 25
        ("2026-10-24 10:00", "2026-10-25 09:00"),  # and gains one: 24 h read 23
        ("2026-11-20 10:00", "2026-11-21 10:00"),
    ],
)
def test_a_day_of_delay_is_24_real_hours_when_the_clock_changes(ended, reads):
    london = ZoneInfo("Europe/London")
    ended_at = datetime.fromisoformat(ended).replace(tzinfo=london).astimezone(UTC)
    step = after(Outcome.VOICEMAIL, ended_at, nth(1), DEFAULT_POLICIES)
    assert isinstance(step, Retry)
    assert step.due_at - ended_at == timedelta(hours=24)
    assert f"{step.due_at.astimezone(london):%Y-%m-%d %H:%M}" == reads


def test_the_default_policy_is_the_table_of_the_rules():
    table = {
        name: (policy.delays[0], policy.max_retries) for name, policy in DEFAULT_POLICIES.items()
    }
    assert table == RETRIED


@given(
    steps=st.lists(st.integers(1, 10_000), min_size=1, max_size=6),
    maximum=st.integers(0, 12),
    dial=st.integers(1, 20),
)
def test_there_are_exactly_as_many_retries_as_the_row_says(steps, maximum, dial):
    policy = {Outcome.BUSY: RetryPolicy(tuple(timedelta(minutes=step) for step in steps), maximum)}
    step = after(Outcome.BUSY, ENDED, nth(dial), policy)
    assert isinstance(step, Retry) is (dial <= maximum)
    if isinstance(step, Retry):
        assert step.due_at - ENDED == timedelta(minutes=steps[min(dial, len(steps)) - 1])
