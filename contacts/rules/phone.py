"""Which text is a number that we may promise to call? (RULES 4, PITFALLS "Phones")."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType


class LineType(StrEnum):
    """What kind of line a number is, as far as the numbering plan tells."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    VOIP = "voip"
    OTHER = "other"


_LINE_TYPES = {
    PhoneNumberType.MOBILE: LineType.MOBILE,
    PhoneNumberType.FIXED_LINE: LineType.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: LineType.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: LineType.VOIP,
}
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}
_PUBLIC = {LineType.MOBILE, LineType.FIXED, LineType.FIXED_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class DialableNumber:
    """A number in E.164, the region that it belongs to, and its line type."""

    e164: str
    region: str
    line_type: LineType


class NumberRefusedError(ValueError):
    """The text is no number that we call. ``code`` is stable, the message is for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def example_of(region: str) -> str:
    """A number of the region as people there write it, to show beside an error."""
    kind = PhoneNumberType.FIXED_LINE
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        return "+44 20 7946 0134"
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)


def _existing(text: str, region: str, example: str) -> phonenumbers.PhoneNumber:
    impossible = NumberRefusedError(
        "impossible", f"Enter a phone number we can call, such as {example}"
    )
    try:
        number = phonenumbers.parse(text, region or None)
    except NumberParseException as error:
        raise impossible from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise impossible
    return number


def read_any_number(text: str, region: str = "") -> str:
    """Any number that exists, of whatever kind and country, in E.164: to leave it in peace.

    Without a region only the international format is read. Raises NumberRefusedError
    (``impossible``).
    """
    number = _existing(text, region, example_of(region) if region else "+44 20 7946 0134")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def calling_codes() -> list[tuple[str, str]]:
    """Every region that has numbers, with its calling code: ``("GB", "+44")``, by region."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    return [(region, f"+{phonenumbers.country_code_for_region(region)}") for region in regions]


def read_number(text: str, region: str, allowed_regions: frozenset[str]) -> DialableNumber:
    """Read what a customer typed, in any format, as a number that the public form may promise.

    Raises NumberRefusedError: ``impossible``, ``costly``, ``country`` or ``line_type``.
    """
    number = _existing(text, region, example_of(region))
    kind = phonenumbers.number_type(number)
    if kind in _COSTLY:
        raise NumberRefusedError(
            "costly", "This is a premium-rate number. Enter a mobile or landline number"
        )
    home = phonenumbers.region_code_for_number(number) or ""
    if allowed_regions and home not in allowed_regions:
        raise NumberRefusedError("country", "We cannot call numbers of this country")
    line_type = _LINE_TYPES.get(kind, LineType.OTHER)
    if line_type not in _PUBLIC:
        raise NumberRefusedError("line_type", "Enter a mobile or landline number")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return DialableNumber(e164, home, line_type)


def shown(e164: str) -> str:
    """The number in international format with spaces, as it is read aloud."""
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def masked(e164: str) -> str:
    """The number with all but its country and last two digits hidden, for logs."""
    return f"{e164[:3]}…{e164[-2:]}" if len(e164) > 5 else "…"
