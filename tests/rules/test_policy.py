"""A retry policy in words, and the retries that it leads to: docs/rules/retries.md, row by row."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.policy import Planned, into_window, length, preview, sentence, sentences
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
from tests.rules.examples.retries import (
    COUNTS,
    DEFAULT_SENTENCES,
    LONDON_HOURS,
    PLANS,
    SENTENCES,
    SKIPS,
)
from tests.rules.examples.windows import NEXT_DAYS, under
from tests.rules.plain import utc

H, M = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize("plan", PLANS, ids=lambda one: one.title)
def test_the_retries_come_when_the_example_says(plan):
    found = preview(
        plan.outcome, utc(plan.ended), plan.policies, plan.window,
        dial_cap=plan.dial_cap, limit=9,
    )  # fmt: skip
    policy = plan.policies.get(plan.outcome)
    assert found == [
        Planned(number, policy.max_retries, utc(given), utc(moved))
        for number, (given, moved) in enumerate(plan.retries, 1)
    ]


@pytest.mark.parametrize("plan", PLANS, ids=lambda one: one.title)
def test_after_the_last_retry_it_ends_for_the_reason_of_the_example(plan):
    dials = len(plan.retries) + 1
    step = after(
        plan.outcome, utc("2026-11-20 10:00"), DialsSoFar(dials, dials), plan.policies,
        plan.dial_cap,
    )  # fmt: skip
    assert isinstance(step, Stop)
    assert step.reason == plan.end


@pytest.mark.parametrize("count", COUNTS, ids=lambda one: one.story)
def test_dials_and_skips_count_as_the_example_says(count):
    so_far = DialsSoFar(count.dials + count.skips, count.dials_in_all)
    step = after(count.outcome, utc("2026-11-20 10:00"), so_far, DEFAULT_POLICIES, count.dial_cap)
    assert (step.number if isinstance(step, Retry) else step.ending) == count.leads_to


@pytest.mark.parametrize("skip", SKIPS, ids=lambda one: one.story)
def test_a_skip_moves_to_where_the_example_says(skip):
    # the later of due and now, plus the delay that the policy gives the next retry
    since = max(utc(skip.due), utc(skip.now))
    used = DialsSoFar(skip.used + 1, skip.used)
    step = after(Outcome.NO_ANSWER, since, used, DEFAULT_POLICIES)
    if skip.moved is None:
        assert step == Stop(step.ending, "All 3 retries are used up")
    else:
        assert into_window(LONDON_HOURS, step.due_at) == utc(skip.moved)
        assert step.number == skip.used + 1


def test_the_preview_stops_at_the_limit():
    found = preview(Outcome.BUSY, utc("2026-11-17 09:00"), DEFAULT_POLICIES, LONDON_HOURS, limit=2)
    assert [(one.number, one.maximum) for one in found] == [(1, 5), (2, 5)]
    five = preview(Outcome.BUSY, utc("2026-11-17 09:00"), DEFAULT_POLICIES, LONDON_HOURS)
    assert len(five) == 5


def test_an_unknown_outcome_has_no_preview():
    with pytest.raises(OutcomeUnknownError):
        preview(Outcome.UNKNOWN, utc("2026-11-17 09:00"), DEFAULT_POLICIES, LONDON_HOURS)


def test_without_any_calling_hours_the_time_stays_where_the_policy_put_it():
    never = next(one.window for one in NEXT_DAYS if one.moved is None)
    assert into_window(never, utc("2026-11-20 23:00")) == utc("2026-11-20 23:00")
    assert into_window(under(), utc("2026-11-20 23:00")) == utc("2026-11-21 08:00")
    assert into_window(under(), utc("2026-11-20 12:00")) == utc("2026-11-20 12:00")


def test_the_default_table_reads_as_sentences():
    assert tuple(sentences(DEFAULT_POLICIES)) == DEFAULT_SENTENCES


def test_a_cap_adds_a_sentence():
    assert sentences(DEFAULT_POLICIES, 6) == [
        *DEFAULT_SENTENCES,
        "In all, dial a contact at most 6 times.",
    ]


@pytest.mark.parametrize("example", SENTENCES, ids=lambda one: one.reads)
def test_a_policy_reads_as_the_example_says(example):
    policy = RetryPolicy(example.delays, example.max_retries)
    assert sentence(example.outcome, policy) == example.reads


@pytest.mark.parametrize("outcome", [Outcome.VOICEMAIL, Outcome.UNKNOWN])
def test_an_outcome_without_a_row_reads_as_no_call(outcome):
    assert sentence(outcome, None).endswith(", do not call again.")


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        (1 * M, "1 minute"),
        (30 * M, "30 minutes"),
        (1 * H, "1 hour"),
        (61 * M, "1 h 1 min"),
        (90 * M, "1 h 30 min"),
        (24 * H, "24 hours"),  # real hours: "1 day" would promise the same wall time
        (25 * H, "25 hours"),
        (48 * H, "2 days"),
        (49 * H, "49 hours"),
        (72 * H, "3 days"),
        (48 * H + 30 * M, "48 h 30 min"),
        (0 * M, "0 minutes"),
    ],
)
def test_a_delay_reads_as_a_person_would_say_it(delay, words):
    assert length(delay) == words


@given(
    outcome=st.sampled_from([one for one in Outcome if one is not Outcome.UNKNOWN]),
    delays=st.lists(st.integers(1, 3000), min_size=1, max_size=4),
    maximum=st.integers(0, 6),
)
def test_the_sentence_says_whether_the_policy_calls_again(outcome, delays, maximum):
    """The words and the rule that decides never disagree on whether there is a retry at all."""
    policy = RetryPolicy(tuple(timedelta(minutes=one) for one in delays), maximum)
    retried = isinstance(
        after(outcome, utc("2026-11-17 09:00"), DialsSoFar(1, 1), {outcome: policy}), Retry
    )
    assert ("do not call again" not in sentence(outcome, policy)) is retried


def test_a_row_of_no_retries_gives_up_like_no_row():
    none = {Outcome.BUSY: RetryPolicy((1 * H,), 0)}
    found = after(Outcome.BUSY, utc("2026-11-17 09:00"), DialsSoFar(1, 1), none)
    assert found == after(Outcome.BUSY, utc("2026-11-17 09:00"), DialsSoFar(1, 1), {})
    assert found == Stop(Ending.EXHAUSTED, "The policy has no retry for this outcome")
