"""The do-not-call list as it is read: entries in words, and where a number stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agentdesk.dnc_forms import EVERYWHERE
from callbacks.rules import words
from campaigns.models import Campaign
from contacts.actions import dnc_hash
from contacts.models import DoNotCall, PhoneNumber

NEWEST = 50
SOURCES = {
    "desk": "an agent", "form": "the customer", "api": "a program", "import": "a file",
    "supervisor": "a supervisor",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. The number itself is kept only where somebody still has it."""

    number: str
    where: str
    by: str
    reason: str
    at: datetime
    when: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a number is on the list, and where."""

    number: str
    lines: list[Line]


def newest(zone: str, now: datetime) -> list[Line]:
    """The entries that were made last."""
    return _lines(DoNotCall.objects.order_by("-id")[:NEWEST], zone, now)


def standing_of(e164: str, zone: str, now: datetime) -> Standing:
    """Where one number stands."""
    entries = DoNotCall.objects.filter(number_hash=dnc_hash(e164)).order_by("id")
    return Standing(e164, _lines(entries, zone, now))


def _lines(entries: Iterable[DoNotCall], zone: str, now: datetime) -> list[Line]:
    found = list(entries)
    hashes = [entry.number_hash for entry in found]
    known = dict(PhoneNumber.objects.filter(dnc_hash__in=hashes).values_list("dnc_hash", "e164"))
    names = dict(Campaign.objects.values_list("slug", "name"))
    return [
        Line(
            number=_ending(known.get(entry.number_hash)),
            where=names.get(entry.scope, entry.scope) if entry.scope else EVERYWHERE,
            by=SOURCES.get(entry.source, entry.source),
            reason=entry.reason,
            at=entry.created_at,
            when=words.moment(entry.created_at, zone, now),
        )
        for entry in found
    ]


def _ending(e164: object) -> str:
    return f"ending {str(e164)[-4:]}" if e164 else ""
