"""Campaigns, agents and contacts, to be copied for every stage."""

from datetime import UTC, datetime

from bench.common.server import Server

AGENTS = 200_000
CAMPAIGNS = 8

_CAMPAIGNS = """
INSERT INTO campaign (id, name, slug, department, country, allowed_countries, zone, shown_zone,
    dials, paused_by, takes_requests, on_the_web, honours_own_time, lead_minutes, offer_seconds,
    review_seconds, wrap_up_seconds, handle_seconds, window_minutes, keeps_holidays, stale_days,
    expires_stale, answer_closes_all, needs_disposition, script)
  SELECT n, 'Campaign ' || n, 'campaign-' || n, '', 'GB', '{}', '', 'Europe/London', true, '',
    true, false, false, 5, 20, 5, 45, 240, 30, false, 3, false, false, false, ''
  FROM generate_series(1, 11) AS n;
INSERT INTO retry_rule (campaign_id, outcome, delay_minutes, max_retries)
  SELECT campaign.id, rule.* FROM campaign CROSS JOIN (VALUES ('voicemail', '{1440}'::int[], 3),
    ('no_answer', '{1440}', 3), ('busy', '{60}', 5), ('network_error', '{30}', 3)) AS rule;
INSERT INTO disposition (campaign_id, code, label, outcome, needs_note, needs_time, position)
  SELECT campaign.id, outcome, outcome, outcome, false, false, 0
  FROM campaign CROSS JOIN unnest(ARRAY['voicemail', 'no_answer', 'busy']) AS outcome;
UPDATE hours_change SET started_at = now(), finished_at = now()
"""
_AGENTS = """
INSERT INTO "user" (id, password, is_superuser, first_name, last_name, is_staff, is_active,
    date_joined, email, zone)
  SELECT n, '!', false, 'Agent', n::text, false, true, now(), n || '@agents.invalid',
    'Europe/London' FROM generate_series({first}, {last}) AS n;
INSERT INTO agent (user_id, presence, reason, since)
  SELECT n, 'ready', '', now() FROM generate_series({first}, {last}) AS n
"""
_CONTACTS = """
INSERT INTO phone_number (id, e164, region, line_type, zones, dnc_hash)
  SELECT n, '+447' || lpad(n::text, 9, '0'), 'GB', 'mobile', ARRAY['{zone}'], md5(n::text)
  FROM generate_series(1, {rows}) AS n;
INSERT INTO contact (id, name, zones, zone_source, place, created_at)
  SELECT n, 'Contact ' || n, ARRAY['{zone}'], 'contact', '', now()
  FROM generate_series(1, {rows}) AS n
"""


def people(server: Server, rows: int, *, agents: int = AGENTS) -> str:
    """A new database with campaigns, agents and contacts; its name."""
    name = server.migrated("people")
    with server.connect(name) as connection:
        connection.execute(_CAMPAIGNS)
        connection.execute(_CONTACTS.format(rows=rows, zone=_zone_at_noon()))
        add_agents(server, name, 1, agents)
        connection.execute("VACUUM (ANALYZE)")
    return name


def add_agents(server: Server, name: str, first: int, last: int) -> None:
    """More agents, numbered from the first to the last."""
    with server.connect(name) as connection:
        connection.execute(_AGENTS.format(first=first, last=last))


def _zone_at_noon() -> str:
    """A zone whose clock shows about noon, so that the gate is open whenever the bench runs."""
    ahead = 12 - datetime.now(UTC).hour
    # In these names the sign is turned round: Etc/GMT+5 is five hours behind Greenwich.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"
