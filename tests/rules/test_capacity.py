"""How many callbacks agents can take in an hour, by hand."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.capacity import HOUR, places

HALF = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("agents", "handle", "span", "load", "number"),
    [
        (0, 240, HOUR, 85, 0),  # nobody, no place
        (1, 240, HOUR, 85, 12),  # 15 an hour, 12.75 with some air
        (4, 240, HOUR, 85, 51),  # exactly 51
        (4, 240, HALF, 85, 25),  # 25.5 in a slot of half an hour
        (12, 300, HOUR, 85, 122),  # 122.4
        (5, 900, HOUR, 85, 17),  # 17 on the dot
        (15, 510, HOUR, 85, 90),  # 90 on the dot, of which floats make 89
        (1, 3060, HOUR, 85, 1),  # exactly one
        (1, 3061, HOUR, 85, 0),  # a second longer, and it is not finished
        (1, 7200, HOUR, 85, 0),  # longer than the hour
        (3, 600, HOUR, 100, 18),  # without air
        (3, 600, timedelta(0), 85, 0),
    ],
)
def test_places_by_hand(agents, handle, span, load, number):
    assert places(agents, handle, span=span, load_percent=load) == number


@pytest.mark.parametrize(("agents", "handle"), [(1, 0), (1, -1), (-1, 240)])
def test_what_cannot_be_is_refused(agents, handle):
    with pytest.raises(ValueError, match=r"takes more than|cannot be"):
        places(agents, handle)


@given(st.integers(0, 500), st.integers(1, 7200), st.integers(0, 240))
def test_the_formula_of_the_rules_rounded_down(agents, handle, minutes):
    exact = Fraction(agents * minutes) / Fraction(handle, 60) * Fraction(85, 100)
    found = places(agents, handle, span=timedelta(minutes=minutes))
    assert found <= exact < found + 1
