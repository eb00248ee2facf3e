"""Filled tables, and how they are brought back to the same state before every measurement."""

from dataclasses import dataclass

from procrastinate.schema import SchemaManager

from bench.common.people import CAMPAIGNS
from bench.common.server import Server

QUEUE = "calls"
# An agent of some campaigns; and one whose campaigns have no callbacks at all.
SOME = [1, 3, 6]
BARREN = [9, 10, 11]

# Contacts and times in no order, as they are when callbacks are retried and rescheduled; one in
# five has a raised priority. A prime step visits every contact once.
_CALLBACKS = """
INSERT INTO callback (public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
    priority, due_at, callable_from, callable_until, said_wall, said_zone, own_time,
    trigger_outcome, retry_number, retry_max, counts_from, claim_version, reject_count, attention,
    ended_reason)
  SELECT gen_random_uuid(), person, person, 1 + floor(random() * {campaigns}), 'scheduled',
    'customer', 'A question about a bill', '{{}}', {priority}, due, due - interval '5 minutes',
    due + interval '1 day', '', '', false, '', 0, 3, now(), 0, 0, '', ''
  FROM (SELECT n, 1 + (n * 7919::bigint) % {rows} AS person, {due} AS due
        FROM generate_series(1, {rows}) AS n) AS drawn
"""
# The queue's triggers would write an event and two notifications per row; filling is not measured.
_JOBS = """
ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER;
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at)
  SELECT '{queue}', 'call', {priority}, jsonb_build_object('contact', n), {due}
  FROM generate_series(1, {rows}) AS n;
ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER;
INSERT INTO procrastinate_workers SELECT FROM generate_series(1, 64)
"""
_PRIORITY = "CASE WHEN random() < 0.05 THEN 2 WHEN random() < 0.15 THEN 1 ELSE 0 END"
_PAST = "now() - random() * interval '30 days'"
_FUTURE = "now() + interval '1 day' + random() * interval '30 days'"
_HUNDREDTH = f"CASE WHEN random() < 0.01 THEN {_PAST} ELSE {_FUTURE} END"

_TIDY_CALLBACKS = """
UPDATE callback SET state = 'scheduled', agent_id = NULL, offered_at = NULL,
  offer_expires_at = NULL, claim_version = 0 WHERE state = 'offered';
TRUNCATE callback_event
"""
_TIDY_JOBS = """
ALTER TABLE procrastinate_jobs DISABLE TRIGGER USER;
UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL
  WHERE status = 'doing' AND worker_id IS NOT NULL;
ALTER TABLE procrastinate_jobs ENABLE TRIGGER USER;
TRUNCATE procrastinate_events
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with so many rows waiting in each contender's table."""

    server: Server
    database: str
    rows: int

    def tidy(self, table: str) -> None:
        """Everything claimed goes back in line; the table is vacuumed and what it wrote is flushed.

        So a checkpoint does not fall into one contender's time and spare the next.
        """
        mine = table == "callback"
        with self.server.connect(self.database) as connection:
            connection.execute(_TIDY_CALLBACKS if mine else _TIDY_JOBS)
            tables = 'callback, "user"' if mine else "procrastinate_jobs"
            connection.execute(f"VACUUM (ANALYZE) {tables}")
            connection.execute("CHECKPOINT")

    def nothing_due(self) -> None:
        """Move what is due out of reach: from here on everything waits."""
        with self.server.connect(self.database) as connection:
            connection.execute(
                "UPDATE callback SET callable_from = callable_from + interval '1 year',"
                " callable_until = callable_until + interval '1 year' WHERE callable_from <= now()"
            )
            connection.execute(
                "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at + interval '1 year'"
                " WHERE scheduled_at <= now()"
            )
        self.tidy("callback")
        self.tidy("procrastinate_jobs")


def stage(server: Server, source: str, short: str, rows: int, *, sparse: bool = False) -> Stage:
    """Fill the callbacks and procrastinate's jobs: all due, or when sparse one in a hundred."""
    name = server.copy(source, short)
    due = _HUNDREDTH if sparse else _PAST
    with server.connect(name) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(
            _CALLBACKS.format(rows=rows, due=due, priority=_PRIORITY, campaigns=CAMPAIGNS)
        )
        connection.execute(SchemaManager.get_schema())
        # A job that is due at once has no time at all there.
        when = due.replace(_PAST, "now() - interval '1 day'") if sparse else "NULL"
        connection.execute(_JOBS.format(rows=rows, due=when, priority=_PRIORITY, queue=QUEUE))
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return Stage(server, name, rows)
