"""Overdue callbacks that a job cancels, and as many that are not due yet but may be offered."""

from dataclasses import dataclass

from bench.common.people import CAMPAIGNS, people
from bench.common.server import Server

SUPERVISOR = 1_000_000

# Agents begin where the job begins, at the oldest promise. The others, of the next minutes, are
# there so that agents find something to claim until the job is done.
_ROWS = f"""
INSERT INTO callback (id, public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
    priority, due_at, callable_from, callable_until, said_wall, said_zone, own_time,
    trigger_outcome, retry_number, retry_max, counts_from, claim_version, reject_count, attention,
    ended_reason)
  SELECT n, gen_random_uuid(), n, n, 1 + n % {CAMPAIGNS}, 'scheduled', 'customer',
    'A question about a bill', '{{{{}}}}', 0, due, least(due, now()) - interval '5 minutes',
    now() + interval '1 day', '', '', false, '', 0, 3, now() - interval '30 days', 0, 0, '', ''
  FROM (SELECT n, CASE WHEN n <= {{rows}} THEN now() - random() * interval '1 day'
      ELSE now() + interval '1 day' END AS due
    FROM generate_series(1, 2 * {{rows}}) AS n) AS drawn
"""
_SUPERVISOR = f"""
INSERT INTO "user" (id, password, is_superuser, first_name, last_name, is_staff, is_active,
    date_joined, email, zone)
  VALUES ({SUPERVISOR}, '!', false, 'A', 'Supervisor', false, true, now(), 's@agents.invalid',
    'Europe/London');
INSERT INTO auth_group (name) VALUES ('supervisor') ON CONFLICT DO NOTHING;
INSERT INTO user_groups (user_id, group_id)
  SELECT {SUPERVISOR}, id FROM auth_group WHERE name = 'supervisor'
"""
_TIDY = """
TRUNCATE bulk_job, bulk_line, callback_event RESTART IDENTITY;
UPDATE callback SET state = 'scheduled', agent_id = NULL, offer_expires_at = NULL,
    accepted_at = NULL, ended_at = NULL, ended_reason = '', claim_version = 0, reject_count = 0,
    attention = ''
  WHERE claim_version > 0 OR state <> 'scheduled';
UPDATE agent SET seen_at = now() + interval '1 day';
"""
# What a line says against what stands in the callback and its story.
_TRUE = """
SELECT
  count(*) FILTER (WHERE outcome = 'done'),
  count(*) FILTER (WHERE outcome = 'refused'),
  count(*) FILTER (WHERE outcome = 'refused' AND accepted AND message LIKE '%%has it in hand'),
  count(*) FILTER (WHERE NOT CASE outcome
    WHEN 'done' THEN state = 'cancelled' AND cancels = 1
    WHEN 'refused' THEN state = 'working' AND cancels = 0 AND accepted
      AND message LIKE 'This callback is working%%'
    ELSE false END)
FROM (
  SELECT line.outcome, line.message, callback.state,
    count(event.id) FILTER (WHERE event.name = 'cancel' AND event.actor_id = %s) AS cancels,
    coalesce(bool_or(event.name = 'accept'), false) AS accepted
  FROM bulk_line line JOIN callback ON callback.id = line.callback_id
  LEFT JOIN callback_event event ON event.callback_id = callback.id
  GROUP BY line.id, callback.id) AS told
"""
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
_JOB = "SELECT state, total, done, refused FROM bulk_job"


@dataclass(frozen=True, slots=True)
class Truth:
    """What the lines say, and how many of them are not so."""

    done: int
    refused: int
    taken: int
    untrue: int


@dataclass(frozen=True, slots=True)
class Stage:
    """So many overdue callbacks, and as many more to be claimed."""

    server: Server
    database: str
    rows: int

    def tidy(self, table: str) -> None:
        """Everything waits again, nothing has been told, and the tables are vacuumed."""
        with self.server.connect(self.database) as connection:
            connection.execute(_TIDY)
            connection.execute("VACUUM (ANALYZE) callback, callback_event, bulk_line, agent")
            connection.execute("CHECKPOINT")

    def truth(self) -> Truth:
        """Every line against its callback and its story."""
        with self.server.connect(self.database) as connection:
            row = connection.execute(_TRUE, [SUPERVISOR]).fetchone()
        assert row is not None
        return Truth(*row)

    def job(self) -> tuple[str, int, int, int]:
        """State of the job, and its counts: all, done, refused."""
        with self.server.connect(self.database) as connection:
            row = connection.execute(_JOB).fetchone()
        assert row is not None
        return row[0], row[1], row[2], row[3]

    def deadlocks(self) -> int:
        """How many there have been in this database."""
        with self.server.connect(self.database) as connection:
            row = connection.execute(_DEADLOCKS).fetchone()
        return int(row[0]) if row else 0


def stage(server: Server, rows: int) -> Stage:
    """The database with its rows, agents and a supervisor."""
    name = people(server, 2 * rows)
    with server.connect(name) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_ROWS.format(rows=rows))
        connection.execute(_SUPERVISOR)
        connection.execute("VACUUM (ANALYZE)")
    return Stage(server, name, rows)
