"""From what a supervisor types to the callbacks they mean: a number, a reference or a name."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Reverse

from callbacks.models import Callback
from callbacks.rules.reference import callback_id
from callbacks.rules.states import PENDING
from campaigns.models import Campaign
from contacts.models import Contact, PhoneNumber, PlainName
from contacts.rules.phone import NumberRefusedError, read_any_number

LONGEST = 120  # characters; no name is longer
SUFFIX = 4  # digits that end a number, at least
WORDS = 8
# So few are named one by one, and the planner knows how few they are; more are left to it.
_NAMED = 500
_SAID = re.compile(r"(?:tel:)?[\d\s+()./\-\u2010-\u2015]+", re.IGNORECASE)
# The slip says RB-7Q4K-2M. Without RB it has to look like one: Garcia is a name.
_MARKED = re.compile(r"RB[\s-]?[0-9A-Z]{4}[\s-]?[0-9A-Z]{2}", re.IGNORECASE)
_BARE = re.compile(r"(?=.*\d)(?=.*[A-Z])[0-9A-Z]{4}[\s-]?[0-9A-Z]{2}", re.IGNORECASE)
_NOBODY = Q(pk__in=[])


def text_filter(text: str, region: str = "") -> Q:
    """The condition for the callbacks that ``text`` means; an empty text means all of them.

    In this order: a public id, a reference, a number in any format or its last four digits or
    more, else all words of the contact's name. National numbers are read as of ``region``, else as
    of the campaigns' countries. At most five small queries; text of any kind is allowed.
    """
    said = _tidy(text)
    if not said:
        return Q()
    exact = _exact(said)
    if exact is not None:
        return exact
    digits = _digits(said)
    if len(digits) >= SUFFIX:
        return _these("number", _numbers(said, digits, region))
    return _these("contact", _people(said))


def found(
    text: str, region: str, *, limit: int, among: QuerySet[Callback] | None = None
) -> list[Callback]:
    """The first callbacks that ``text`` means: pending ones by their promise, then the newest.

    Only those ``among`` the given ones, with everybody whom a screen names; none for no text.
    """
    if not _tidy(text):
        return []
    all_of_them = Callback.objects.all() if among is None else among
    meant = all_of_them.filter(text_filter(text, region)).select_related(
        "campaign", "contact", "number", "agent", "reserved_for"
    )
    first = list(meant.filter(state__in=PENDING).order_by("due_at", "id")[:limit])
    if len(first) < limit:
        first += meant.exclude(state__in=PENDING).order_by("-id")[: limit - len(first)]
    return first


def _tidy(text: str) -> str:
    """Composed as names are stored, in one line, without what the database cannot hold."""
    plain = unicodedata.normalize("NFKC", text[: 2 * LONGEST]).replace("\0", " ")
    return " ".join(plain.split())[:LONGEST]


def _exact(said: str) -> Q | None:
    """The one callback with that public id or reference, or None when it is neither."""
    try:
        return Q(public_id=UUID(said))
    except ValueError:
        pass
    number = callback_id(said)
    if number is None:
        return None
    if _MARKED.fullmatch(said):
        return Q(pk=number)
    # "Anna 22" may be somebody's name after all.
    if _BARE.fullmatch(said) and Callback.objects.filter(pk=number).exists():
        return Q(pk=number)
    return None


def _digits(said: str) -> str:
    """All digits when it can only be a number, else nothing."""
    if not _SAID.fullmatch(said):
        return ""
    return "".join(str(unicodedata.decimal(one)) for one in said if one.isdecimal())


def _numbers(said: str, digits: str, region: str) -> QuerySet[PhoneNumber]:
    """Numbers that are the one said, else those that end so; zeros dialled in front are none."""
    readings = {_read(said, one) for one in _regions(said, region)} - {""}
    whole = PhoneNumber.objects.filter(e164__in=readings)
    if readings and whole.exists():
        return whole
    ending = digits if len(digits) == SUFFIX else digits.lstrip("0")
    if len(ending) < SUFFIX:
        ending = digits
    backwards = PhoneNumber.objects.annotate(backwards=Reverse("e164", output_field=TextField()))
    return backwards.filter(backwards__startswith=ending[::-1])


def _regions(said: str, region: str) -> Iterable[str]:
    if said.lstrip("tel:TEL").startswith("+"):
        return [""]
    if region:
        return [region]
    return Campaign.objects.exclude(country="").values_list("country", flat=True).distinct()[:20]


def _read(said: str, region: str) -> str:
    try:
        return read_any_number(said, region)
    except NumberRefusedError:
        return ""


def _people(said: str) -> QuerySet[Contact]:
    """Whose name has all the words; a word of one or two letters starts a word of the name.

    Case and accents make no difference.
    """
    people = Contact.objects.alias(plain=PlainName("name"))
    for word in said.split()[:WORDS]:
        plain, next_word = PlainName(Value(word)), PlainName(Value(f" {word}"))
        if len(word) > 2:
            people = people.filter(plain__contains=plain)
        else:
            # The index knows the beginnings of words, and nothing else that is so short.
            people = people.filter(Q(plain__startswith=plain) | Q(plain__contains=next_word))
    return people


def _these(field: str, rows: QuerySet[Any]) -> Q:
    ids = list(rows.values_list("pk", flat=True)[: _NAMED + 1])
    if len(ids) > _NAMED:
        return Q(**{f"{field}__in": rows.values("pk")})
    return Q(**{f"{field}__in": ids}) if ids else _NOBODY
