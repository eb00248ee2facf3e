"""All that deciding about a callback needs, read in one statement for one callback or hundreds.

The gate, the retry policy and the sweeps decide from the same ``Case``; screens that show a verdict
use it too, so what is shown is what would happen.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from callbacks.models import Attempt, Callback
from callbacks.rules.gate import GateFacts, Verdict, decide
from callbacks.rules.states import RefusedError, State
from campaigns.queries import Book, OfCampaign, Whom, book_of
from campaigns.rules.retry import DialsSoFar, Outcome
from campaigns.rules.windows import Window
from contacts.models import PhoneNumber

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A callback as the rules see it, at the moment ``now`` of the database.

    ``attempt_…`` is the latest dial since the agent accepted. ``dials`` and ``skips`` count by
    outcome since counting began, ``dialled_at`` are the dials within the longest frequency cap.
    """

    id: int
    state: str
    version: int
    agent_id: int | None
    agent_name: str
    contact_id: int
    number_id: int
    campaign_id: int
    about: str
    priority: int
    due_at: datetime
    callable_from: datetime | None
    callable_until: datetime | None
    promised_from: datetime | None
    promised_until: datetime | None
    chosen_time: bool
    trigger_outcome: str
    retry_number: int
    reserved_for_id: int | None
    reserved_until: datetime | None
    accepted_at: datetime | None
    reject_count: int
    attention: str
    needs_disposition: bool
    dials_now: bool
    honours_own_time: bool
    answer_closes_all: bool
    keeps_holidays: bool
    campaign_zone: str
    campaign_lead: int
    dial_cap: int | None
    e164: str
    region: str
    number_valid: bool
    zones: Sequence[str]
    place: str
    do_not_call: bool
    live_call: bool
    dialled_at: Sequence[datetime]
    attempt_id: int | None
    attempt_key: UUID | None
    attempt_state: str | None
    attempt_outcome: str | None
    attempt_intended_at: datetime | None
    attempt_dialed_at: datetime | None
    attempt_answered_at: datetime | None
    attempt_ended_at: datetime | None
    dials: Counts
    skips: Counts
    wish: Mapping[str, Any]
    now: datetime
    book: Book

    @property
    def window(self) -> Window:
        """When this contact may be called for this campaign."""
        whom = Whom(self.e164, self.region, tuple(self.zones), self.place)
        return self.book.window(
            OfCampaign(self.campaign_id, self.campaign_zone, self.keeps_holidays), whom
        )

    @property
    def lead(self) -> timedelta:
        """How long before the promise its preview may open."""
        return timedelta(minutes=self.campaign_lead)

    @property
    def zone(self) -> str:
        """The contact's zone to show: the first candidate, or nothing."""
        return self.zones[0] if self.zones else ""

    @property
    def attempt_is_live(self) -> bool:
        """Whether a call may be going on for this work."""
        return self.attempt_state in Attempt.LIVE

    def so_far(self, outcome: Outcome, *, said: Outcome | None = None) -> DialsSoFar:
        """What counts for the retry limits: dials and skips with this outcome, dials in all.

        ``said`` is what the agent made of the latest dial, where the carrier reported another.
        """
        counted = dict(self.dials)
        if said is not None and self.attempt_dialed_at is not None:
            reported = self.attempt_outcome or ""
            counted[reported] = counted.get(reported, 0) - 1
            counted[said] = counted.get(said, 0) + 1
        in_all = sum(counted.values()) - counted.get(Outcome.CANCELLED_BY_AGENT, 0)
        return DialsSoFar(counted.get(outcome, 0) + self.skips.get(outcome, 0), in_all)


_OPEN = ", ".join(f"'{state}'" for state in (*Attempt.LIVE, Attempt.State.UNKNOWN))
# How far back dials count, and the edition of the rules, are read in the same moment as the rest.
_CASES = f"""
SELECT c.id, c.state, c.claim_version, c.agent_id,
  coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.email, ''),
  c.contact_id, c.number_id, c.campaign_id, c.about, c.priority, c.due_at, c.callable_from,
  c.callable_until, c.promised_from, c.promised_until, c.own_time, c.trigger_outcome,
  c.retry_number, c.reserved_for_id, c.reserved_until, c.accepted_at, c.reject_count, c.attention,
  g.needs_disposition, g.dials, g.honours_own_time, g.answer_closes_all, g.keeps_holidays,
  g.zone, g.lead_minutes, g.dial_cap, n.e164, n.region, n.invalid_since IS NULL, p.zones, p.place,
  EXISTS (SELECT FROM do_not_call d WHERE d.number_hash = n.dnc_hash AND d.scope IN ('', g.slug)),
  EXISTS (SELECT FROM attempt a WHERE a.contact_id = c.contact_id AND a.callback_id <> c.id
    AND a.state IN ({_OPEN})),
  ARRAY(SELECT a.dialed_at FROM attempt a WHERE a.contact_id = c.contact_id
    AND a.dialed_at > now() - make_interval(hours => (SELECT max(span_hours) FROM frequency_cap))),
  last.id, last.key, last.state, last.outcome, last.intended_at, last.dialed_at, last.answered_at,
  last.ended_at,
  coalesce((SELECT jsonb_object_agg(outcome, times) FROM (
    SELECT a.outcome, count(*) AS times FROM attempt a
    WHERE a.contact_id = c.contact_id AND a.campaign_id = c.campaign_id
      AND a.intended_at >= c.counts_from AND a.dialed_at IS NOT NULL GROUP BY a.outcome) counted),
    '{{}}'),
  coalesce((SELECT jsonb_object_agg(outcome, times) FROM (
    SELECT e.data ->> 'outcome' AS outcome, count(*) AS times FROM callback_event e
    WHERE e.callback_id = c.id AND e.name = 'skip' AND e.at >= c.counts_from
      AND e.data ->> 'outcome' <> '' AND NOT EXISTS (SELECT FROM callback_event u
        WHERE u.callback_id = c.id AND u.name = 'undo' AND u.data -> 'event' = to_jsonb(e.id))
    GROUP BY 1) skipped), '{{}}'),
  coalesce((SELECT e.data -> 'wish' FROM callback_event e
    WHERE e.callback_id = c.id AND e.name = 'merge' AND e.at >= c.accepted_at
      AND e.data -> 'wish' IS NOT NULL ORDER BY e.id DESC LIMIT 1), '{{}}'),
  now(), (SELECT max(edition) FROM rule_book)
FROM callback c
JOIN campaign g ON g.id = c.campaign_id
JOIN contact p ON p.id = c.contact_id
JOIN phone_number n ON n.id = c.number_id
LEFT JOIN "user" u ON u.id = c.agent_id
LEFT JOIN LATERAL (
  SELECT * FROM attempt a WHERE a.callback_id = c.id AND a.intended_at >= c.accepted_at
  ORDER BY a.id DESC LIMIT 1) last ON true
"""
_MANY = _CASES + "WHERE c.id = ANY(%s::bigint[]) ORDER BY c.id"
# For one id the server keeps its plan; for a list it plans anew each time, which takes longer than
# all the reading.
_ONE = _CASES + "WHERE c.id = %s"


def cases(ids: Iterable[int]) -> list[Case]:
    """The cases of these callbacks, by id; those that do not exist are missing."""
    return _cases(_MANY, list(ids))


def _cases(statement: str, which: int | list[int]) -> list[Case]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [which])
        return [_case(row) for row in cursor.fetchall()]


def _case(row: tuple[Any, ...]) -> Case:
    *columns, dials, skips, wish, now, edition = row
    read = [json.loads(text) for text in (dials, skips, wish)]
    values = [*columns, *read, now, book_of(edition)]
    return Case(*values)


_LARGEST_ID = 2**63 - 1  # an address can name a larger one


def case(callback_id: int) -> Case:
    """One case. Raises RefusedError when there is no such callback."""
    found = _cases(_ONE, min(callback_id, _LARGEST_ID))
    if not found:
        raise RefusedError("There is no such callback", state=None, code="missing")
    return found[0]


def lock(ids: Iterable[int], states: Iterable[State] = State) -> list[Case]:
    """The cases with their rows locked in the order of their ids, waiting for who holds them.

    Only those in one of the states: whoever locks several pending ones never waits for work in
    hand, whose own agent may be waiting for the pending ones.
    """
    return cases(
        _lock(
            "WHERE id = ANY(%s::bigint[]) AND state = ANY(%s::text[]) ORDER BY id"
            " FOR NO KEY UPDATE",
            [list(ids), [state.value for state in states]],
        )
    )


def lock_of_contact(contact_id: int, campaign_id: int) -> None:
    """Lock what waits for the contact, and what is live for them in the campaign.

    Work in hand comes first: Done holds it while it locks what waits.
    """
    _lock(
        "WHERE contact_id = %s AND (state = 'scheduled' OR"
        " state IN ('offered', 'working') AND campaign_id = %s)"
        " ORDER BY state <> 'working', id FOR NO KEY UPDATE",
        [contact_id, campaign_id],
    )


def lock_one(callback_id: int) -> Case:
    """One case, its row locked. Raises RefusedError when there is no such callback."""
    _lock("WHERE id = %s FOR NO KEY UPDATE", [min(callback_id, _LARGEST_ID)])
    return case(callback_id)


def lock_number_of(callback_id: int) -> None:
    """Lock the number of a callback. Whoever locks both locks the number first."""
    of_callback = Callback.objects.filter(pk=callback_id).values("number_id")
    PhoneNumber.objects.select_for_update(no_key=True).filter(pk__in=of_callback).first()


def lock_due(condition: str, values: Sequence[Any], limit: int) -> list[Case]:
    """The cases that a sweep is about, locked; those that another transaction holds are left to it.

    ``condition`` is SQL over ``callback``, with its order, written by the sweep.
    """
    return cases(_lock(f"{condition} LIMIT %s FOR NO KEY UPDATE SKIP LOCKED", [*values, limit]))


def _lock(condition: str, values: Sequence[Any]) -> list[int]:
    # "No key": rows that refer to a locked one can still be written, so nobody waits in a circle.
    # Locked first and read after: the facts are those that hold under the lock.
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM callback {condition}", values)
        return [row[0] for row in cursor.fetchall()]


def gate_facts(one: Case) -> GateFacts:
    """What the gate looks at."""
    return GateFacts(
        now=one.now,
        do_not_call=one.do_not_call,
        number_valid=one.number_valid,
        campaign_dials=one.dials_now,
        window=one.window,
        own_time=_own_time(one),
        dialled_at=tuple(one.dialled_at),
        live_call=one.live_call,
    )


def _own_time(one: Case) -> bool:
    """The customer's own choice counts for the window they were promised, not for ever after."""
    chosen = one.chosen_time and one.honours_own_time
    return chosen and one.promised_until is not None and one.now <= one.promised_until


def gate(one: Case) -> Verdict:
    """The gate's verdict on a callback."""
    return decide(gate_facts(one))


def verdicts(ids: Iterable[int]) -> dict[int, Verdict]:
    """The gate's verdict on each of these callbacks, by id."""
    return {one.id: gate(one) for one in cases(ids)}
