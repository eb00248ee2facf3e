"""The customer reaches us first: what waits for them is closed, and can be taken back (RULES 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from callbacks import cases, notices, queue
from callbacks.actions.windows import roll
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import Actor, Move
from callbacks.rules.states import PENDING, Event, RefusedError, State
from campaigns.models import Campaign
from contacts import clock
from contacts.models import PhoneNumber

CUSTOMER_CALLED = "Customer called"
UNDO = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Closed:
    """The callbacks that an inbound call closed, and until when that can be undone."""

    callback_ids: list[int]
    undo_until: datetime


@transaction.atomic
def customer_called(
    number: PhoneNumber, *, campaign: Campaign, actor: Actor, contact_id: int | None = None
) -> Closed:
    """Close what is pending to this number in the campaign of the matter they called about.

    With ``contact_id`` only that person's: others may share the number. Work in hand is not closed;
    its agent is told at once that the customer is on another line.
    """
    PhoneNumber.objects.select_for_update(no_key=True).get(pk=number.pk)
    theirs = Callback.objects.filter(contact__in=number.contacts.all(), campaign=campaign)
    if contact_id is not None:
        theirs = theirs.filter(contact=contact_id)
    _tell_who_works(theirs, actor)
    waiting = theirs.filter(state__in=PENDING).order_by("id")
    return _close(waiting.values_list("pk", flat=True), actor)


def _tell_who_works(theirs: QuerySet[Callback], actor: Actor) -> None:
    working = theirs.filter(state=State.WORKING, cancel_asked_at=None)
    # What Done holds at this moment is ending: nobody waits for it.
    free = working.select_for_update(of=("self",), no_key=True, skip_locked=True)
    changes = {"cancel_asked_at": clock.now()}
    asked = [
        Move(one.pk, Event.CANCEL_ASKED, reason=CUSTOMER_CALLED, changes=changes) for one in free
    ]
    for held in queue.move_many(asked, actor=actor):
        notices.tell_agent(held.agent_id, "cancel_asked")


@transaction.atomic
def customer_called_about(callback_id: int, *, actor: Actor) -> Closed:
    """The same for one callback, as somebody at the desk says it. Raises RefusedError."""
    closed = _close([callback_id], actor)
    if not closed.callback_ids:
        one = cases.case(callback_id)
        raise RefusedError(
            f"This callback is {one.state}: nothing to close", state=State(one.state)
        )
    return closed


def _close(ids: Iterable[int], actor: Actor) -> Closed:
    found = cases.lock(ids, PENDING)
    withdrawn = [Move(one.id, Event.WITHDRAW, reason=CUSTOMER_CALLED) for one in found]
    for held in queue.move_many(withdrawn, actor=actor):
        notices.tell_agent(held.agent_id, "withdrawn", why="The customer called us")
    closing = [Move(one.id, Event.COMPLETE, reason=CUSTOMER_CALLED) for one in found]
    closed = queue.move_many(closing, actor=actor)
    notices.tell_queue()
    return Closed([held.callback_id for held in closed], clock.now() + UNDO)


@transaction.atomic
def undo_customer_called(callback_id: int, *, actor: Actor) -> None:
    """They called about something else: the callback waits again, its promise and place kept.

    Raises RefusedError with the code ``too_late`` after 10 minutes, ``other`` where something
    else ended it, ``replaced`` when the contact has a new callback in the campaign by now,
    ``do_not_call`` when they asked for that since.
    """
    cases.lock_number_of(callback_id)
    one = cases.lock_one(callback_id)
    ending = CallbackEvent.objects.filter(callback_id=callback_id).latest("pk")
    if ending.name != Event.COMPLETE or ending.reason != CUSTOMER_CALLED:
        raise RefusedError(
            "It was not closed by a call of the customer", state=State(one.state), code="other"
        )
    if one.now > ending.at + UNDO:
        raise RefusedError(
            "This can be undone for ten minutes", state=State(one.state), code="too_late"
        )
    if one.do_not_call:
        raise RefusedError(
            "This number must not be called", state=State(one.state), code="do_not_call"
        )
    try:
        with transaction.atomic():
            queue.move(callback_id, Event.REOPEN, actor=actor, reason="Not about this")
    except IntegrityError as error:
        raise RefusedError(
            "The contact has a new callback by now", state=State(one.state), code="replaced"
        ) from error
    roll(cases.lock([callback_id]), "Its window moved meanwhile")
    notices.tell_queue()
    notices.knock()
