"""A line of which a part is due, with the application's vacuum settings and with the defaults."""

from dataclasses import dataclass

from bench.common.people import CAMPAIGNS, people
from bench.common.server import Server

AGENTS = 2_000
DUE = 2_000

# Who was not reached is due again at once: behind those who wait already, before all that is due
# later. So the same rows come round all the time, and what is dead lies where every claim begins.
_LINE = f"""
UPDATE retry_rule SET delay_minutes = '{{{{0}}}}', max_retries = 30000;
INSERT INTO callback (id, public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
    priority, due_at, callable_from, callable_until, said_wall, said_zone, own_time,
    trigger_outcome, retry_number, retry_max, counts_from, claim_version, reject_count, attention,
    ended_reason)
  SELECT n, gen_random_uuid(), n, n, 1 + n % {CAMPAIGNS}, 'scheduled', 'customer',
    'A question about a bill', '{{{{}}}}', 0, due, due - interval '5 minutes',
    due + interval '1 day', '', '', false, '', 0, 3, now() - interval '1 day', 0, 0, '', ''
  FROM (SELECT n, now() + random() * CASE WHEN n % ({{rows}} / {DUE}) = 0
      THEN interval '-5 minutes' ELSE interval '30 days' END
      + CASE WHEN n % ({{rows}} / {DUE}) = 0 THEN interval '0' ELSE interval '1 hour' END AS due
    FROM generate_series(1, {{rows}}) AS n) AS drawn
"""
_DEFAULTS = """
ALTER TABLE callback RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
  autovacuum_vacuum_cost_delay, autovacuum_analyze_scale_factor);
ALTER TABLE attempt RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay)
"""
_DEAD = """
SELECT n_dead_tup, autovacuum_count FROM pg_stat_user_tables WHERE relname = 'callback'
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One line; each measurement has a line of its own."""

    server: Server
    database: str
    rows: int

    def tidy(self, table: str) -> None:
        """Nothing: a line is used once."""

    def state(self) -> tuple[int, int]:
        """Dead rows that wait for a vacuum now, and how often one has run by itself."""
        with self.server.connect(self.database) as connection:
            row = connection.execute(_DEAD).fetchone()
        return (row[0], row[1]) if row else (0, 0)


def line(server: Server, rows: int) -> str:
    """The database to be copied for every measurement."""
    name = people(server, rows, agents=AGENTS)
    with server.connect(name) as connection:
        connection.execute(_LINE.format(rows=rows))
        connection.execute("VACUUM (ANALYZE)")
    return name


def stage(server: Server, source: str, rows: int, *, tuned: bool) -> Stage:
    """A fresh copy of the line, flushed."""
    name = server.copy(source, "churn")
    with server.connect(name) as connection:
        if not tuned:
            connection.execute(_DEFAULTS)
        connection.execute("CHECKPOINT")
    return Stage(server, name, rows)
