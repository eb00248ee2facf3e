"""Keeping "when may the machine dial" true while time, hours and zones move (RULES 3, 4)."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from callbacks import cases, notices, queue
from callbacks.cases import Case
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor, Move
from callbacks.rules.attention import NO_HOURS, ZONE_UNKNOWN
from callbacks.rules.promises import Promise, callable_columns, span_of
from callbacks.rules.states import Event, State
from campaigns.actions import note_tzdata
from campaigns.models import HoursChange

BATCH = 500
_PUT_RIGHT_BY_A_WINDOW = ("", NO_HOURS, ZONE_UNKNOWN)


def rolled(one: Case, why: str) -> Move | None:
    """The move to where the window of the promise now is; None when it is there already."""
    own_until = one.promised_until if one.chosen_time and one.honours_own_time else None
    called_now = one.callable_from if one.priority >= queue.CALL_NOW else None
    promise = Promise(one.due_at, called_now or one.promised_from, one.lead, own_until)
    span = span_of(promise, one.window, one.now)
    if span and (span.start, span.end) == (one.callable_from, one.callable_until):
        return None
    if span is None and one.callable_from is None:
        return None
    changes = callable_columns(span)
    if span is None:
        changes["attention"] = NO_HOURS if one.zones else ZONE_UNKNOWN
    elif one.attention in _PUT_RIGHT_BY_A_WINDOW:
        changes["attention"] = ""
    return Move(
        one.id, Event.ROLL, reason=why, data={"callable_from": changes["callable_from"]},
        changes=changes,
    )  # fmt: skip


def roll(found: Iterable[Case], why: str, *, actor: Actor = SYSTEM) -> int:
    """Roll these callbacks, their rows locked by the caller. Returns how many moved."""
    moves = [move for one in found if (move := rolled(one, why)) is not None]
    return len(queue.move_many(moves, actor=actor))


@transaction.atomic
def roll_windows() -> int:
    """Move callbacks whose window has closed to their next one. Returns how many.

    Set-based and safe to run twice at once: what another run holds is passed over.
    """
    due = cases.lock_due(
        "WHERE state = 'scheduled' AND callable_until <= now() ORDER BY callable_until", [], BATCH
    )
    done = roll(due, "Its window closed")
    if done:
        notices.tell_queue()
    return done


def roll_contact(contact_id: int, why: str, *, actor: Actor = SYSTEM) -> int:
    """The contact's zone or place changed: their callbacks follow, in the caller's transaction."""
    waiting = Callback.objects.filter(contact_id=contact_id, state=State.SCHEDULED)
    found = cases.lock(waiting.values_list("pk", flat=True), [State.SCHEDULED])
    return roll(found, why, actor=actor)


def work_off_hours_changes() -> int:
    """Compute windows again after hours, quiet rules or tzdata changed: one batch of one change.

    Returns how many callbacks were looked at. The change's own row keeps the place, so that a
    killed worker's batch is done again and nothing else; its row is the progress to show.
    """
    note_tzdata()
    with transaction.atomic():
        waiting = HoursChange.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        change = waiting.filter(finished_at=None).order_by("asked_at", "pk").first()
        if change is None:
            return 0
        concerned = _concerned(change)
        if change.started_at is None:
            HoursChange.objects.filter(pk=change.pk).update(
                started_at=Now(), total=concerned.count()
            )
        ids = list(concerned.filter(pk__gt=change.last_id).values_list("pk", flat=True)[:BATCH])
        moved = roll(cases.lock(ids, [State.SCHEDULED]), change.reason)
        HoursChange.objects.filter(pk=change.pk).update(
            last_id=ids[-1] if ids else change.last_id,
            checked=F("checked") + len(ids),
            changed=F("changed") + moved,
            finished_at=None if len(ids) == BATCH else Now(),
        )
        notices.tell_queue()
        return len(ids)


def _concerned(change: HoursChange) -> QuerySet[Callback]:
    waiting = Callback.objects.filter(state=State.SCHEDULED).order_by("pk")
    if change.campaign_id is not None:
        waiting = waiting.filter(campaign_id=change.campaign_id)
    if change.region:
        waiting = waiting.filter(number__region=change.region)
    return waiting
