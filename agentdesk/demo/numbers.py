"""Numbers that the numbering plans call valid, spread over regions, line types and zones."""

from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from contacts.rules.phone import DialableNumber, NumberRefusedError, read_number

# Places whose zone differs from the rest of their country; # is a digit drawn anew.
# The North American ones are from the range that is kept free for stories.
_PLACES = {
    "GB": ("+44161496####", "+44131496####", "+442920####46", "+442890####14", "+44113496####"),
    "US": tuple(
        f"+1{area}55501##"
        for area in (212, 312, 415, 303, 602, 713, 305, 617, 206, 808, 208, 775, 701, 605, 907)
    ),
    "CA": tuple(f"+1{area}55501##" for area in (416, 604, 514, 403, 204, 306, 902, 709)),
    "ES": ("+3491######", "+34928######", "+3493######"),
    "PT": ("+351296######", "+35122#######", "+351291######"),
    "AU": ("+612########", "+617########", "+6189#######", "+613########"),
}
_FROM_PLAN = (PhoneNumberType.MOBILE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
_NORTH_AMERICA = frozenset({"US", "CA"})
_VARIED = 5

# The simulated carrier decides by the last two digits: voicemail, nobody, busy, no network,
# not in service, a long talk, a dropped call, a lost and a slow reply. All others answer.
_SPECIAL = ("01", "01", "01", "01", "02", "02", "02", "02", "03", "03", "03", "04", "04", "05",
            "00", "00", "07", "07", "08", "09")  # fmt: skip
_SPECIAL_SHARE = 0.3


def number_in(region: str, luck: Random, taken: set[str]) -> DialableNumber:
    """A valid number of the region that is not in ``taken``; it is taken then."""
    while True:
        text = _with_ending(_draft(region, luck), luck)
        try:
            number = read_number(text, region, frozenset({region}))
        except NumberRefusedError:
            continue
        if number.e164 not in taken:
            taken.add(number.e164)
            return number


def _draft(region: str, luck: Random) -> str:
    places = _PLACES.get(region, ())
    if places and (region in _NORTH_AMERICA or luck.random() < 0.4):
        return "".join(
            str(luck.randrange(10)) if sign == "#" else sign for sign in luck.choice(places)
        )
    kind = luck.choice(_FROM_PLAN)
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None:
        return _draft(region, luck)
    text: str = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    tail = "".join(str(luck.randrange(10)) for _ in range(_VARIED))
    return text[:-_VARIED] + tail


def _with_ending(text: str, luck: Random) -> str:
    if luck.random() < _SPECIAL_SHARE:
        return text[:-2] + luck.choice(_SPECIAL)
    return text[:-2] + f"{luck.randrange(10, 100)}"
