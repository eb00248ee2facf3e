"""Does the beat keep up? How long the oldest row has waited that each sweep should have handled.

Computed from the rows themselves in one statement, since the sweeper may be what is dead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from celery import current_app
from django.db import connection

from agentdesk.actions import ABSENT_AFTER
from callbacks.actions.sweeps import SETTLING
from callbacks.actions.unattended import UNATTENDED, UNKNOWN_TOO_LONG
from callbacks.queue import REJECT_COOLDOWN
from callbacks.rules.promises import PERSONAL_GRACE
from callbacks.rules.words import Chip

# A tick waits behind others, and a sweep with full batches goes on for two seconds.
MISSED_RUNS, SLACK = 3, timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep as people read of it. ``task`` is the tick of the beat that runs it."""

    name: str
    task: str
    title: str
    does: str


SWEEPS = (
    Sweep("release_expired_offers", "release_expired_offers", "Offers",
          "Redirects offers that nobody answered, or whose agent is gone"),
    Sweep("match_idle_agents", "match_idle_agents", "Matching",
          "Offers what is due to whoever is idle, ends wrap-ups, releases personal callbacks"),
    Sweep("schedule_retries", "schedule_retries", "Retries",
          "Plans the next call after one that ended with nobody at the desk"),
    Sweep("release_absent_agents", "release_absent_agents", "Lost agents",
          "Gives back what lost agents had in hand, or asks for a person"),
    Sweep("roll_windows", "roll_windows", "Windows",
          "Moves what waits for a window that has closed to the next one"),
    Sweep("hours_changes", "roll_windows", "Changes of hours",
          "Computes windows again after hours, quiet rules, zones or tzdata changed"),
    Sweep("work_off_imports", "work_off_imports", "Do-not-call lists",
          "Checks and lists the numbers of files that were handed in"),
    Sweep("work_off_exchange", "work_off_exchange", "Imports",
          "Reads, checks and imports files of contacts and callbacks"),
    Sweep("work_off_bulk_jobs", "work_off_bulk_jobs", "Actions on all that match",
          "Does to each callback of a view what a supervisor asked for"),
    Sweep("reconcile_attempts", "reconcile_attempts", "Calls",
          "Asks the carrier about calls that nobody heard the end of"),
    Sweep("flag_unknown_dials", "reconcile_attempts", "Unknown calls",
          "Asks for a person where the carrier does not say whether a call rang"),
    Sweep("deduplicate", "deduplicate", "Duplicates",
          "Finds two contacts with one number in one campaign"),
    Sweep("expire_stale", "expire_stale", "Stale callbacks",
          "Gives up what is too old, where the campaign says so"),
)  # fmt: skip


class Condition(StrEnum):
    """Whether a sweep runs and keeps up."""

    ON_TIME = "on time"
    BEHIND = "behind"
    NOT_RUNNING = "not running"


_CHIPS = {
    Condition.ON_TIME: ("kept", "check", "On time"),
    Condition.BEHIND: ("risk", "alarm", "Behind"),
    Condition.NOT_RUNNING: ("overdue", "warning", "Not running"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A sweep at the moment ``now``. ``lag`` is zero when nothing waits for it."""

    sweep: Sweep
    interval: timedelta
    lag: timedelta
    ran_at: datetime | None
    took_ms: int
    handled: int
    handled_ever: int
    now: datetime

    @property
    def tolerance(self) -> timedelta:
        """How late a run or a row may be before anybody has to look."""
        return MISSED_RUNS * self.interval + SLACK

    @property
    def condition(self) -> Condition:
        """Not running counts more than behind: it is the reason."""
        if self.ran_at is None or self.now - self.ran_at > self.tolerance:
            return Condition.NOT_RUNNING
        return Condition.BEHIND if self.lag > self.tolerance else Condition.ON_TIME

    @property
    def chip(self) -> Chip:
        """The condition with its icon and its role."""
        return Chip(*_CHIPS[self.condition])


# Each arm of ``waiting`` is the moment since when the oldest row waits for its sweep; nothing where
# none does. What is held, idle or gone is as many rows as there are agents; the rest are the first
# entries of the sweeps' own indexes.
_READINGS = """
WITH gone AS MATERIALIZED (
  SELECT user_id, seen_at + %(absent)s::interval AS since FROM agent
  WHERE seen_at IS NULL OR seen_at < now() - %(absent)s::interval
), left_in_hand AS MATERIALIZED (
  SELECT held.state, held.offered_at, held.attention, gone.since,
    held.accepted_at + %(unattended)s::interval AS unattended,
    dial.ended_at + %(unattended)s::interval AS dial_unattended,
    CASE WHEN dial.state <> 'ended' THEN 'open' WHEN dial.dialed_at IS NULL THEN 'none'
      WHEN dial.outcome IN ('', 'unknown') THEN 'unknown' ELSE 'known' END AS became
  FROM gone JOIN callback held ON held.agent_id = gone.user_id
    AND held.state IN ('offered', 'working')
  LEFT JOIN LATERAL (
    SELECT * FROM attempt a WHERE held.state = 'working' AND a.callback_id = held.id
      AND a.intended_at >= held.accepted_at
    ORDER BY a.id DESC LIMIT 1) dial ON true
), idle AS MATERIALIZED (
  SELECT user_id, greatest(agent.since, rejected.at) AS since
  FROM agent LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM callback_event
    WHERE name = 'reject' AND actor_id = agent.user_id) rejected ON true
  WHERE presence = 'ready' AND user_id NOT IN (SELECT user_id FROM gone)
    AND NOT EXISTS (SELECT FROM callback held
    WHERE held.agent_id = agent.user_id AND held.state IN ('offered', 'working'))
), rejected AS MATERIALIZED (
  SELECT callback_id FROM callback_event WHERE name = 'reject'
    AND actor_id IN (SELECT user_id FROM idle) AND at > now() - %(cooldown)s::interval
), served AS MATERIALIZED (
  SELECT campaign.id, min(idle.since) AS since FROM idle
  JOIN agent_campaigns mine ON mine.agent_id = idle.user_id
  JOIN campaign ON campaign.id = mine.campaign_id AND campaign.dials
  GROUP BY campaign.id
), away AS MATERIALIZED (
  SELECT user_id, agent.since FROM agent WHERE presence = 'not_ready' AND NOT EXISTS (
    SELECT FROM callback held
    WHERE held.agent_id = agent.user_id AND held.state IN ('offered', 'working'))
  UNION ALL SELECT user_id, since FROM gone
), waiting (name, since) AS (
  SELECT 'release_expired_offers', min(offer_expires_at) FROM callback
  WHERE state = 'offered' AND offer_expires_at <= now()
  UNION ALL SELECT 'release_expired_offers', min(greatest(offered_at, since)) FROM left_in_hand
  WHERE state = 'offered'

  -- Matching: what a run would settle at once. A wrap-up over; a personal callback to release; and
  -- first in line of a campaign, or waiting for one agent, while the agent who may have it is idle.
  UNION ALL SELECT 'match_idle_agents', min(wrap_up_until) FROM agent
  WHERE presence = 'wrap_up' AND wrap_up_until <= now()
  UNION ALL SELECT 'match_idle_agents', min(reserved_until) FROM callback
  WHERE state = 'scheduled' AND reserved_until <= now() AND reserved_for_id IS NOT NULL
  UNION ALL SELECT 'match_idle_agents', min(greatest(due_at, away.since))
  FROM callback JOIN away ON away.user_id = reserved_for_id
  WHERE state = 'scheduled' AND due_at <= now()
    AND reserved_until > now() AND reserved_until <= now() + %(grace)s::interval
  UNION ALL SELECT 'match_idle_agents', min(greatest(first.callable_from, served.since))
  FROM served CROSS JOIN LATERAL (
    SELECT callable_from FROM callback
    WHERE campaign_id = served.id AND state = 'scheduled' AND reserved_for_id IS NULL
      AND callable_from <= now() AND id <> ALL (ARRAY(SELECT callback_id FROM rejected))
    ORDER BY priority DESC, callable_from, id LIMIT 1) first
  UNION ALL SELECT 'match_idle_agents', min(greatest(first.callable_from, idle.since))
  FROM idle CROSS JOIN LATERAL (
    SELECT callable_from FROM callback
    WHERE reserved_for_id = idle.user_id AND state = 'scheduled' AND callable_from <= now()
      AND id <> ALL (ARRAY(SELECT callback_id FROM rejected))
      AND campaign_id IN (SELECT campaign.id FROM campaign JOIN agent_campaigns mine
        ON mine.campaign_id = campaign.id AND mine.agent_id = idle.user_id WHERE campaign.dials)
    ORDER BY priority DESC, callable_from, id LIMIT 1) first

  UNION ALL SELECT 'schedule_retries', min(greatest(unattended, dial_unattended, since))
  FROM left_in_hand WHERE state = 'working' AND became = 'known'
    AND unattended <= now() AND dial_unattended <= now()
  UNION ALL SELECT 'release_absent_agents', min(greatest(unattended, since)) FROM left_in_hand
  WHERE state = 'working' AND unattended <= now()
    AND (became = 'none' OR became IN ('open', 'unknown') AND attention = '')

  UNION ALL SELECT 'roll_windows', min(callable_until) FROM callback
  WHERE state = 'scheduled' AND callable_until <= now()
  UNION ALL SELECT 'hours_changes', min(asked_at) FROM hours_change WHERE finished_at IS NULL
  -- No row says when somebody started an import, so its last run stands in for that.
  UNION ALL SELECT 'work_off_imports', min(CASE WHEN state = 'checking' THEN created_at
    ELSE greatest(created_at, (SELECT ran_at FROM sweep WHERE name = 'work_off_imports')) END)
  FROM dnc_import WHERE state IN ('checking', 'importing')
  -- Nor since when the next chunk of a file waits, or a callback of a long job.
  UNION ALL SELECT 'work_off_exchange', min(greatest(created_at,
    (SELECT ran_at FROM sweep WHERE name = 'work_off_exchange')))
  FROM exchange_job WHERE stage IN ('checking', 'importing', 'reading')
  UNION ALL SELECT 'work_off_bulk_jobs', min(greatest(created_at,
    (SELECT ran_at FROM sweep WHERE name = 'work_off_bulk_jobs')))
  FROM bulk_job WHERE state = 'running'

  -- No row says when the carrier was asked about a call: each run asks about those that are open.
  UNION ALL SELECT 'reconcile_attempts', greatest(min(dialed_at) + %(settling)s::interval,
    (SELECT ran_at FROM sweep WHERE name = 'reconcile_attempts'))
  FROM attempt WHERE state <> 'ended' AND dialed_at < now() - %(settling)s::interval
  HAVING count(*) > 0
  UNION ALL SELECT 'flag_unknown_dials', min(intended_at) + %(unknown)s::interval
  FROM attempt JOIN callback ON callback.id = attempt.callback_id
  WHERE attempt.state = 'unknown' AND intended_at <= now() - %(unknown)s::interval
    AND attention = '' AND callback.state = 'working'

  -- Duplicates: the first callback entered after those that the last run looked at.
  UNION ALL (SELECT 'deduplicate', created_at FROM callback WHERE id > coalesce(
    (SELECT (cursor ->> 'newest')::bigint FROM sweep WHERE name = 'deduplicate'), 0)
  ORDER BY id LIMIT 1)
  UNION ALL SELECT 'expire_stale', min(oldest.due_at + make_interval(days => stale_days))
  FROM campaign CROSS JOIN LATERAL (
    SELECT due_at FROM callback WHERE campaign_id = campaign.id AND state = 'scheduled'
      AND due_at < now() - make_interval(days => campaign.stale_days)
    ORDER BY due_at LIMIT 1) oldest
  WHERE campaign.expires_stale
)
SELECT named.name, greatest(now() - min(waiting.since), interval '0'), sweep.ran_at,
  coalesce(sweep.took_ms, 0), coalesce(sweep.handled, 0), coalesce(sweep.handled_ever, 0), now()
FROM unnest(%(names)s::text[]) AS named(name)
LEFT JOIN waiting ON waiting.name = named.name
LEFT JOIN sweep ON sweep.name = named.name
GROUP BY named.name, sweep.name
"""


def readings() -> list[Reading]:
    """Every sweep with its lag and its last run, in one statement of milliseconds.

    Of Matching an instant may be too old for a second: nothing tells since when an agent is idle
    whose offer was withdrawn.
    """
    values: dict[str, Any] = {
        "names": [one.name for one in SWEEPS],
        "absent": ABSENT_AFTER,
        "unattended": UNATTENDED,
        "unknown": UNKNOWN_TOO_LONG,
        "settling": SETTLING,
        "grace": PERSONAL_GRACE,
        "cooldown": REJECT_COOLDOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READINGS, values)
        found = {name: facts for name, *facts in cursor.fetchall()}
    intervals = _intervals()
    return [
        Reading(one, intervals[one.task], facts[0] or timedelta(), *facts[1:])
        for one in SWEEPS
        for facts in [found[one.name]]
    ]


def _intervals() -> dict[str, timedelta]:
    """How often the beat table runs each task, by its name."""
    return {
        name: timedelta(seconds=entry["schedule"])
        for name, entry in current_app.conf.beat_schedule.items()
    }


def worst(found: Iterable[Reading]) -> Condition:
    """The condition of the whole beat."""
    conditions = {one.condition for one in found}
    for condition in (Condition.NOT_RUNNING, Condition.BEHIND):
        if condition in conditions:
            return condition
    return Condition.ON_TIME
