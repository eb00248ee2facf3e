"""The figures of the wallboard: few statements, each over a bounded number of rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Avg

from agentdesk.floor import OnShift, on_shift
from callbacks import queries
from callbacks.models import Callback
from callbacks.rules.states import FINAL, PENDING, State
from campaigns.models import Campaign
from campaigns.rules.capacity import HOUR, places

AT_RISK = timedelta(minutes=15)
NEXT = 8
# Events have no index by time: the latest of them are read by id. On a day with more events the
# share is that of the latest.
LATEST_EVENTS = 20_000


@dataclass(frozen=True, slots=True)
class Group:
    """Pending callbacks that wait for the same thing; ``first`` is the one promised earliest."""

    count: int
    first: int
    at_risk: int
    handle_seconds: int


@dataclass(frozen=True, slots=True)
class Line:
    """Pending callbacks due within a span of time, by what the machine may do with them.

    The kinds are those of the queue's filter: ``callable``, ``later``, ``paused``, ``closed``,
    ``offered``. Beyond the cap only the earliest are in it.
    """

    groups: dict[str, Group]

    @property
    def count(self) -> int:
        """How many, counted up to the cap and one more."""
        return sum(one.count for one in self.groups.values())

    @property
    def at_risk(self) -> int:
        """How many of them are due within a quarter of an hour and not yet accepted."""
        return sum(one.at_risk for one in self.groups.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the ``ended`` callbacks that agents closed today, those ``in_time``.

    In time is what an agent accepted before the end of the window that the customer was told;
    what goes on to a retry counts when it ends. ``whole`` unless the day had too many events.
    """

    ended: int
    in_time: int
    whole: bool

    @property
    def percent(self) -> float | None:
        """The share; None while nothing has ended."""
        return 100 * self.in_time / self.ended if self.ended else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the wallboard at the moment ``now``.

    ``places`` is the capacity of the agents on shift in the next hour, at the average handle time
    of what is due in it. ``longest`` is the overdue callback promised earliest among those that
    may be called now (``longest_callable``), or among all where none may.
    """

    now: datetime
    overdue: Line
    next_hour: Line
    places: int
    longest: Callback | None
    longest_callable: bool
    kept: Kept
    coming: list[Callback]
    agents: list[OnShift]


def figures(now: datetime, zone: str) -> Figures:
    """The wallboard as it is now; its day is the viewer's."""
    overdue, next_hour = _lines(now)
    agents = on_shift(now)
    may = overdue.groups.get("callable")
    first = may.first if may else _earliest(overdue)
    return Figures(
        now=now,
        overdue=overdue,
        next_hour=next_hour,
        places=places(len(agents), _handle_seconds(next_hour)),
        longest=queries.with_names().filter(pk=first).first() if first else None,
        longest_callable=may is not None,
        kept=_kept(queries.day_of(now, zone)),
        coming=_coming(now),
        agents=agents,
    )


# Both ends of the index of the tabs, up to the cap: a million rows cost what a thousand do.
_LINES = """
WITH near AS MATERIALIZED (
  (SELECT 'overdue' AS part, id, due_at, state, campaign_id, callable_from FROM callback
    WHERE state IN ('offered', 'scheduled') AND due_at < %(now)s
    ORDER BY due_at, id LIMIT %(most)s)
  UNION ALL
  (SELECT 'next hour', id, due_at, state, campaign_id, callable_from FROM callback
    WHERE state IN ('offered', 'scheduled') AND due_at >= %(now)s AND due_at < %(hour)s
    ORDER BY due_at, id LIMIT %(most)s)
), sorted AS (
  SELECT near.*, handle_seconds, CASE
    WHEN near.state = 'offered' THEN 'offered'
    WHEN NOT dials THEN 'paused'
    WHEN callable_from IS NULL THEN 'closed'
    WHEN callable_from <= %(now)s THEN 'callable'
    ELSE 'later' END AS kind
  FROM near JOIN campaign ON campaign.id = near.campaign_id
)
SELECT part, kind, count(*), (array_agg(id ORDER BY due_at, id))[1], min(due_at),
  count(*) FILTER (WHERE part = 'next hour' AND due_at < %(risk)s), sum(handle_seconds)
FROM sorted GROUP BY part, kind ORDER BY min(due_at)
"""


def _lines(now: datetime) -> tuple[Line, Line]:
    """What is overdue, and what is due within the next hour; each by its earliest promise."""
    found: dict[str, dict[str, Group]] = {"overdue": {}, "next hour": {}}
    until = {"hour": now + HOUR, "risk": now + AT_RISK}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"now": now, **until, "most": queries.COUNT_CAP + 1})
        for part, kind, count, first, _, at_risk, handle in cursor.fetchall():
            found[part][kind] = Group(count, first, at_risk, handle)
    return Line(found["overdue"]), Line(found["next hour"])


def _earliest(line: Line) -> int | None:
    return next((one.first for one in line.groups.values()), None)


def _handle_seconds(line: Line) -> int:
    """The average of what is due, or of the campaigns that dial where nothing is."""
    if line.count:
        average = sum(one.handle_seconds for one in line.groups.values()) / line.count
    else:
        dialling = Campaign.objects.filter(dials=True)
        average = dialling.aggregate(average=Avg("handle_seconds"))["average"] or 0
    return max(1, round(average))


# A callback that was reopened and ended again has ended later than its former last event. Each is
# looked up by its id (LATERAL … LIMIT): as a join the server may read all callbacks there are.
_KEPT = """
WITH latest AS MATERIALIZED (
  SELECT callback_id, from_state, at FROM callback_event ORDER BY id DESC LIMIT %(most)s
)
SELECT count(*), count(*) FILTER (WHERE accepted.at <= coalesce(closed.promised_until,
    coalesce(closed.promised_from, closed.due_at) + window_minutes * interval '1 minute')),
  (SELECT count(*) < %(most)s OR min(at) < %(start)s FROM latest)
FROM latest
CROSS JOIN LATERAL (SELECT * FROM callback
  WHERE id = latest.callback_id AND state = ANY(%(final)s) AND ended_at <= latest.at
  LIMIT 1) closed
JOIN campaign ON campaign.id = closed.campaign_id
CROSS JOIN LATERAL (SELECT max(at) AS at FROM callback_event
  WHERE callback_id = closed.id AND name = 'accept') accepted
WHERE latest.from_state = 'working' AND latest.at >= %(start)s
"""


def _kept(day: queries.Day) -> Kept:
    final = [str(state) for state in FINAL]
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"most": LATEST_EVENTS, "start": day.start, "final": final})
        return Kept(*cursor.fetchone())


def _coming(now: datetime) -> list[Callback]:
    """The next promises, those in hand among them."""
    found: list[Callback] = []
    # One after the other: each has an index, both together have none.
    for states in (PENDING, {State.WORKING}):
        rows = queries.with_names().filter(state__in=states, due_at__gte=now)
        found += rows.order_by("due_at", "id")[:NEXT]
    return sorted(found, key=lambda one: (one.due_at, one.pk))[:NEXT]
