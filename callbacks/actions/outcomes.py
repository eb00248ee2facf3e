"""Done: the outcome and the next time in one transaction (RULES 2, 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import connection, transaction
from django.db.models import F

from callbacks import cases, notices, queue
from callbacks.actions.calls import Work, lock_work
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import Wish
from callbacks.actions.settlement import FRESH, released, settled
from callbacks.actions.siblings import cancel_siblings
from callbacks.cases import Case
from callbacks.models import Attempt
from callbacks.queue import SYSTEM, Actor, Move
from callbacks.rules.promises import new_time, reserved
from callbacks.rules.states import Event, State, target
from callbacks.rules.words import talked
from campaigns.models import Disposition
from campaigns.rules import retry
from campaigns.rules.retry import Outcome
from contacts.actions import note_callback
from contacts.models import Intent, PhoneNumber
from contacts.rules.timezones import instant_said

# Outcomes that concern the number itself: its row is locked first, as a request locks it.
_OF_THE_NUMBER = frozenset({Outcome.DNC_REQUEST, Outcome.INVALID_NUMBER})


class WrapUpError(Exception):
    """The form cannot be taken as it is. ``field`` says which input, ``code`` is stable."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What the agent says at Done."""

    disposition: Disposition | None
    note: str = ""
    again: Wish | None = None
    personal: bool = False
    intents: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def record_outcome(work: Work, wrap_up: WrapUp) -> State:
    """Close the work: outcome, history, open matters and the callback's next state, all or nothing.

    Returns the state it went to. Raises WrapUpError for what the agent has to put right, and
    RefusedError when the callback is not in their hands.
    """
    if wrap_up.disposition and Outcome(wrap_up.disposition.outcome) in _OF_THE_NUMBER:
        cases.lock_number_of(work.callback_id)
    one = lock_work(work)
    if one.attempt_is_live:
        raise WrapUpError("", "live", "End the call first")
    if one.attempt_dialed_at is None:
        one = replace(one, attempt_id=None)  # the gate stopped it: nobody's telephone rang
    outcome = _outcome_said(one, wrap_up)
    _correct(one, outcome)
    if wrap_up.again is None:
        move = settled(one, outcome, one.attempt_ended_at or one.now)
    else:
        move = _call_again(one, wrap_up, outcome)
    code = wrap_up.disposition.code if wrap_up.disposition else ""
    move = replace(move, data={**move.data, "disposition": code})
    actor = Actor("agent", work.agent_id)
    queue.move_many([move], actor=actor)
    _close_the_loop(one, wrap_up)
    _consequences(one, outcome, actor)
    notices.tell_queue()
    return target(State.WORKING, move.event)


def _outcome_said(one: Case, wrap_up: WrapUp) -> Outcome:
    """What the disposition means; without one, what the carrier reported."""
    chosen = wrap_up.disposition
    called = one.attempt_id is not None
    if chosen is None:
        reported = Outcome(one.attempt_outcome or Outcome.UNKNOWN) if called else Outcome.UNKNOWN
        if one.needs_disposition or reported is Outcome.UNKNOWN:
            raise WrapUpError("code", "required", "Choose how the call ended")
        return reported
    outcome = Outcome(chosen.outcome)
    if chosen.needs_note and not wrap_up.note.strip():
        raise WrapUpError("note", "required", "Write a note for this ending")
    if chosen.needs_time and wrap_up.again is None:
        raise WrapUpError("again_time", "required", "Say when to call again")
    if not called and outcome in retry.DEFAULT_POLICIES:
        raise WrapUpError("code", "not_dialled", "You have not called yet. Call, or release it")
    return outcome


# Without the ORM, whose building of it would be a tenth of the time that Done takes.
_CORRECT = """
UPDATE attempt SET outcome = %s, state = 'ended', ended_at = %s
WHERE id = %s AND state <> ALL (%s)
"""


def _correct(one: Case, outcome: Outcome) -> None:
    """The agent was there: what they say of the call stands above what the carrier reported."""
    if one.attempt_id is not None and one.attempt_outcome != outcome:
        ended_at = one.attempt_ended_at or one.now
        with connection.cursor() as cursor:
            cursor.execute(_CORRECT, [outcome, ended_at, one.attempt_id, list(Attempt.LIVE)])
            if not cursor.rowcount:
                # The carrier has just found out that the call of unknown fate goes on.
                raise WrapUpError("", "live", "End the call first")


def _call_again(one: Case, wrap_up: WrapUp, outcome: Outcome) -> Move:
    """The agent agreed on another time. Counting starts anew where the contact answered."""
    again = wrap_up.again
    assert again is not None  # noqa: S101 # nosec B101
    if one.do_not_call:
        raise WrapUpError("code", "do_not_call", "This number must not be called any more")
    due_at = instant_said(again.wall, again.zone)
    if due_at < one.now:
        raise WrapUpError("again_time", "past", "This time has passed. Choose a later one")
    if one.window.span_at(due_at) is None:
        raise WrapUpError("again_time", "closed", "The contact may not be called at this time")
    changes = {
        **FRESH,
        **new_time(one.window, due_at, one.lead, one.now),
        "retry_number": 0,
        "retry_max": 0,
    }
    if wrap_up.personal:
        changes |= reserved(one.agent_id, due_at, one.now)
    if outcome is Outcome.ANSWERED:
        changes["counts_from"] = one.now
    return Move(
        one.id,
        Event.CALL_AGAIN,
        one.version,
        reason="Agreed with the contact",
        data={"outcome": outcome, "wall": again.wall, "zone": again.zone},
        changes=changes,
    )


def _close_the_loop(one: Case, wrap_up: WrapUp) -> None:
    """History and open matters, so that nobody has to repeat themselves."""
    seconds = talked(one.attempt_answered_at, one.attempt_ended_at) if one.attempt_id else None
    note_callback(
        one.contact_id,
        at=(one.attempt_intended_at if one.attempt_id else None) or one.now,
        subject=one.about.split("\n", 1)[0][:80] or "Callback",
        summary=wrap_up.note.strip() or (wrap_up.disposition.label if wrap_up.disposition else ""),
        with_whom=one.agent_name[:120],
        seconds=seconds,
    )
    for intent_id, status in wrap_up.intents.items():
        Intent.objects.filter(pk=intent_id, contact_id=one.contact_id).update(
            status=status,
            attempt_count=F("attempt_count") + 1,
            closed_at=None if status == Intent.Status.OPEN else one.now,
        )


def _consequences(one: Case, outcome: Outcome, actor: Actor) -> None:
    """What the outcome means for everything else that waits for this contact."""
    if outcome is Outcome.DNC_REQUEST:
        number = PhoneNumber.objects.get(pk=one.number_id)
        forbid_calls(number, reason="Asked an agent", source="desk", actor=actor)
    elif outcome is Outcome.INVALID_NUMBER:
        PhoneNumber.objects.filter(pk=one.number_id).update(invalid_since=one.now)
    elif outcome is Outcome.ANSWERED:
        cancel_siblings(one, actor=SYSTEM)


@transaction.atomic
def release_work(work: Work) -> None:
    """Give an accepted callback back without a dial, its place kept. Raises like Done."""
    one = lock_work(work)
    if one.attempt_is_live:
        raise WrapUpError("", "live", "End the call first")
    queue.move_many([released(one, "Released unheard")], actor=Actor("agent", work.agent_id))
    notices.tell_queue()
    notices.knock()
