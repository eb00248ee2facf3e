"""How long until we call, and the number on the customer's slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.rules.eta import Wait, estimate
from callbacks.rules.reference import ALPHABET, callback_id, reference

IDS = st.integers(0, 2**30 - 1)


@pytest.mark.parametrize(
    ("ahead", "agents", "handle", "low", "high"),
    [
        (0, 1, 240, 0, 15),  # nobody ahead: now, and at most a quarter of an hour
        (1, 1, 240, 5, 20),  # 4 min, rounded up to 5
        (5, 1, 240, 20, 35),  # 20 min on the dot
        (6, 1, 240, 25, 40),  # 24 min
        (6, 2, 240, 15, 30),  # 12 min for two agents
        (6, 0, 240, 25, 40),  # nobody at work counts as one who is about to come
        (12, 4, 300, 15, 30),  # 15 min
    ],
)
def test_the_wait_is_a_range_in_steps_of_five_minutes(ahead, agents, handle, low, high):
    assert estimate(ahead, agents, handle) == Wait(low, high)


@pytest.mark.parametrize(
    ("high", "offered"),
    [(15, True), (60, True), (61, False), (75, False)],  # the limit is an hour, itself included
)
def test_as_soon_as_possible_is_offered_up_to_an_hour(high, offered):
    assert Wait(0, high).within_limit is offered


@given(st.integers(0, 500), st.integers(0, 50), st.integers(30, 1800))
def test_nobody_waits_less_behind_a_longer_line_or_with_fewer_agents(ahead, agents, handle):
    wait = estimate(ahead, agents, handle)
    assert estimate(ahead + 1, agents, handle).low >= wait.low
    assert estimate(ahead, agents + 1, handle).low <= wait.low
    assert wait.low % 5 == 0
    assert wait.low * 60 * max(agents, 1) >= ahead * handle  # never promised too early


@given(IDS)
def test_a_reference_leads_back_to_its_callback(number):
    assert callback_id(reference(number)) == number


@given(st.sets(IDS, min_size=2, max_size=200))
def test_no_two_callbacks_share_a_reference(numbers):
    assert len({reference(number) for number in numbers}) == len(numbers)


@given(IDS)
def test_a_reference_has_six_signs_that_cannot_be_misread(number):
    prefix, four, two = reference(number).split("-")
    assert (prefix, len(four), len(two)) == ("RB", 4, 2)
    assert set(four + two) <= set(ALPHABET)
    assert not set("ILOU") & set(four + two)


@given(IDS)
def test_the_next_reference_cannot_be_told_from_this_one(number):
    first, second = reference(number), reference((number + 1) % 2**30)
    assert sum(left != right for left, right in zip(first, second, strict=True)) >= 2


@given(IDS, st.sampled_from(["{}", " {} ", "{} "]), st.booleans())
def test_a_reference_is_read_as_people_type_it(number, around, lower):
    text = reference(number).replace("0", "o").replace("1", "l")
    typed = around.format(text.lower() if lower else text.replace("-", " "))
    assert callback_id(typed) == number


@pytest.mark.parametrize(
    "text", ["", "RB", "RB-1234", "RB-1234-567", "RB-12U4-56", "hello!", "é" * 6]
)
def test_what_is_no_reference_is_none(text):
    assert callback_id(text) is None
