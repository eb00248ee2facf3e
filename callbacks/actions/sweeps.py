"""What nobody asked for at that moment: the sweeps behind the beat (RULES 3, 5, 6).

Each is set-based, takes what no other run holds, and leaves nothing half done: two beats at once
do the same work once.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import batched

from django.db import connection, transaction

from callbacks import cases, notices, queue
from callbacks.actions.calls import apply_event
from callbacks.dialers import get_dialer
from callbacks.models import Attempt, Callback, Sweep
from callbacks.queue import SYSTEM, Move
from callbacks.rules.attention import SAME_NUMBER
from callbacks.rules.dedup import merged_text, same_person
from callbacks.rules.states import Event, State
from contacts import clock

BATCH = 500
# A dial that was just asked for may not have reached the carrier yet.
SETTLING = timedelta(seconds=10)
# A number whose row an earlier id wrote later is seen in the next rounds.
OVERLAP, SLICE = 1_000, 3_000


@transaction.atomic
def release_reserved(away: Iterable[int] = ()) -> int:
    """Let anybody have what waited for one agent: past its grace, or due while they are away."""
    due = cases.lock_due(
        "WHERE state = 'scheduled' AND reserved_for_id IS NOT NULL AND (reserved_until <= now()"
        " OR due_at <= now() AND reserved_for_id = ANY(%s::bigint[])) ORDER BY reserved_until",
        [list(away)],
        BATCH,
    )
    released = {"reserved_for_id": None, "reserved_until": None}
    moves = [
        Move(one.id, Event.ROLL, reason="Released to any agent", changes=released) for one in due
    ]
    return _told(len(queue.move_many(moves, actor=SYSTEM)))


@transaction.atomic
def expire_stale() -> int:
    """Give up callbacks that are too old to be worth calling, where the campaign says so."""
    old = cases.lock_due(
        "WHERE id IN (SELECT old.id FROM campaign CROSS JOIN LATERAL ("
        " SELECT id FROM callback WHERE campaign_id = campaign.id AND state = 'scheduled'"
        " AND due_at < now() - make_interval(days => campaign.stale_days)"
        " ORDER BY due_at LIMIT %s) old WHERE campaign.expires_stale)"
        " AND state = 'scheduled' ORDER BY id",
        [BATCH],
        BATCH,
    )
    moves = [Move(one.id, Event.EXPIRE, reason="Too old to be worth calling") for one in old]
    return _told(len(queue.move_many(moves, actor=SYSTEM)))


def reconcile_attempts() -> int:
    """Ask the carrier about calls whose end we have not heard of; never dial again.

    ``run_dialer`` does the same all the time: this is for when it was away.
    """
    keys = list(
        Attempt.objects.exclude(state=Attempt.State.ENDED)
        .filter(dialed_at__lt=clock.now() - SETTLING)
        .order_by("intended_at")
        .values_list("key", flat=True)
    )
    reports = (get_dialer().reconcile(some) for some in batched(keys, BATCH))
    return sum(apply_event(event) for report in reports for event in report)


# Live callbacks of one campaign to one number, more than one, among newly entered ones and a slice
# of all the others: an index cannot find them, since the contacts are two rows. One probe for each
# (LIMIT keeps it so): as a plain EXISTS the planner prefers to read the whole table.
_DOUBLES = """
SELECT DISTINCT fresh.number_id, fresh.campaign_id FROM callback AS fresh
CROSS JOIN LATERAL (SELECT FROM callback AS other
  WHERE other.number_id = fresh.number_id AND other.campaign_id = fresh.campaign_id
    AND other.state = 'scheduled' AND other.id <> fresh.id LIMIT 1) AS double
WHERE fresh.state = 'scheduled'
  AND (fresh.id > %(newest)s OR fresh.id > %(from)s AND fresh.id <= %(to)s)
"""


@transaction.atomic
def deduplicate() -> int:
    """Merge waiting callbacks of one campaign to one number; returns how many were merged.

    Different names stay, flagged for a supervisor.
    """
    mine, _ = Sweep.objects.get_or_create(name="deduplicate", defaults={"ran_at": clock.now()})
    newest = mine.cursor.get("newest", 0)
    start = mine.cursor.get("rolling", 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM callback")
        (last,) = cursor.fetchone()
        cursor.execute(_DOUBLES, {"newest": newest - OVERLAP, "from": start, "to": start + SLICE})
        doubles = cursor.fetchall()
    merged = sum(_merge_double(number_id, campaign_id) for number_id, campaign_id in doubles)
    rolling = start + SLICE if start + SLICE < last else 0
    Sweep.objects.filter(pk=mine.pk).update(cursor={"newest": last, "rolling": rolling})
    return _told(merged)


def _merge_double(number_id: int, campaign_id: int) -> int:
    waiting = list(
        Callback.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("contact")
        .filter(state=State.SCHEDULED, number_id=number_id, campaign_id=campaign_id)
        .order_by("-priority", "callable_from", "id")
    )
    kept: list[Callback] = []
    for later in waiting:
        first = next(
            (one for one in kept if same_person(one.contact.name, later.contact.name)), None
        )
        if first is not None:
            _merge_into(first, later)
            continue
        for other in [*kept, later] if kept else []:
            _flag(other)
        kept.append(later)
    return len(waiting) - len(kept)


def _flag(callback: Callback) -> None:
    if not callback.attention:
        changes = {"attention": SAME_NUMBER}
        queue.move(callback.pk, Event.NOTE, actor=SYSTEM, reason=SAME_NUMBER, changes=changes)
        callback.attention = SAME_NUMBER


def _merge_into(first: Callback, later: Callback) -> None:
    queue.move(later.pk, Event.CANCEL, actor=SYSTEM, reason=f"Merged into {first.reference}")
    about = merged_text(first.about, later.about)
    queue.move(
        first.pk,
        Event.MERGE,
        actor=SYSTEM,
        reason=f"Same number as {later.reference}",
        data={"about": later.about},
        changes={"about": about},
    )
    first.about = about


def _told(handled: int) -> int:
    if handled:
        notices.tell_queue()
        notices.knock()
    return handled
