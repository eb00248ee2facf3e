"""What a supervisor does to a pending callback (RULES 3)."""

from django.db import transaction

from callbacks import notices, queries, queue
from callbacks.actions.intake import IntakeRefusedError, Wish
from callbacks.queue import Actor
from callbacks.rules.states import Event
from campaigns.rules.windows import callable_span
from contacts import clock
from contacts.rules.timezones import instant_said


@transaction.atomic
def reschedule(callback_id: int, *, to: Wish, actor: Actor) -> None:
    """Promise another time, in wall-clock time of a zone.

    Raises IntakeRefusedError (``past``, ``closed``), NonexistentTimeError, RefusedError.
    """
    callback = queries.locked(callback_id)
    now = clock.now()
    due_at = instant_said(to.wall, to.zone)
    if due_at < now:
        raise IntakeRefusedError("time", "past", "This time has passed. Choose a later one")
    window = queries.window_of(callback)
    if window.span_at(due_at) is None:
        raise IntakeRefusedError("time", "closed", "The contact may not be called at this time")
    span = callable_span(window, due_at, callback.campaign.lead, now)
    queue.move(
        callback_id,
        Event.RESCHEDULE,
        actor=actor,
        data={"from": callback.due_at, "to": due_at},
        changes={
            "due_at": due_at,
            "callable_from": span.start if span else None,
            "callable_until": span.end if span else None,
            "promised_from": None,
            "promised_until": None,
            "own_time": False,
            "said_wall": to.wall.isoformat(timespec="minutes"),
            "said_zone": to.zone,
            "attention": "",
        },
    )
    notices.tell_queue()
    notices.knock()


@transaction.atomic
def cancel(callback_id: int, *, reason: str, actor: Actor) -> None:
    """Withdraw a pending callback with all its retries. Raises RefusedError."""
    held = queue.move(callback_id, Event.CANCEL, actor=actor, reason=reason)
    notices.tell_agent(held.agent_id, "withdrawn", why=reason)
    notices.tell_queue()


@transaction.atomic
def complete(callback_id: int, *, reason: str, actor: Actor) -> None:
    """Mark a pending callback as handled another way. Raises RefusedError."""
    queue.move(callback_id, Event.COMPLETE, actor=actor, reason=reason)
    notices.tell_queue()
