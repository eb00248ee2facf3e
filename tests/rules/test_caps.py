"""How often one contact may be dialled."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.caps import Cap, free_at, longest
from tests.rules.plain import utc

NOW = utc("2026-11-20 12:00")
H, D = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
THREE_A_DAY, SEVEN_A_WEEK = Cap(3, D), Cap(7, 7 * D)


def ago(*hours):
    return [NOW - one * H for one in hours]


@pytest.mark.parametrize(
    ("caps", "dials", "free_in"),
    [
        ([], ago(1, 2, 3), None),  # no cap
        ([THREE_A_DAY], [], None),
        ([THREE_A_DAY], ago(1, 2), None),  # two of three
        ([THREE_A_DAY], ago(1, 2, 3), 21 * H),  # the oldest of the three is 24 h old in 21 h
        ([THREE_A_DAY], ago(1, 2, 24), None),  # exactly 24 h old: it counts no more
        ([THREE_A_DAY], [*ago(1, 2), NOW - D + SECOND], SECOND),  # a second younger: it does
        ([THREE_A_DAY], ago(1, 2, 3, 4), 21 * H),  # four: free once the third newest is too old
        ([THREE_A_DAY], ago(3, 1, 2), 21 * H),  # in any order
        ([THREE_A_DAY], ago(2, 4, 1, 3), 21 * H),
        ([Cap(1, H)], ago(0), H),  # dialled this second
        ([Cap(1, H)], ago(1), None),
        # of several caps the latest moment counts: 24 − 3 = 21 h, or 7·24 − 4 = 164 h
        ([THREE_A_DAY, Cap(4, 7 * D)], ago(1, 2, 3, 4), 164 * H),
        ([Cap(4, 7 * D), THREE_A_DAY], ago(1, 2, 3, 4), 164 * H),
        ([THREE_A_DAY, Cap(5, 7 * D)], ago(1, 2, 3, 4), 21 * H),  # four of five: only the first
        # seven in a week: 165, 100, 80, 60, 40, 20, 1 h ago; the oldest leaves in 3 h
        ([THREE_A_DAY, SEVEN_A_WEEK], ago(165, 100, 80, 60, 40, 20, 1), 3 * H),
        ([SEVEN_A_WEEK], ago(165, 100, 80, 60, 40, 20), None),
    ],
)  # fmt: skip
def test_a_cap_blocks_until_the_count_falls_below(caps, dials, free_in):
    assert free_at(caps, dials, NOW) == (None if free_in is None else NOW + free_in)


def test_the_moment_that_is_named_is_the_first_free_one():
    dials = ago(1, 2, 3)
    free = free_at([THREE_A_DAY], dials, NOW)
    assert free_at([THREE_A_DAY], dials, free - SECOND) == free
    assert free_at([THREE_A_DAY], dials, free) is None


@pytest.mark.parametrize(
    ("caps", "span"),
    [([], timedelta()), ([THREE_A_DAY], D), ([THREE_A_DAY, SEVEN_A_WEEK, Cap(9, 2 * D)], 7 * D)],
)
def test_the_longest_span_says_how_far_to_look_back(caps, span):
    assert longest(caps) == span


minutes = st.integers(0, 60 * 24 * 8)
cap_strategy = st.builds(Cap, st.integers(1, 6), st.integers(1, 60 * 24 * 8).map(
    lambda length: timedelta(minutes=length)
))  # fmt: skip


@given(caps=st.lists(cap_strategy, max_size=4), dials=st.lists(minutes, max_size=12))
def test_a_dial_is_free_when_each_caps_count_is_below_it(caps, dials):
    """Counted as the rule says it, dial by dial: free now exactly where every count is below."""
    dialled_at = [NOW - timedelta(minutes=one) for one in dials]

    def below(moment):
        return all(
            sum(moment - cap.span < dial <= moment for dial in dialled_at) < cap.dials
            for cap in caps
        )

    free = free_at(caps, dialled_at, NOW)
    assert (free is None) is below(NOW)
    if free is not None:
        assert free > NOW
        assert below(free)
        assert not below(free - SECOND)
