"""The queue is a table, and this is the only file that writes ``Callback.state``.

Every change is one statement: the guarded change and its event row commit together or not at
all. A write that names an old ``claim_version`` finds nothing and does nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg import sql

from callbacks.models import Callback, CallbackEvent
from callbacks.rules.states import (
    FINAL,
    TRANSITIONS,
    Event,
    RefusedError,
    State,
    sources,
    target,
)

CALL_NOW = 1000
REJECT_COOLDOWN = timedelta(minutes=10)
PERSONAL_GRACE = timedelta(minutes=15)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it: ``customer``, ``agent``, ``supervisor``, ``api`` or ``system``."""

    kind: str
    user_id: int | None = None


SYSTEM = Actor("system")
CUSTOMER = Actor("customer")


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
class Settlement:
    """What becomes of a callback in work. Times are None where it ends or keeps its promise."""

    callback_id: int
    version: int
    event: Event
    to_state: State
    reason: str
    due_at: datetime | None = None
    callable_from: datetime | None = None
    callable_until: datetime | None = None
    trigger_outcome: str = ""
    retry_number: int = 0
    retry_max: int = 0
    reserved_for_id: int | None = None
    counts_from: datetime | None = None
    attention: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def enter(callback: Callback, *, actor: Actor, data: dict[str, Any]) -> bool:
    """Put a new promise in the queue. False, and nothing done, when the contact has a live one."""
    try:
        with transaction.atomic():
            callback.state = State.SCHEDULED
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
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR UPDATE SKIP LOCKED
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
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR UPDATE SKIP LOCKED
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


# What follows from the state that a callback arrives in, whichever event led there.
_ARRIVE = """
  state = old.next,
  agent_id = CASE WHEN old.next IN ('offered', 'working') THEN callback.agent_id END,
  offer_expires_at = CASE WHEN old.next = 'offered' THEN callback.offer_expires_at END,
  accepted_at = CASE WHEN old.next = 'working' THEN COALESCE(
    CASE WHEN old.state = 'working' THEN callback.accepted_at END, now()) END,
  ended_at = CASE WHEN old.next = ANY(%(final)s::text[]) THEN now() END
"""
_STORY = """
  INSERT INTO callback_event
    (callback_id, name, from_state, to_state, actor_kind, actor_id, reason, data, claim_version)
"""
_MOVE = f"""
WITH old AS (
  SELECT id, state, agent_id, claim_version,
    (%(to)s::text[])[array_position(%(from)s::text[], state::text)] AS next
  FROM callback WHERE id = %(id)s FOR UPDATE
), moved AS (
  UPDATE callback SET {_ARRIVE},
    ended_reason = CASE WHEN old.next = ANY(%(final)s::text[]) THEN %(reason)s ELSE '' END
    {{changes}}
  FROM old WHERE callback.id = old.id AND old.next IS NOT NULL
    AND (%(version)s::numeric IS NULL OR old.claim_version = %(version)s::numeric)
    AND (%(agent)s::bigint IS NULL OR old.agent_id = %(agent)s::bigint)
  RETURNING callback.id, callback.claim_version
), story AS (
  {_STORY}
  SELECT old.id, %(event)s, old.state, old.next, %(actor_kind)s, %(actor_id)s::bigint, %(reason)s,
    %(data)s::jsonb, moved.claim_version
  FROM moved JOIN old USING (id)
)
SELECT old.id, old.state, old.agent_id, old.claim_version, moved.id IS NOT NULL
FROM old LEFT JOIN moved USING (id)
"""


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
) -> Held:
    """Apply one event of the transition table to one callback and tell its story.

    With ``version`` and ``agent_id`` only while that claim and that holder still stand.
    ``changes`` are further columns to write. Returns the callback as it was before; raises
    RefusedError, with nothing changed.
    """
    columns = dict(changes or {})
    assignments = sql.SQL("").join(
        sql.SQL(", {} = {}").format(sql.Identifier(name), sql.Placeholder(f"set_{name}"))
        for name in columns
    )
    froms = sources(event)
    values = {f"set_{name}": value for name, value in columns.items()} | {
        "id": callback_id,
        "from": [str(state) for state in froms],
        "to": [str(TRANSITIONS[state, event]) for state in froms],
        "final": [str(state) for state in FINAL],
        "version": version,
        "agent": agent_id,
        "event": str(event),
        "actor_kind": actor.kind,
        "actor_id": actor.user_id,
        "reason": reason[:120],
        "data": _json(data or {}),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(_MOVE).format(changes=assignments), values)
        row = cursor.fetchone()
    return _held_or_refuse(row, event, version, agent_id)


def _held_or_refuse(
    row: tuple[int, str, int | None, int, bool] | None,
    event: Event,
    version: int | None,
    agent_id: int | None,
) -> Held:
    """The row as it was; or why nothing was written."""
    if row is None:
        raise RefusedError("There is no such callback", state=None, code="missing")
    held = Held(row[0], State(row[1]), row[2], row[3])
    if row[4]:
        return held
    if agent_id is not None and held.agent_id not in (None, agent_id):
        raise RefusedError(
            "Another agent has this callback in hand", state=held.state, code="holder"
        )
    if version is not None and version != held.version:
        raise RefusedError("This offer is no longer yours", state=held.state, code="stale")
    target(held.state, event)
    raise RefusedError("This callback is not in your hands", state=held.state, code="holder")


_RELEASE_EXPIRED = f"""
WITH old AS (
  SELECT id, agent_id, claim_version FROM callback
  WHERE state = 'offered' AND offer_expires_at <= now()
  ORDER BY offer_expires_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED
), moved AS (
  UPDATE callback SET state = 'scheduled', agent_id = NULL, offer_expires_at = NULL
  FROM old WHERE callback.id = old.id
), story AS (
  {_STORY}
  SELECT id, 'time_out', 'offered', 'scheduled', 'system', agent_id, 'No answer from the agent',
    '{{}}', claim_version
  FROM old
)
SELECT id, agent_id, claim_version FROM old
"""


def release_expired() -> list[Held]:
    """Put offers whose deadline has passed back in line, their place kept. Safe to run twice."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_EXPIRED)
        rows = cursor.fetchall()
    return [Held(row[0], State.OFFERED, row[1], row[2]) for row in rows]


_RELEASE_RESERVED = f"""
WITH moved AS (
  UPDATE callback SET reserved_for_id = NULL
  WHERE state = 'scheduled' AND reserved_for_id IS NOT NULL
    AND due_at <= now() - make_interval(secs => %(grace)s)
  RETURNING id, claim_version
)
{_STORY}
SELECT id, 'roll', 'scheduled', 'scheduled', 'system', NULL, 'Released to any agent', '{{}}',
  claim_version
FROM moved
"""


def release_reserved() -> int:
    """Let anybody have what waited for one agent until 15 minutes past its time."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE_RESERVED, {"grace": PERSONAL_GRACE.total_seconds()})
        return int(cursor.rowcount)


_SETTLE = f"""
WITH decided AS (
  SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(
    callback_id bigint, version int, event text, to_state text, reason text,
    due_at timestamptz, callable_from timestamptz, callable_until timestamptz,
    trigger_outcome text, retry_number int, retry_max int, reserved_for_id bigint,
    counts_from timestamptz, attention text, data jsonb)
), old AS (
  SELECT callback.id, state, agent_id, claim_version, decided.*, to_state AS next
  FROM callback JOIN decided ON decided.callback_id = callback.id
  WHERE state = 'working' AND claim_version = decided.version
  ORDER BY callback.id FOR UPDATE OF callback
), moved AS (
  UPDATE callback SET {_ARRIVE},
    ended_reason = CASE WHEN old.next = ANY(%(final)s::text[])
      THEN left(old.reason, 120) ELSE '' END,
    due_at = COALESCE(old.due_at, callback.due_at),
    callable_from = CASE WHEN old.due_at IS NULL
      THEN callback.callable_from ELSE old.callable_from END,
    callable_until = CASE WHEN old.due_at IS NULL
      THEN callback.callable_until ELSE old.callable_until END,
    promised_from = CASE WHEN old.due_at IS NULL THEN callback.promised_from END,
    promised_until = CASE WHEN old.due_at IS NULL THEN callback.promised_until END,
    own_time = callback.own_time AND old.due_at IS NULL,
    said_wall = CASE WHEN old.due_at IS NULL THEN callback.said_wall ELSE '' END,
    trigger_outcome = CASE WHEN old.trigger_outcome = '' THEN callback.trigger_outcome
      ELSE old.trigger_outcome END,
    retry_number = CASE WHEN old.due_at IS NULL THEN callback.retry_number
      ELSE old.retry_number END,
    retry_max = CASE WHEN old.due_at IS NULL THEN callback.retry_max ELSE old.retry_max END,
    counts_from = COALESCE(old.counts_from, callback.counts_from),
    -- Given back without a dial, it keeps its place: for whom, how urgent, why flagged.
    reserved_for_id = CASE WHEN old.event = 'release'
      THEN callback.reserved_for_id ELSE old.reserved_for_id END,
    attention = CASE WHEN old.event = 'release' THEN callback.attention ELSE old.attention END,
    priority = CASE WHEN old.event = 'release' THEN callback.priority ELSE 0 END
  FROM old WHERE callback.id = old.id
  RETURNING callback.id
), story AS (
  {_STORY}
  SELECT old.id, old.event, old.state, old.next, %(actor_kind)s, %(actor_id)s::bigint,
    left(old.reason, 300), old.data, old.claim_version
  FROM old
)
SELECT id FROM moved
"""


def settle(settlements: Sequence[Settlement], *, actor: Actor) -> set[int]:
    """Close work on many callbacks at once, each with its next time or its end.

    Those no longer in work under the named version are passed over. Returns the ids settled.
    """
    for settlement in settlements:
        if target(State.WORKING, settlement.event) is not settlement.to_state:
            raise RefusedError("The table has no such row", state=State.WORKING)
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "rows": _json([asdict(settlement) for settlement in settlements]),
                "final": [str(state) for state in FINAL],
                "actor_kind": actor.kind,
                "actor_id": actor.user_id,
            },
        )
        return {row[0] for row in cursor.fetchall()}


def _json(value: object) -> str:
    return json.dumps(value, default=str)
