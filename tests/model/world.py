"""The small world of the model: two campaigns, two agents, six people, four of one telephone."""

import itertools
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from agentdesk.models import Agent
from callbacks.actions import calls, sweeps
from campaigns.actions import create_campaign
from campaigns.models import CallingHours, Campaign, FrequencyCap, QuietHours, QuietRule
from contacts.rules.phone import DialableNumber, read_number
from tests.factories import make_agent
from tests.model.clock import Carrier, Clock
from tests.model.law import EAGER, LONDON, NEW_YORK, PLAIN, Terms

TABLES = ("callback", "callback_event", "attempt", "dial_decision", "do_not_call", "contact")


@dataclass(frozen=True)
class Person:
    """Somebody who asks; the last digits of their number say how the carrier treats it."""

    name: str
    ending: str
    zone: str = ""

    @cached_property
    def number(self) -> DialableNumber:
        return read_number(f"+4474007000{self.ending}", "GB", frozenset())


PEOPLE = (
    Person("Ines", "10", LONDON),
    Person("Ben", "10", NEW_YORK),
    Person("", "10"),
    Person("Carla", "02", LONDON),
    Person("Dov", "08", NEW_YORK),
    Person("Eve", "05", LONDON),
)


@dataclass
class World:
    """What stands before any run begins, and what a run needs to act in it."""

    clock: Clock
    folder: Path
    patch: pytest.MonkeyPatch
    agents: tuple[int, ...] = ()
    terms: dict[int, Terms] = field(default_factory=dict)
    carrier: Carrier = field(init=False)
    serial: Iterator[int] = field(init=False)

    def build(self, now: datetime) -> None:
        """Make the campaigns and the agents; once, in the transaction of the test."""
        # So many runs use so many statements: planned once each, a fifth of the time is saved.
        connection.ensure_connection()
        connection.connection.prepared_max = 2_000
        self.clock.install()
        self.clock.set(now)
        QuietRule.objects.all().delete()
        rule = QuietRule.objects.create(name="Quiet GB", region="GB")
        QuietHours.objects.bulk_create(
            QuietHours(rule=rule, weekday=day, opens=480, closes=1260) for day in range(7)
        )
        plain, eager = campaign_of(PLAIN), campaign_of(EAGER)
        self.terms = {plain.pk: PLAIN, eager.pk: EAGER}
        self.agents = (make_agent(plain, eager).pk, make_agent(plain).pk)

    def begin(self, now: datetime) -> None:
        """A new run: another moment, a new telephone bill, keys from the start."""
        self.clock.set(now)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.carrier = Carrier(self.folder, self.clock)
        for module in (calls, sweeps):
            self.patch.setattr(module, "get_dialer", lambda: self.carrier)
        self.serial = itertools.count(1)
        Agent.objects.update(seen_at=now, since=now, presence="ready")

    def new_key(self) -> UUID:
        return UUID(int=next(self.serial))


def campaign_of(terms: Terms) -> Campaign:
    """The campaign with these terms."""
    campaign = create_campaign(
        name=terms.slug, slug=terms.slug, country="GB", allowed_countries=["GB"],
        keeps_holidays=False, zone=terms.zone, honours_own_time=terms.honours_own_time,
        dial_cap=terms.dial_cap, answer_closes_all=terms is EAGER, expires_stale=terms is EAGER,
        needs_disposition=terms is not EAGER,
    )  # fmt: skip
    campaign.retry_rules.exclude(outcome__in=terms.retries).delete()
    for outcome, (delays, most) in terms.retries.items():
        rules = campaign.retry_rules.filter(outcome=outcome)
        rules.update(delay_minutes=list(delays), max_retries=most)
    CallingHours.objects.bulk_create(
        CallingHours(campaign=campaign, weekday=day, opens=opens, closes=closes)
        for day in terms.days
        for opens, closes in terms.ranges
    )
    if terms.per_day:
        FrequencyCap.objects.create(campaign=campaign, dials=terms.per_day, span_hours=24)
    return campaign


class Row(SimpleNamespace):
    """A row by its columns, moments as such."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        super().__init__(**{name: _read(name, value) for name, value in columns.items()})


def _read(name: str, value: Any) -> Any:
    is_moment = value and name.rsplit("_", 1)[-1] in ("at", "from", "until", "since")
    return datetime.fromisoformat(value) if is_moment else value


@dataclass(frozen=True)
class Seen:
    """All rows of the run, and the lines of the telephone bill, as they are after a step."""

    callbacks: dict[int, Row]
    events: list[Row]
    attempts: list[Row]
    decisions: list[Row]
    numbers: dict[int, Row]
    bill: list[tuple[UUID, str, datetime]]

    def story(self, callback_id: int) -> list[Row]:
        return [event for event in self.events if event.callback_id == callback_id]

    def in_state(self, *states: str) -> list[Row]:
        return [one for one in self.callbacks.values() if one.state in states]

    def held_by(self, agent_id: int) -> Row | None:
        return next((one for one in self.callbacks.values() if one.agent_id == agent_id), None)

    def open_calls(self, contact_id: int, *, but_for: int = 0) -> list[Row]:
        """Calls with the contact that may be live, as we know."""
        return [
            one for one in self.attempts
            if one.contact_id == contact_id and one.state != "ended" and one.callback_id != but_for
        ]  # fmt: skip


_LOOK = "SELECT " + ", ".join(
    f"(SELECT coalesce(json_agg(t ORDER BY id), '[]') FROM {table} t)"
    for table in ("callback", "callback_event", "attempt", "dial_decision", "phone_number")
)


def look(carrier: Carrier) -> Seen:
    """Read everything anew, in one statement: a run looks after each step."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
        found = [[Row(row) for row in rows] for rows in cursor.fetchone()]
    callbacks, events, attempts, decisions, numbers = found
    return Seen(
        {one.id: one for one in callbacks}, events, attempts, decisions,
        {one.id: one for one in numbers}, bill(carrier.log),
    )  # fmt: skip


def bill(log: Path) -> list[tuple[UUID, str, datetime]]:
    """Every dial that the carrier was asked for: key, number, moment. Read from its file alone."""
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [
        (UUID(line["key"]), line["number"], _instant(line["at"]))
        for line in lines
        if line["op"] == "start"
    ]


def _instant(seconds: float) -> datetime:
    return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=seconds)


def digest() -> dict[str, tuple[Any, ...]]:
    """By table, equal before and after whatever changes nothing there."""
    each = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY id), ''))"
        f" FROM {table} t"
        for table in TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(each)
        return {table: found for table, *found in cursor.fetchall()}
