"""A supervisor takes back what they have just done to a callback, while its toast is shown.

Only the last thing that happened to it, and only by whoever did it. What the action wrote is put
back column by column, as its event kept it; nothing else is touched. A time that has passed
meanwhile is put back as it was: when it may be called is for its window and the gate to say.

One action changes one callback, so there are no siblings to put back: what an answered call, a
do-not-call request or the customer's own call has ended keeps nothing to undo by.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction

from callbacks import cases, notices, queue
from callbacks.actions.windows import roll
from callbacks.cases import Case
from callbacks.models import CallbackEvent
from callbacks.queue import Actor
from callbacks.rules.states import HELD, Event, RefusedError, State

SHOWN = timedelta(seconds=10)
# A press in the last second still has to travel, and may wait for who holds the row.
ALLOWED = timedelta(seconds=15)


def undoable(callback_ids: Iterable[int], *, actor: Actor) -> dict[int, int]:
    """By callback: the event that the actor may take back, where it is the last one of its story.

    Nothing for those that something else has happened to.
    """
    last = (
        CallbackEvent.objects.filter(callback_id__in=list(callback_ids))
        .order_by("callback_id", "-pk")
        .distinct("callback_id")
    )
    return {one.callback_id: one.pk for one in last if "was" in one.data and _did(one, actor)}


@transaction.atomic
def undo(callback_id: int, *, event_id: int, actor: Actor) -> Event:
    """Put back what this event of the callback changed. Returns which action it was.

    Raises RefusedError, with nothing changed, and the code ``taken`` while an agent has it,
    ``changed`` when something else has happened to it, ``other`` where that event keeps nothing to
    undo by, ``foreign`` when somebody else did it, ``too_late`` after 15 seconds, ``do_not_call``
    and ``invalid`` when the number may not be called any more, ``replaced`` when the contact has
    a new callback in the campaign.
    """
    cases.lock_number_of(callback_id)
    one = cases.lock_one(callback_id)
    last = CallbackEvent.objects.filter(callback_id=callback_id).latest("pk")
    if no := _refusal(one, last, event_id, actor):
        code, message = no
        raise RefusedError(message, state=State(one.state), code=code)
    _put_back(one, last, actor)
    roll(cases.lock([callback_id]), "Its window moved meanwhile")
    notices.tell_queue()
    notices.knock()
    return Event(last.name)


def _refusal(one: Case, last: CallbackEvent, event_id: int, actor: Actor) -> tuple[str, str] | None:
    """The first reason against it as code and words; None: it may be undone."""
    holder = f"Not undone: {one.agent_name} has it in hand by now"
    reasons = (
        ("taken", holder, one.state in HELD),
        ("changed", "Not undone: it has changed since", last.pk != event_id),
        ("other", "This cannot be undone", "was" not in last.data),
        ("foreign", "Not undone: somebody else did this", not _did(last, actor)),
        ("too_late", "Too late to undo: it can be undone for 10 seconds",
         one.now > last.at + ALLOWED),
        ("do_not_call", "Not undone: this number must not be called", one.do_not_call),
        ("invalid", "Not undone: the number is not in service", not one.number_valid),
    )  # fmt: skip
    return next(((code, message) for code, message, holds in reasons if holds), None)


def _did(event: CallbackEvent, actor: Actor) -> bool:
    return (event.actor_kind, event.actor_id) == (actor.kind, actor.user_id)


def _put_back(one: Case, last: CallbackEvent, actor: Actor) -> None:
    was = last.data["was"]
    told = {"event": last.pk, "of": last.name}
    if "due_at" in was:
        told |= {"from": one.due_at, "to": was["due_at"]}
    try:
        with transaction.atomic():
            queue.move(one.id, Event.UNDO, actor=actor, data=told, changes=was)
    except IntegrityError as error:
        if "callback_one_active" not in str(error):
            raise
        raise RefusedError(
            "Not undone: the contact has a new callback by now",
            state=State(one.state),
            code="replaced",
        ) from error
