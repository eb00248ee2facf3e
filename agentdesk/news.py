"""What became of a list since it was drawn, told without moving it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agentdesk.listing import PAGE, Listing
from agentdesk.rows import mark_of
from callbacks.models import Callback

Shown = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Told:
    """How many rows there are that are not shown, and how many shown ones say something old."""

    new: int
    changed: int

    @property
    def words(self) -> str:
        """``3 new, 2 changed``; empty where nothing is to be told."""
        parts = ((self.new, "new"), (self.changed, "changed"))
        return ", ".join(f"{count} {word}" for count, word in parts if count)


def shown_rows(texts: Iterable[str]) -> dict[int, str]:
    """The rows on the screen with their marks, as the page names them; nonsense is left out."""
    pairs = (text.partition(":") for text in texts)
    found = [(int(one), mark) for one, _, mark in pairs if one.isascii() and one.isdecimal()]
    return {one: mark for one, mark in found[:PAGE] if one < 2**63}


def compare(shown: Shown, now: Sequence[Callback], listing: Listing) -> Told:
    """What the same page would show now, against what it shows.

    A row that moved up because another one left is no news, and neither is one that a new row has
    pushed off the page.
    """
    there = [index for index, one in enumerate(now) if one.pk in shown]
    end = there[-1] + 1 if there and len(shown) >= PAGE else len(now)
    new = sum(one.pk not in shown for one in now[:end])
    other = sum(mark_of(one) != shown[one.pk] for one in now if one.pk in shown)
    away = set(shown) - {one.pk for one in now}
    still = set(listing.rows.filter(pk__in=away).values_list("pk", flat=True)) if away else set()
    return Told(new, other + len(away - still))
