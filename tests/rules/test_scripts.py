"""What the agent says first, with the gaps closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules.scripts import DEFAULT, opening

NAMES = ["customer_name", "agent_name", "company", "department", "issue", "date", "their_words"]
WHOLE = {
    "customer_name": "Ines",
    "agent_name": "Sarah",
    "company": "Larkspur Energy",
    "department": "Billing",
    "issue": "the meter reading",
}


def said(text: str, variables: dict[str, str]) -> str:
    return "".join(part for part, _ in opening(text, variables))


def test_a_script_is_said_with_all_that_is_known():
    assert said(DEFAULT, WHOLE) == (
        "Hello Ines, this is Sarah from Larkspur Energy Billing, about the meter reading."
    )


def test_what_is_not_known_is_left_out_or_said_neutrally():
    assert said(DEFAULT, {}) == "Hello there, this is a colleague from us."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello {customer_name}[, about {issue}].", "Hello Ines."),  # a bracket with a gap goes
        ("Hello[ {customer_name}].", "Hello Ines."),  # without one it stays, unbracketed
        ("[{customer_name} and {issue}]Hello", "Hello"),  # one gap of two is enough
        ("Hello {nobody_knows}.", "Hello ."),  # no neutral word for it
        ("Hello", "Hello"),
        ("", ""),
    ],
)
def test_a_part_in_brackets_goes_when_a_variable_in_it_is_unknown(text, words):
    assert said(text, {"customer_name": "Ines", "issue": ""}) == words


def test_what_was_filled_in_is_marked():
    parts = opening("Hello {customer_name}, from {company}.", {"customer_name": "Ines"})
    assert parts == [
        ("Hello ", False),
        ("Ines", True),
        (", from ", False),
        ("us", True),
        (".", False),
    ]


def test_a_value_with_braces_is_said_as_it_is_and_not_filled_again():
    assert (
        said("Hello {customer_name}", {"customer_name": "{issue}", "issue": "no"})
        == "Hello {issue}"
    )


@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["", "a word", "12:00"])),
    st.lists(st.sampled_from(NAMES), max_size=5),
    st.booleans(),
)
def test_gaps_are_never_printed_as_braces_or_none(variables, names, optional):
    part = "[ {%s}]" if optional else " {%s}"
    text = "Hello" + "".join(part % name for name in names) + "."
    for spoken in (said(text, variables), said(DEFAULT, variables)):
        assert not {"{", "}", "[", "]"} & set(spoken)
        assert "None" not in spoken
