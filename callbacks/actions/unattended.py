"""Closing work that nobody at the desk will close any more (RULES 2 and 6)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from callbacks import cases, notices, queue
from callbacks.actions.settlement import released, settled
from callbacks.actions.siblings import cancel_siblings
from callbacks.cases import Case
from callbacks.models import Attempt
from callbacks.queue import SYSTEM, Move
from callbacks.rules.attention import AGENT_LOST, DIAL_UNKNOWN, OUTCOME_UNKNOWN
from callbacks.rules.states import Event, State
from campaigns.rules.retry import Outcome
from contacts import clock

UNATTENDED = timedelta(minutes=5)
UNKNOWN_TOO_LONG = timedelta(minutes=10)
BATCH = 500
# Work of these agents that was accepted long enough ago, by what became of its latest dial.
_LEFT = """
WHERE state = 'working' AND agent_id = ANY(%s::bigint[])
  AND accepted_at <= now() - make_interval(secs => %s)
  AND coalesce((
    SELECT CASE WHEN a.state <> 'ended' THEN 'open' WHEN a.dialed_at IS NULL THEN 'none'
      WHEN a.outcome IN ('', 'unknown') THEN 'unknown'
      WHEN a.ended_at > now() - make_interval(secs => %s) THEN 'fresh' ELSE 'known' END
    FROM attempt a WHERE a.callback_id = callback.id AND a.intended_at >= callback.accepted_at
    ORDER BY a.id DESC LIMIT 1), 'none') {became}
ORDER BY id"""
_KNOWN = _LEFT.format(became="= 'known'")
_NOT_KNOWN = _LEFT.format(
    became="= ANY(CASE WHEN attention = '' THEN '{none,open,unknown}' ELSE '{none}' END::text[])"
)


@transaction.atomic
def schedule_retries(absent_agents: Sequence[int]) -> int:
    """Apply the retry policy to calls that ended with nobody at the desk. Returns how many.

    The same rule as Done, for a batch; rows that another sweep holds are passed over.
    """
    if not absent_agents:
        return 0
    secs = UNATTENDED.total_seconds()
    ended = cases.lock_due(_KNOWN, [list(absent_agents), secs, secs], BATCH)
    moves = [
        settled(one, Outcome(one.attempt_outcome), one.attempt_ended_at)
        for one in ended
        if one.attempt_ended_at and one.attempt_outcome
    ]
    done = {held.callback_id for held in queue.move_many(moves, actor=SYSTEM)}
    for one in sorted(ended, key=lambda one: one.number_id):  # two sweeps, one order
        if one.id in done and one.attempt_outcome == Outcome.ANSWERED:
            cancel_siblings(one, actor=SYSTEM)
    _tell(len(done))
    return len(done)


@transaction.atomic
def release_absent_agents(absent_agents: Sequence[int]) -> int:
    """Give work without a dial back to the line; a call without an agent asks for a person.

    Returns how many callbacks it was about.
    """
    if not absent_agents:
        return 0
    secs = UNATTENDED.total_seconds()
    left = cases.lock_due(_NOT_KNOWN, [list(absent_agents), secs, secs], BATCH)
    handled = len(queue.move_many([move for one in left if (move := _left(one))], actor=SYSTEM))
    _tell(handled)
    return handled


def _left(one: Case) -> Move | None:
    """What becomes of work that nobody has in hand any more; None where its outcome is known."""
    if one.attempt_is_live:
        return _flagged(one, AGENT_LOST)
    if one.attempt_dialed_at is None:
        return released(one, "The agent was lost before calling")
    known = one.attempt_outcome not in ("", Outcome.UNKNOWN)
    return None if known else _flagged(one, OUTCOME_UNKNOWN)


def _flagged(one: Case, why: str) -> Move:
    return Move(one.id, Event.NOTE, one.version, reason=why, changes={"attention": why})


@transaction.atomic
def flag_unknown_dials() -> int:
    """Ask for a person where the carrier has not said for 10 minutes whether a call rang."""
    unknown = Attempt.objects.filter(
        state=Attempt.State.UNKNOWN,
        intended_at__lte=clock.now() - UNKNOWN_TOO_LONG,
        callback__attention="",
        callback__state=State.WORKING,
    )
    found = cases.lock(unknown.values_list("callback_id", flat=True)[:BATCH], [State.WORKING])
    still = set(unknown.values_list("callback_id", flat=True))  # as it is under the lock
    flags = [_flagged(one, DIAL_UNKNOWN) for one in found if one.id in still and not one.attention]
    flagged = len(queue.move_many(flags, actor=SYSTEM))
    _tell(flagged)
    return flagged


def _tell(handled: int) -> None:
    if handled:
        notices.tell_queue()
        notices.knock()
