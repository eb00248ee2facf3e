"""Open callbacks of 50 campaigns, 30 % of them overdue, and 200 agents."""

from dataclasses import dataclass

from bench.common.people import people
from bench.common.server import Server

AGENTS = 200
CAMPAIGNS = 50
EACH = 10  # callbacks of one contact, each in another campaign
SUPERVISOR = 1

_MORE_CAMPAIGNS = f"""
INSERT INTO campaign SELECT (jsonb_populate_record(campaign, jsonb_build_object(
    'id', n, 'name', 'Campaign ' || n, 'slug', 'campaign-' || n))).*
  FROM campaign, generate_series(12, {CAMPAIGNS}) AS n WHERE campaign.id = 1
"""
# Promises from two days ago to five days ahead; every twentieth waits for one agent alone.
_OPEN = f"""
INSERT INTO callback (id, public_id, contact_id, number_id, campaign_id, state, kind, about, "case",
    priority, due_at, callable_from, callable_until, said_wall, said_zone, own_time,
    trigger_outcome, retry_number, retry_max, counts_from, claim_version, reject_count, attention,
    ended_reason, reserved_for_id, reserved_until)
  SELECT n, gen_random_uuid(), 1 + n % {{people}}, 1 + n % {{people}},
    1 + (n - 1) / {{people}} * ({CAMPAIGNS} / {EACH}) + n % ({CAMPAIGNS} / {EACH}), 'scheduled',
    'customer', 'A question about a bill', '{{{{}}}}',
    CASE WHEN n % 40 = 0 THEN 1 + n % 3 ELSE 0 END, due, due - interval '5 minutes',
    greatest(due, now()) + interval '1 day', '', '', false,
    (ARRAY['', '', 'no_answer', 'voicemail', 'busy'])[1 + n % 5], n % 3, 3,
    now() - interval '30 days', 0, 0,
    CASE WHEN n % 500 = 0 THEN 'Rejected 3 times: not my skill' ELSE '' END, '',
    CASE WHEN n % 20 = 0 THEN 1 + n / 20 % {AGENTS} END,
    CASE WHEN n % 20 = 0 THEN due + interval '15 minutes' END
  FROM (SELECT n, CASE WHEN n % 10 < 3 THEN now() - random() * interval '2 days'
      ELSE now() + random() * interval '5 days' END AS due
    FROM generate_series(1, {{rows}}) AS n) AS drawn
"""
_ROLE = f"""
INSERT INTO user_groups (user_id, group_id)
  SELECT {SUPERVISOR}, id FROM auth_group WHERE name = 'supervisor'
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """So many open callbacks, which nobody changes."""

    server: Server
    database: str
    rows: int

    def tidy(self, table: str) -> None:
        """Nothing has to be put back."""


def stage(server: Server, rows: int) -> Stage:
    """A database of its own with so many open callbacks."""
    name = people(server, rows // EACH, agents=AGENTS)
    with server.connect(name) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute(_MORE_CAMPAIGNS)
        connection.execute(_OPEN.format(rows=rows, people=rows // EACH))
        connection.execute(_ROLE)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    return Stage(server, name, rows)
