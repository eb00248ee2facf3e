"""Which text is a number that we may promise to call."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from contacts.rules.phone import (
    LineType,
    NumberRefusedError,
    example_of,
    masked,
    read_number,
    shown,
)

ANYWHERE: frozenset[str] = frozenset()
BRITAIN = frozenset({"GB"})


def example(region: str, kind: int) -> str:
    number = phonenumbers.example_number_for_type(region, kind)
    assert number is not None, "the numbering plan has no such number"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "text",
    [
        "020 7946 0134",
        "02079460134",
        "(020) 7946-0134",
        "+44 20 7946 0134",
        "+44 (0)20 7946 0134",
        "0044 20 7946 0134",
        "020.7946.0134",
        "  020 7946 0134  ",
        "tel:+442079460134",
        "０２０７９４６０１３４",  # full-width digits of a Japanese keyboard
    ],
)
def test_a_number_is_read_in_any_format(text):
    assert read_number(text, "GB", ANYWHERE).e164 == "+442079460134"


def test_the_region_decides_how_a_number_without_country_code_is_read():
    assert read_number("030 123456", "DE", ANYWHERE).e164 == "+4930123456"


def test_a_number_with_country_code_is_read_in_its_own_region():
    number = read_number("+351 21 234 5678", "GB", ANYWHERE)
    assert (number.region, number.e164) == ("PT", "+351212345678")


@pytest.mark.parametrize(
    ("region", "kind", "line_type"),
    [
        ("GB", PhoneNumberType.FIXED_LINE, LineType.FIXED),
        ("GB", PhoneNumberType.MOBILE, LineType.MOBILE),
        ("DE", PhoneNumberType.MOBILE, LineType.MOBILE),
        ("PT", PhoneNumberType.FIXED_LINE, LineType.FIXED),
        ("US", PhoneNumberType.MOBILE, LineType.FIXED_OR_MOBILE),  # their plan does not tell
        ("CA", PhoneNumberType.FIXED_LINE, LineType.FIXED_OR_MOBILE),
    ],
)
def test_mobile_and_fixed_lines_are_taken(region, kind, line_type):
    number = read_number(example(region, kind), region, ANYWHERE)
    assert (number.region, number.line_type) == (region, line_type)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "12",
        "0000000000",
        "+44 20 7946 013",  # one digit short
        "+44 20 7946 01345 999",  # too long
        "+999 123456789",  # no such country
        "020 7946 0134 ext. 5",  # an extension cannot be dialled
        "020 7946 0134;ext=5",
        "999",  # an emergency number is no number to call back
        "<script>alert(1)</script>",
        "02079460134' OR 1=1",
    ],
)
def test_what_is_no_number_is_refused_with_an_example(text):
    with pytest.raises(NumberRefusedError, match="such as 0121 234 5678") as refused:
        read_number(text, "GB", ANYWHERE)
    assert refused.value.code == "impossible"


@pytest.mark.parametrize(
    ("region", "kind"),
    [
        ("GB", PhoneNumberType.PREMIUM_RATE),
        ("US", PhoneNumberType.PREMIUM_RATE),
        ("DE", PhoneNumberType.SHARED_COST),
        ("FR", PhoneNumberType.SHARED_COST),
        ("GB", PhoneNumberType.UAN),
        ("DE", PhoneNumberType.UAN),
    ],
)
def test_premium_and_shared_cost_numbers_are_refused(region, kind):
    with pytest.raises(NumberRefusedError) as refused:
        read_number(example(region, kind), region, ANYWHERE)
    assert refused.value.code == "costly"


@pytest.mark.parametrize(
    ("region", "kind"),
    [
        ("GB", PhoneNumberType.TOLL_FREE),
        ("GB", PhoneNumberType.PERSONAL_NUMBER),
        ("GB", PhoneNumberType.PAGER),
        ("GB", PhoneNumberType.VOIP),
        ("DE", PhoneNumberType.VOICEMAIL),
    ],
)
def test_other_lines_are_refused_by_the_public_form(region, kind):
    with pytest.raises(NumberRefusedError) as refused:
        read_number(example(region, kind), region, ANYWHERE)
    assert refused.value.code == "line_type"


def test_a_country_that_is_not_on_the_list_is_refused():
    text = "+351 21 234 5678"
    with pytest.raises(NumberRefusedError) as refused:
        read_number(text, "GB", BRITAIN)
    assert refused.value.code == "country"
    assert read_number(text, "GB", BRITAIN | {"PT"}).region == "PT"


def test_a_costly_number_is_called_costly_wherever_it_is():
    with pytest.raises(NumberRefusedError) as refused:
        read_number(example("FR", PhoneNumberType.PREMIUM_RATE), "GB", BRITAIN)
    assert refused.value.code == "costly"


def test_guernsey_is_not_great_britain_though_they_share_a_country_code():
    guernsey = example("GG", PhoneNumberType.FIXED_LINE)
    assert guernsey.startswith("+44")
    with pytest.raises(NumberRefusedError) as refused:
        read_number(guernsey, "GB", BRITAIN)
    assert refused.value.code == "country"


@pytest.mark.parametrize("region", ["GB", "US", "PT", "AU", "JP"])
def test_the_example_beside_an_error_is_a_number_that_we_would_take(region):
    assert read_number(example_of(region), region, ANYWHERE).region == region


def test_an_unknown_region_still_has_an_example():
    assert example_of("ZZ") == "+44 20 7946 0134"


@pytest.mark.parametrize(
    ("e164", "words"),
    [
        ("+442079460134", "+44 20 7946 0134"),
        ("+12125550123", "+1 212-555-0123"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_number_is_shown_as_it_is_read_aloud(e164, words):
    assert shown(e164) == words


@pytest.mark.parametrize(
    ("e164", "hidden"),
    [("+442079460134", "+44…34"), ("+12125550123", "+12…23"), ("+4420", "…"), ("", "…")],
)
def test_a_masked_number_keeps_its_country_and_last_two_digits(e164, hidden):
    assert masked(e164) == hidden
