"""A million callbacks that wait; later, work in the hands of agents whose calls have ended."""

from dataclasses import dataclass

from bench.common.people import AGENTS, CAMPAIGNS, add_agents, people
from bench.common.server import Server

# The agents of a large desk, some of them away; the others are there only to hold work.
DESK = 2_000
AWAY = 200
UNATTENDED = 10_000
# Added to the agent's number it is the id of the attempt that has just ended, as pgbench needs it.
ENDED_FROM = 100_000_000
STEP = 7_919  # a prime: the callbacks of neighbouring agents are on different pages
OUTCOMES = ("voicemail", "no_answer", "busy")

# One in ten is for one agent alone. Of the others half are overdue, and no window has closed.
_WAITING = f"""
UPDATE campaign SET expires_stale = true;
UPDATE agent SET presence = 'not_ready' WHERE user_id <= {AWAY};
INSERT INTO callback (id, public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
    priority, due_at, callable_from, callable_until, said_wall, said_zone, own_time,
    trigger_outcome, retry_number, retry_max, counts_from, claim_version, reject_count, attention,
    ended_reason, reserved_for_id, reserved_until)
  SELECT n, gen_random_uuid(), person, person, 1 + n % {CAMPAIGNS}, 'scheduled', 'customer',
    'A question about a bill', '{{{{}}}}', 0, due, due - interval '5 minutes',
    greatest(due, now()) + interval '1 day', '', '', false, '', 0, 3, now() - interval '30 days',
    0, 0, '', '', CASE WHEN n % 10 = 0 THEN 1 + n / 10 % {DESK} END,
    CASE WHEN n % 10 = 0 THEN due + interval '15 minutes' END
  FROM (SELECT n, 1 + (n * {STEP}::bigint) % {{rows}} AS person,
      CASE WHEN n % 10 = 0 OR n % 2 = 1
        THEN now() + interval '1 hour' + random() * interval '30 days'
        ELSE now() - random() * interval '2 days' END AS due
    FROM generate_series(1, {{rows}}) AS n) AS drawn
"""
_ATTEMPTS = """
INSERT INTO attempt (id, key, callback_id, contact_id, campaign_id, number_id, agent_id, state,
    outcome, cause, sequence, early, intended_at, dialed_at, ended_at)
  SELECT {first} + n, gen_random_uuid(), callback.id, contact_id, campaign_id, number_id,
    1 + (n - 1) % {agents}, 'ended', {outcome}, '', 3, false, at, at, at + interval '30 seconds'
  FROM generate_series(1, {count}) AS n
  JOIN callback ON callback.id = 1 + (n * {step}::bigint) % {rows}
  CROSS JOIN (SELECT {at} AS at) AS moment
"""
_STORIES = """
INSERT INTO callback_event (callback_id, name, from_state, to_state, actor_kind, actor_id, reason,
    data, claim_version, at)
  SELECT callback_id, step.name, step.was, step.becomes, 'system', NULL, '', '{{}}', 1, intended_at
  FROM attempt CROSS JOIN (VALUES ('request', '', 'scheduled'), ('offer', 'scheduled', 'offered'),
    ('accept', 'offered', 'working')) AS step(name, was, becomes) WHERE attempt.id > {first}
"""
_OUTCOME = f"(ARRAY['{"', '".join(OUTCOMES)}'])[1 + ({{n}}) % {len(OUTCOMES)}]"
# Everything that has been settled is in work again, and what was written about it is gone.
_TIDY = f"""
UPDATE callback SET state = 'working', agent_id = attempt.agent_id, claim_version = 1,
    accepted_at = attempt.intended_at - interval '1 minute', due_at = attempt.intended_at,
    callable_from = attempt.intended_at - interval '5 minutes',
    callable_until = attempt.intended_at + interval '1 day', trigger_outcome = 'no_answer',
    retry_number = 1, reserved_for_id = NULL, reserved_until = NULL
  FROM attempt WHERE attempt.id > {ENDED_FROM} AND attempt.id <= {ENDED_FROM} + {{count}}
    AND callback.id = attempt.callback_id AND callback.state <> 'working';
UPDATE attempt SET outcome = {_OUTCOME.format(n="id")}, ended_at = intended_at + interval '30 s'
  WHERE id > {ENDED_FROM} AND (outcome <> {_OUTCOME.format(n="id")}
    OR ended_at <> intended_at + interval '30 s');
DELETE FROM callback_event WHERE id > {{events}};
TRUNCATE interaction
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """So many callbacks, of which some are brought into work before each measurement."""

    server: Server
    database: str
    rows: int
    working: int = 0
    events: int = 0

    def tidy(self, table: str) -> None:
        """What was settled is in work again, vacuumed, and what it wrote is flushed."""
        with self.server.connect(self.database) as connection:
            # Agents who are not away were seen just now: a sweep would find the others.
            connection.execute(f"UPDATE agent SET seen_at = now() WHERE user_id <= {DESK}")
            if self.working:
                connection.execute(_TIDY.format(count=self.working, events=self.events))
                connection.execute("VACUUM (ANALYZE) callback, attempt, callback_event")
                connection.execute("CHECKPOINT")


def waiting(server: Server, rows: int) -> Stage:
    """Callbacks that wait, of some of which the first call was not answered two days ago."""
    name = people(server, rows, agents=DESK)
    with server.connect(name) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_WAITING.format(rows=rows))
        connection.execute(
            _ATTEMPTS.format(
                first=0, count=AGENTS, rows=rows, step=STEP, agents=DESK, outcome="'no_answer'",
                at="now() - interval '2 days'",
            )
        )  # fmt: skip
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return Stage(server, name, rows)


def ended(before: Stage) -> Stage:
    """An agent for each callback to be worked on, and a second call that ended 9 minutes ago."""
    server, name = before.server, before.database
    add_agents(server, name, DESK + 1, AGENTS)
    with server.connect(name) as connection:
        connection.execute(
            _ATTEMPTS.format(
                first=ENDED_FROM, count=AGENTS, rows=before.rows, step=STEP, agents=AGENTS,
                outcome=_OUTCOME.format(n=f"{ENDED_FROM} + n"),
                at="now() - interval '9 minutes'",
            )
        )  # fmt: skip
        connection.execute(_STORIES.format(first=ENDED_FROM))
        row = connection.execute("SELECT max(id) FROM callback_event").fetchone()
        connection.execute("VACUUM (ANALYZE)")
    return Stage(server, name, before.rows, events=row[0] if row else 0)


def callback_of(agent: int, rows: int) -> int:
    """The callback that the agent holds."""
    return 1 + agent * STEP % rows


def outcome_of(agent: int) -> str:
    """What the carrier reported of the agent's call."""
    return OUTCOMES[(ENDED_FROM + agent) % len(OUTCOMES)]
