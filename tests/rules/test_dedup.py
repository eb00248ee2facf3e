"""Are two requests one matter, and are two contacts one person?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.rules.dedup import fingerprint, merged_text, same_person


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("Ines Carvalho", "Ines Carvalho", True),
        ("Ines Carvalho", "INES CARVALHO", True),
        ("Ines Carvalho", " ines  carvalho ", True),
        ("Inês Carvalho", "Ines Carvalho", True),  # accents
        ("O'Neill", "ONeill", True),  # signs
        ("Anne-Marie Roux", "Anne Marie Roux", True),
        ("Straße", "STRASSE", True),  # case folding, not lower case
        ("李小龙", "李小龙", True),
        ("", "Ines Carvalho", True),  # no name: may be the same
        ("Ines Carvalho", "", True),
        ("", "", True),
        ("- -", "Ines Carvalho", True),  # nothing that is a name
        ("Ines Carvalho", "Ines Carvalha", False),
        ("Ines Carvalho", "Rui Carvalho", False),  # they share a telephone
        ("Ines", "Ines Carvalho", False),
        ("李小龙", "李大龙", False),
    ],
)
def test_people_are_the_same_when_their_names_fold_alike_or_one_has_none(name, other, same):
    assert same_person(name, other) is same
    assert same_person(other, name) is same


@pytest.mark.parametrize(
    ("before", "addition", "after"),
    [
        ("", "", ""),
        ("The meter", "", "The meter"),
        ("", "The meter", "The meter"),
        ("The meter", "The bill", "The meter\n\nThe bill"),
        ("The meter", "  The bill \n", "The meter\n\nThe bill"),
        ("The meter", "   ", "The meter"),
        ("The meter", "The meter", "The meter"),  # not repeated
        ("The meter\n\nThe bill", "The bill", "The meter\n\nThe bill"),
    ],
)
def test_a_merge_appends_what_is_new_and_repeats_nothing(before, addition, after):
    assert merged_text(before, addition) == after


@given(st.text(), st.text())
def test_a_merge_loses_no_word_of_either(before, addition):
    merged = merged_text(before, addition)
    assert before in merged
    assert addition.strip() in merged
    assert merged_text(merged, addition) == merged


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.none(), st.integers())))
def test_the_same_request_has_the_same_fingerprint_in_any_order(fields):
    backwards = dict(reversed(list(fields.items())))
    assert fingerprint(fields) == fingerprint(backwards)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Ines"}, {"name": "Rui"}),
        ({"name": "Ines"}, {"about": "Ines"}),
        ({"name": "Ines"}, {"name": "Ines", "about": ""}),
        ({"a": "1", "b": "2"}, {"a": "1'\nb='2"}),  # a value cannot pass for two fields
        ({"a": None}, {"a": "None"}),
    ],
)
def test_another_content_has_another_fingerprint(one, other):
    assert fingerprint(one) != fingerprint(other)
