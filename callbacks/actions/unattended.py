"""Closing work that nobody at the desk will close any more (RULES 2 and 6)."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from callbacks import cases, notices, queue
from callbacks.actions.settlement import released, settled
from callbacks.actions.siblings import cancel_siblings
from callbacks.models import Attempt, Callback
from callbacks.queue import SYSTEM
from callbacks.rules.attention import AGENT_LOST, DIAL_UNKNOWN, OUTCOME_UNKNOWN
from callbacks.rules.states import State
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
    undialled = [one for one in left if one.attempt_dialed_at is None and not one.attempt_is_live]
    moves = [released(one, "The agent was lost before calling") for one in undialled]
    moved = queue.move_many(moves, actor=SYSTEM)
    flagged = 0
    for why, concerned in (
        (AGENT_LOST, [one.id for one in left if one.attempt_is_live]),
        (OUTCOME_UNKNOWN, [one.id for one in left if not one.attempt_is_live]),
    ):
        waiting = Callback.objects.filter(pk__in=concerned, state=State.WORKING, attention="")
        flagged += waiting.update(attention=why)
    _tell(len(moved) + flagged)
    return len(moved) + flagged


@transaction.atomic
def flag_unknown_dials() -> int:
    """Ask for a person where the carrier has not said for 10 minutes whether a call rang."""
    unknown = Attempt.objects.filter(
        state=Attempt.State.UNKNOWN,
        intended_at__lte=clock.now() - UNKNOWN_TOO_LONG,
        callback__attention="",
        callback__state=State.WORKING,
    )
    ids = list(unknown.values_list("callback_id", flat=True)[:BATCH])
    flagged = Callback.objects.filter(pk__in=ids, attention="").update(attention=DIAL_UNKNOWN)
    if flagged:
        notices.tell_queue()
    return flagged


def _tell(handled: int) -> None:
    if handled:
        notices.tell_queue()
        notices.knock()
