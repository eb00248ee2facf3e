"""The queue is a table, and this is the only file that writes ``Callback.state``.

Every change is one statement: the guarded change and its event row commit together or not at
all. A write that names an old ``claim_version`` finds nothing and does nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction

from callbacks.models import Callback, CallbackEvent
from callbacks.rules.promises import PERSONAL_GRACE
from callbacks.rules.states import FINAL, TRANSITIONS, Event, RefusedError, State, sources, target

CALL_NOW = 1000
REJECT_COOLDOWN = timedelta(minutes=10)
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: ``customer``, ``agent``, ``supervisor``, ``api`` or ``system``."""

    kind: str
    user_id: int | None = None


SYSTEM = Actor("system")
CUSTOMER = Actor("customer")


def ordinary(priority: int) -> int:
    """The priority that goes with another time: nobody calls it now any more."""
    return 0 if priority >= CALL_NOW else priority


@dataclass(frozen=True, slots=True)
class Claim:
    """A callback leased to one agent until ``expires_at``; later writes name ``version``."""

    callback_id: int
    campaign_id: int
    version: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A callback as it was before a change, with whoever held it."""

    callback_id: int
    state: State
    agent_id: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Move:
    """One event of the transition table for one callback.

    With ``version`` and ``agent_id`` only while that claim and that holder still stand.
    ``changes`` are further columns to write: those of ``CHANGEABLE``, by name. With ``undoable``
    the event keeps, as ``was``, what stood in them before.
    """

    callback_id: int
    event: Event
    version: int | None = None
    agent_id: int | None = None
    reason: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    undoable: bool = False


def enter(callback: Callback, *, actor: Actor, data: dict[str, Any]) -> bool:
    """Put a new promise in the queue. False, and nothing done, when the contact has a live one."""
    try:
        with transaction.atomic():
            callback.state = State.SCHEDULED
            if callback.reserved_for_id and not callback.reserved_until:
                callback.reserved_until = callback.due_at + PERSONAL_GRACE
            callback.save(force_insert=True)
    except IntegrityError as error:
        if "callback_one_active" in str(error):
            return False
        raise
    CallbackEvent.objects.create(
        callback=callback,
        name=Event.REQUEST,
        to_state=State.SCHEDULED,
        actor_kind=actor.kind,
        actor_id=actor.user_id,
        data=data,
    )
    return True


# Two arms: what waits for this agent personally, then the pool. The pool of an agent with some
# campaigns asks each for its first in line; a filter on campaign_id would walk the table instead.
_CLAIM = """
WITH rejected AS MATERIALIZED (
  SELECT callback_id FROM callback_event
  WHERE name = 'reject' AND actor_id = %(agent)s
    AND at > now() - make_interval(secs => %(cooldown)s)
), personal AS (
  SELECT id, priority, callable_from, 1 AS mine FROM callback
  WHERE state = 'scheduled' AND reserved_for_id = %(agent)s AND callable_from <= now()
    AND (%(campaigns)s::bigint[] IS NULL OR campaign_id = ANY(%(campaigns)s::bigint[]))
    AND id <> ALL (ARRAY(SELECT callback_id FROM rejected))
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), pool AS (
  {pool}
), winner AS (
  SELECT id FROM (SELECT * FROM personal UNION ALL SELECT * FROM pool) AS both_arms
  ORDER BY priority DESC, mine DESC, callable_from, id LIMIT 1
), moved AS (
  UPDATE callback SET state = 'offered', agent_id = %(agent)s, offered_at = now(),
    offer_expires_at = now() + make_interval(secs => (
      SELECT offer_seconds FROM campaign WHERE campaign.id = callback.campaign_id)),
    claim_version = claim_version + 1
  FROM winner WHERE callback.id = winner.id
  RETURNING callback.id, campaign_id, claim_version, offer_expires_at
), story AS (
  INSERT INTO callback_event
    (callback_id, name, from_state, to_state, actor_kind, actor_id, reason, data, claim_version)
  SELECT id, 'offer', 'scheduled', 'offered', 'system', %(agent)s, '', '{{}}', claim_version
  FROM moved
)
SELECT id, campaign_id, claim_version, offer_expires_at FROM moved
"""
_FIRST_IN_LINE = """
  SELECT id, priority, callable_from, 0 AS mine FROM callback
  WHERE state = 'scheduled' AND reserved_for_id IS NULL AND callable_from <= now() {campaign}
    AND id <> ALL (ARRAY(SELECT callback_id FROM rejected))
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_CLAIM_ANY = _CLAIM.format(pool=_FIRST_IN_LINE.format(campaign=""))
_CLAIM_SOME = _CLAIM.format(
    pool="SELECT first.* FROM unnest(%(campaigns)s::bigint[]) AS mine(campaign_id) "
    "CROSS JOIN LATERAL ("
    + _FIRST_IN_LINE.format(campaign="AND callback.campaign_id = mine.campaign_id")
    + ") AS first"
)


def claim_next(agent_id: int, campaign_ids: Sequence[int] | None) -> Claim | None:
    """Lease the first callable callback in line to the agent, or None when there is none.

    ``campaign_ids`` are the dialling campaigns of the agent; None means every campaign there is.
    In line: Call now, then priority, then ``callable_from``. What the agent rejected within the
    last 10 minutes is passed over. Raises IntegrityError when the agent holds a callback already.
    """
    statement = _CLAIM_ANY if campaign_ids is None else _CLAIM_SOME
    campaigns = None if campaign_ids is None else list(campaign_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "agent": agent_id,
                "campaigns": campaigns,
                "cooldown": REJECT_COOLDOWN.total_seconds(),
            },
        )
        row = cursor.fetchone()
    return Claim(*row) if row else None


CHANGEABLE = (
    "about", "number_id", "priority", "due_at", "callable_from", "callable_until",
    "promised_from", "promised_until", "said_wall", "said_zone", "own_time", "trigger_outcome",
    "retry_number", "retry_max", "counts_from", "reserved_for_id", "reserved_until",
    "reject_count", "attention", "cancel_asked_at",
)  # fmt: skip
# The row as it was, the same row with what was asked for laid over it, and what follows from the
# state that it arrives in, whichever event led there.
_APPLY = """
WITH asked AS (
  SELECT * FROM jsonb_to_recordset(%(moves)s::jsonb) AS asked(
    id bigint, event text, sources text[], targets text[], version numeric, agent bigint,
    reason text, data jsonb, changes jsonb, undoable boolean)
), old AS MATERIALIZED (
  SELECT callback AS was, asked.*,
    targets[array_position(sources, callback.state::text)] AS next
  FROM callback JOIN asked ON asked.id = callback.id
  ORDER BY callback.id FOR NO KEY UPDATE OF callback
), new AS MATERIALIZED (
  SELECT old.*, jsonb_populate_record(was, changes) AS row FROM old
  WHERE next IS NOT NULL
    AND (version IS NULL OR version = (was).claim_version)
    AND (agent IS NULL OR agent = (was).agent_id)
), moved AS (
  UPDATE callback SET {changes},
    state = new.next,
    agent_id = CASE WHEN new.next IN ('offered', 'working') THEN callback.agent_id END,
    offer_expires_at = CASE WHEN new.next = 'offered' THEN callback.offer_expires_at END,
    accepted_at = CASE WHEN new.next = 'working' THEN COALESCE(
      CASE WHEN callback.state = 'working' THEN callback.accepted_at END, now()) END,
    ended_at = CASE WHEN new.next = ANY(%(final)s::text[]) THEN now() END,
    ended_reason = CASE WHEN new.next = ANY(%(final)s::text[]) THEN left(reason, 120) ELSE '' END
  FROM new WHERE callback.id = new.id
), story AS (
  INSERT INTO callback_event
    (callback_id, name, from_state, to_state, actor_kind, actor_id, reason, data, claim_version)
  SELECT id, event, (was).state, next, %(actor_kind)s, %(actor_id)s::bigint, left(reason, 300),
    CASE WHEN undoable THEN data || jsonb_build_object('was', (
      SELECT coalesce(jsonb_object_agg(name, to_jsonb(was) -> name), '{{}}')
      FROM jsonb_object_keys(changes) AS name)) ELSE data END, (was).claim_version
  FROM new
)
SELECT id, (was).state, (was).agent_id, (was).claim_version,
  id IN (SELECT id FROM new) FROM old
""".format(changes=", ".join(f"{name} = (new.row).{name}" for name in CHANGEABLE))


def move_many(moves: Sequence[Move], *, actor: Actor) -> list[Held]:
    """Apply events to many callbacks in one statement, and tell their stories.

    Those that are not in a state for it, or no longer under the named claim, are passed over.
    Returns the callbacks that moved, as they were before.
    """
    return [held for held, moved in _apply(moves, actor) if moved] if moves else []


def move(
    callback_id: int,
    event: Event,
    *,
    actor: Actor,
    version: int | None = None,
    agent_id: int | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    undoable: bool = False,
) -> Held:
    """Apply one event to one callback; returns it as it was before.

    Raises RefusedError, with nothing changed.
    """
    told, columns = data or {}, changes or {}
    asked = Move(callback_id, event, version, agent_id, reason, told, columns, undoable)
    # An address can name any number; the table cannot hold it.
    for held, moved in _apply([asked] if callback_id <= _LARGEST_ID else [], actor):
        if moved:
            return held
        raise _refusal(asked, held)
    raise RefusedError("There is no such callback", state=None, code="missing")


def _apply(moves: Sequence[Move], actor: Actor) -> list[tuple[Held, bool]]:
    values = {
        "moves": json.dumps([_asked(one) for one in moves], default=str),
        "final": [str(state) for state in FINAL],
        "actor_kind": actor.kind,
        "actor_id": actor.user_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, values)
        rows = cursor.fetchall()
    return [(Held(row[0], State(row[1]), row[2], row[3]), row[4]) for row in rows]


def _asked(one: Move) -> dict[str, Any]:
    if not one.changes.keys() <= set(CHANGEABLE):
        raise ValueError(f"Not changeable: {one.changes.keys() - set(CHANGEABLE)}")
    froms = sources(one.event)
    return {
        "id": one.callback_id,
        "event": one.event,
        "sources": froms,
        "targets": [TRANSITIONS[state, one.event] for state in froms],
        "version": one.version,
        "agent": one.agent_id,
        "reason": one.reason,
        "data": dict(one.data),
        "changes": dict(one.changes),
        "undoable": one.undoable,
    }


def _refusal(asked: Move, held: Held) -> RefusedError:
    """Why nothing was written."""
    if asked.agent_id is not None and held.agent_id not in (None, asked.agent_id):
        return RefusedError(
            "Another agent has this callback in hand", state=held.state, code="holder"
        )
    if asked.version is not None and asked.version != held.version:
        return RefusedError("This offer is no longer yours", state=held.state, code="stale")
    try:
        target(held.state, asked.event)
    except RefusedError as refusal:
        return refusal
    return RefusedError("This callback is not in your hands", state=held.state, code="holder")
