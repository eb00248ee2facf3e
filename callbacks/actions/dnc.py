"""Do not call: on the list and out of every queue, in one transaction (RULES 4).

A number that we do not know is listed too, by its hash alone: no contact and no number is stored.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from callbacks import notices, queue
from callbacks.models import Callback
from callbacks.queue import CUSTOMER, Actor, Move
from callbacks.rules.states import PENDING, Event, State
from campaigns.models import Campaign
from contacts import clock
from contacts.actions import dnc_hash, list_hashes
from contacts.models import PhoneNumber

WHY = "Do not call"


@dataclass(frozen=True, slots=True)
class Entry:
    """A number by its hash: everywhere, or for the campaign whose slug is ``scope``."""

    number_hash: str
    scope: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of an entry: new on the list or not, and how many callbacks it cancelled."""

    new: bool
    cancelled: int


def forbid_calls(
    number: PhoneNumber,
    *,
    reason: str,
    actor: Actor,
    source: str = "",
    campaign: Campaign | None = None,
) -> int:
    """List the number, everywhere or for one campaign, and cancel what is pending to it there.

    Returns how many callbacks were cancelled. No dial starts after the commit: dialling locks the
    number too.
    """
    entry = Entry(number.dnc_hash, campaign.slug if campaign else "", reason)
    return forbid_many([entry], source=source, actor=actor)[0].cancelled


@transaction.atomic
def opt_out(callback_id: int) -> None:
    """The customer says on the page of their call: do not call me again, about anything.

    What is pending is cancelled; an agent who is at work on it is told, and no further dial starts.
    """
    number = Callback.objects.select_related("number").get(pk=callback_id).number
    forbid_calls(number, reason="Asked on the page of the call", source="form", actor=CUSTOMER)
    working = Callback.objects.filter(
        contact__numbers=number, state=State.WORKING, cancel_asked_at=None
    )
    # What Done holds at this moment is ending. Waiting for it, while it waits for us, helps nobody.
    free = working.select_for_update(of=("self",), no_key=True, skip_locked=True)
    changes = {"cancel_asked_at": clock.now()}
    asked = [Move(one.pk, Event.CANCEL_ASKED, reason=WHY, changes=changes) for one in free]
    for held in queue.move_many(asked, actor=CUSTOMER):
        notices.tell_agent(held.agent_id, "cancel_asked")


def forbid_number(
    e164: str, *, reason: str, actor: Actor, source: str, campaign: Campaign | None = None
) -> Listed:
    """The same for a number that we may not know."""
    entry = Entry(dnc_hash(e164), campaign.slug if campaign else "", reason)
    return forbid_many([entry], source=source, actor=actor)[0]


@transaction.atomic
def forbid_many(entries: Sequence[Entry], *, source: str, actor: Actor) -> list[Listed]:
    """List many numbers and cancel what is pending to them, in one transaction.

    Answers in the order of the entries; one that comes twice is new once. Numbers are locked
    first, by id, then callbacks, by id: the order of everything else that takes these locks.
    """
    numbers = _lock([entry.number_hash for entry in entries])
    new = list_hashes([(one.number_hash, one.scope, one.reason) for one in entries], source=source)
    scopes = {(entry.number_hash, entry.scope) for entry in entries}
    cancelled = _cancel(numbers, scopes, actor)
    _tell_who_works(numbers, scopes)
    notices.tell_queue()
    found = []
    for entry in entries:
        key = (entry.number_hash, entry.scope)
        found.append(Listed(key in new, cancelled.pop(key, 0)))
        new.discard(key)
    return found


def _lock(hashes: Sequence[str]) -> list[int]:
    rows = PhoneNumber.objects.filter(dnc_hash__in=hashes).order_by("id")
    return list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _cancel(
    numbers: Sequence[int], scopes: set[tuple[str, str]], actor: Actor
) -> Counter[tuple[str, str]]:
    """Cancel what is pending; how many for each entry."""
    waiting = Callback.objects.filter(state__in=PENDING)
    rows = _concerned(waiting.select_for_update(of=("self",), no_key=True), numbers, scopes)
    moves = [Move(pk, Event.CANCEL, reason=WHY) for pk in rows]
    cancelled = queue.move_many(moves, actor=actor)
    for held in cancelled:
        if held.state is State.OFFERED:
            notices.tell_agent(held.agent_id, "withdrawn", why="The contact must not be called")
    return Counter(rows[held.callback_id] for held in cancelled)


def _tell_who_works(numbers: Sequence[int], scopes: set[tuple[str, str]]) -> None:
    """Work in hand is not taken away: the gate stops its dial, and its agent sees that at once."""
    working = _concerned(Callback.objects.filter(state=State.WORKING), numbers, scopes)
    agents = Callback.objects.filter(pk__in=working).values_list("agent_id", flat=True)
    for agent_id in agents:
        notices.tell_agent(agent_id, "context")


def _concerned(
    callbacks: QuerySet[Callback], numbers: Sequence[int], scopes: set[tuple[str, str]]
) -> dict[int, tuple[str, str]]:
    """Callbacks of everybody at these numbers, each with the entry that it concerns."""
    rows = callbacks.filter(contact__numbers__in=numbers).order_by("id")
    found: dict[int, tuple[str, str]] = {}
    for pk, slug, number_hash in rows.values_list(
        "pk", "campaign__slug", "contact__numbers__dnc_hash"
    ):
        for key in ((number_hash, ""), (number_hash, slug)):
            if key in scopes:
                found.setdefault(pk, key)
    return found
