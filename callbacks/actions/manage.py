"""What a supervisor does to a pending callback (RULES 3). Offered ones are withdrawn first."""

from datetime import datetime, timedelta

from django.db import transaction

from callbacks import cases, notices, queue
from callbacks.actions.intake import IntakeRefusedError, Wish
from callbacks.actions.windows import roll_contact
from callbacks.cases import Case
from callbacks.queue import Actor
from callbacks.rules.promises import new_time, reserved
from callbacks.rules.states import Event, State, target
from campaigns.rules.policy import into_window
from campaigns.rules.retry import DialsSoFar, Outcome, Retry, Stop, after
from campaigns.rules.windows import next_calling_day
from contacts import actions as contacts
from contacts.rules.timezones import instant_said


def pending(callback_id: int, event: Event, *, actor: Actor, why: str) -> Case:
    """The pending callback, locked for the event; an offer is withdrawn and its agent told why.

    Raises RefusedError when it is in work or has ended.
    """
    one = cases.lock_one(callback_id)
    if one.state == State.OFFERED:
        held = queue.move(callback_id, Event.WITHDRAW, actor=actor, reason=why)
        notices.tell_agent(held.agent_id, "withdrawn", why=why)
        one = cases.case(callback_id)
    if one.state != State.SCHEDULED:
        target(State(one.state), event)
    return one


@transaction.atomic
def reschedule(callback_id: int, *, to: Wish, actor: Actor) -> None:
    """Promise another time, in wall-clock time of a zone.

    Raises IntakeRefusedError (``past``, ``closed``), NonexistentTimeError, RefusedError.
    """
    one = pending(
        callback_id, Event.RESCHEDULE, actor=actor, why="A supervisor moved it to another time"
    )
    due_at = instant_said(to.wall, to.zone)
    if due_at < one.now:
        raise IntakeRefusedError("time", "past", "This time has passed. Choose a later one")
    if one.window.span_at(due_at) is None:
        raise IntakeRefusedError("time", "closed", "The contact may not be called at this time")
    queue.move(
        callback_id,
        Event.RESCHEDULE,
        actor=actor,
        data={"from": one.due_at, "to": due_at},
        changes={
            **new_time(one.window, due_at, one.lead, one.now),
            **reserved(one.reserved_for_id, due_at, one.now),
            "priority": queue.ordinary(one.priority),
            "said_wall": to.wall.isoformat(timespec="minutes"),
            "said_zone": to.zone,
        },
        undoable=True,
    )
    _tell()


@transaction.atomic
def skip(callback_id: int, *, actor: Actor, reason: str = "") -> State:
    """Use up this retry and move on to the next; after the last one the callback is exhausted.

    Without a retry to use up: the same wall time on the contact's next calling day. Returns the
    state it went to. Raises RefusedError.
    """
    one = pending(callback_id, Event.SKIP, actor=actor, why="A supervisor skipped it")
    step = _next_retry(one)
    if isinstance(step, Stop):
        why = reason or step.reason
        queue.move(callback_id, Event.EXHAUST, actor=actor, reason=why, undoable=True)
        _tell()
        return State.EXHAUSTED
    due_at = into_window(one.window, step.due_at) if step else _next_day(one)
    changes = new_time(one.window, due_at, one.lead, one.now)
    changes |= reserved(one.reserved_for_id, due_at, one.now)
    changes["priority"] = queue.ordinary(one.priority)
    if step:
        changes |= {"retry_number": step.number, "retry_max": step.maximum}
    queue.move(
        callback_id,
        Event.SKIP,
        actor=actor,
        reason=reason,
        data={"outcome": one.trigger_outcome if step else "", "from": one.due_at, "to": due_at},
        changes=changes,
        undoable=True,
    )
    _tell()
    return State.SCHEDULED


def _next_retry(one: Case) -> Retry | Stop | None:
    """What the policy gives after this retry counts as used; None where none is waiting."""
    if not one.retry_number or not one.trigger_outcome:
        return None
    outcome = Outcome(one.trigger_outcome)
    so_far = one.so_far(outcome)
    used = DialsSoFar(so_far.with_this_outcome + 1, so_far.in_all)
    policies = one.book.policies(one.campaign_id)
    return after(outcome, max(one.due_at, one.now), used, policies, one.dial_cap)


def _next_day(one: Case) -> datetime:
    found = next_calling_day(one.window, one.due_at, one.now)
    return found or max(one.due_at, one.now) + timedelta(days=1)


@transaction.atomic
def cancel(callback_id: int, *, actor: Actor, reason: str = "") -> None:
    """Withdraw a pending callback with all its retries. Raises RefusedError."""
    held = queue.move(callback_id, Event.CANCEL, actor=actor, reason=reason, undoable=True)
    notices.tell_agent(held.agent_id, "withdrawn", why=reason or "A supervisor cancelled it")
    notices.tell_queue()


@transaction.atomic
def complete(callback_id: int, *, actor: Actor, reason: str = "") -> None:
    """Mark a pending callback as handled another way. Raises RefusedError."""
    pending(callback_id, Event.COMPLETE, actor=actor, why="A supervisor marked it complete")
    queue.move(callback_id, Event.COMPLETE, actor=actor, reason=reason, undoable=True)
    notices.tell_queue()


@transaction.atomic
def choose_zone(callback_id: int, *, zone: str, actor: Actor) -> None:
    """Say in which zone the contact is, where nobody knew: their callbacks come into line.

    Raises RefusedError; IntakeRefusedError with the code ``zone``, or ``known`` where the customer
    said it themselves.
    """
    one = cases.case(callback_id)
    try:
        chosen = contacts.choose_zone(one.contact_id, zone)
    except ValueError as error:
        raise IntakeRefusedError("zone", "zone", "Choose a zone from the list") from error
    if not chosen:
        raise IntakeRefusedError("zone", "known", "The customer said themselves where they are")
    roll_contact(one.contact_id, f"Zone chosen: {zone}", actor=actor)
    _tell()


def _tell() -> None:
    notices.tell_queue()
    notices.knock()
