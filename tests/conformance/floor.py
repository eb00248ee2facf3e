"""A contact centre at work, walked through the public actions alone.

Time passes by moving every row into the past; inside a test's transaction the database's clock
stands still, so that due times can be compared exactly.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from agentdesk.actions import finish_work, release_expired_offers, set_not_ready, set_ready
from agentdesk.matching import match_idle_agents
from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks import queries
from callbacks.actions.calls import Work, hang_up, start_call
from callbacks.actions.intake import Receipt, Wish, request_callback
from callbacks.actions.offers import accept_offer, reject_offer
from callbacks.actions.outcomes import WrapUp
from callbacks.models import Attempt, Callback
from callbacks.rules import words
from callbacks.rules.states import HELD
from campaigns.models import Campaign, Disposition
from contacts import clock
from contacts.rules.phone import DialableNumber, read_number
from tests.factories import make_agent, make_number, make_request, make_user
from tests.telephony import StillCarrier, heard

LONDON = "Europe/London"
# Tables whose rows remember when something was, and those of them that refuse to be edited.
_AGEING = (
    "agent", "attempt", "callback", "callback_event", "contact", "dial_decision", "do_not_call",
    "intake_request", "intent", "interaction", "phone_number", "sweep",
)  # fmt: skip
_APPEND_ONLY = ("callback_event", "dial_decision")


def later(by: timedelta) -> None:
    """Let time pass: every moment that any row remembers is so much longer ago."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in _APPEND_ONLY:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for table in _AGEING:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                " AND table_schema = current_schema() AND data_type LIKE 'timestamp%%'",
                [table],
            )
            moments = [row[0] for row in cursor.fetchall()]
            moved = ", ".join(f'"{name}" = "{name}" - %(by)s' for name in moments)
            cursor.execute(f'UPDATE "{table}" SET {moved}', {"by": by})
        for table in _APPEND_ONLY:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    # The browsers of those who work here went on telling that they are there.
    Agent.objects.filter(seen_at__isnull=False).update(seen_at=Now())


def until_due(callback: Callback) -> None:
    """Let time pass until the very moment of the promise."""
    callback.refresh_from_db()
    later(callback.due_at - clock.now())


def ask(campaign: Campaign, ending: str = "10", **fields: Any) -> Callback:
    """A customer's request; the simulator acts on the last two digits of their number."""
    return asked(campaign, ending, **fields).callback


def asked(campaign: Campaign, ending: str = "10", **fields: Any) -> Receipt:
    """The same with its receipt."""
    return request_callback(make_request(campaign, **{"number": make_number(ending), **fields}))


def same_number(callback: Callback) -> DialableNumber:
    """The number of a callback as a form reads it, to ask again from the same telephone."""
    return read_number(str(callback.number.e164), "GB", frozenset())


def wish(after: timedelta, zone: str = "UTC") -> Wish:
    """A wall-clock time so much later, on the minute."""
    wall = (clock.now() + after).astimezone(ZoneInfo(zone))
    return Wish(wall.replace(tzinfo=None, second=0, microsecond=0), zone)


def instant(said: Wish) -> datetime:
    """The moment that a wish names."""
    return said.wall.replace(tzinfo=ZoneInfo(said.zone))


def offer(agent: Agent) -> Work | None:
    """One round of the matching with the agent Ready; what it offered them."""
    set_ready(agent.pk)
    match_idle_agents()
    return held(agent)


def miss(agent: Agent, callback: Callback) -> None:
    """The callback is offered to the agent, who lets the offer run out."""
    offered_to(agent, callback)
    later(timedelta(seconds=21))
    assert release_expired_offers() == 1


def reject(agent: Agent, callback: Callback, reason: str = "not_now") -> None:
    """The callback is offered to the agent, who rejects it."""
    work = offered_to(agent, callback)
    reject_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version, reason=reason)


def lose(agent: Agent) -> None:
    """The agent's browser was not heard of for six minutes, and the beat has noticed."""
    later(timedelta(minutes=6))
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - timedelta(minutes=6))
    release_expired_offers()
    schedule_retries()
    release_absent_agents()


def page(agent: Agent) -> str:
    """The whole desk, as the agent reads it."""
    client = Client()
    client.force_login(agent.user)
    return read(client.get(reverse("desk")).content.decode())


def relief(*campaigns: Campaign) -> Agent:
    """A new agent; everybody else takes no further offers."""
    set_not_ready(Agent.objects.values_list("pk", flat=True))
    return make_agent(*campaigns)


def held(agent: Agent) -> Work | None:
    """What the agent has been offered or has in hand."""
    one = Callback.objects.filter(agent_id=agent.pk, state__in=HELD).first()
    return Work(one.pk, agent.pk, one.claim_version) if one else None


def offered_to(agent: Agent, callback: Callback) -> Work:
    """The claim of the agent, to whom the matching has offered this callback and no other."""
    work = offer(agent)
    assert work is not None, "nothing was offered"
    assert work.callback_id == callback.pk, "another one was offered"
    return work


def take(agent: Agent, callback: Callback) -> Work:
    """Offered by the matching, accepted by the agent."""
    work = offered_to(agent, callback)
    accept_offer(callback_id=work.callback_id, agent_id=agent.pk, version=work.version)
    return work


def dial(simulator: StillCarrier, work: Work) -> Attempt:
    """Call this contact and wait for the end; who answers is spoken to for a moment."""
    attempt = start_call(work, key=uuid4())
    attempt = heard(simulator, attempt, "connected", "ended")
    if attempt.state == "connected":
        hang_up(work)
    return heard(simulator, attempt, "ended")


def says(callback: Callback, code: str, **more: Any) -> WrapUp:
    """What the agent says at Done."""
    return WrapUp(Disposition.objects.get(campaign=callback.campaign, code=code), **more)


def call(
    simulator: StillCarrier, agent: Agent, callback: Callback, code: str, **more: Any
) -> Attempt:
    """A whole round: offered, accepted, dialled, heard to its end, and closed with Done."""
    work = take(agent, callback)
    attempt = dial(simulator, work)
    finish_work(work, says(callback, code, **more))
    callback.refresh_from_db()
    return attempt


def bill(simulator: StillCarrier, callback: Callback) -> int:
    """How often the carrier was really asked to ring this number, whatever our tables say."""
    number = str(callback.number.e164)
    return sum(rung == number for _, rung in simulator.started())


def label(callback: Callback) -> str:
    """The retry as the queue words it."""
    return words.retry_label(callback.retry_number, callback.retry_max)


def views(callback: Callback, moment: datetime | None = None, zone: str = LONDON) -> set[str]:
    """The tabs in which the callback stands at a moment, on the clock of a viewer's zone."""
    day = queries.day_of(moment or clock.now(), zone)
    return {
        view
        for view in ("overdue", "today", "week", "all")
        if queries.in_view(view, day).filter(pk=callback.pk).exists()
    }


def supervisor() -> Client:
    """Somebody who has signed in and may see the queue."""
    client = Client()
    client.force_login(make_user("supervisor"))
    return client


def row(client: Client, callback: Callback, view: str = "all") -> str | None:
    """The callback's line on the page of the queue, as it is read; None where it is not listed."""
    page = client.get(reverse("queue"), {"view": view}).content.decode()
    found = re.search(rf'<tr[^>]*id="row-{callback.pk}".*?</tr>', page, re.DOTALL)
    return read(found[0]) if found else None


def read(markup: str) -> str:
    """Markup as it is read, spaces made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


@dataclass(frozen=True, slots=True)
class Trigger:
    """A row of the source's table of retries: how to bring it about, and what must follow."""

    name: str
    ending: str
    code: str
    delay: timedelta | None
    maximum: int

    def __str__(self) -> str:
        return self.name


_H = timedelta(hours=1)
RETRIED = (
    Trigger("Voicemail", "01", "voicemail", 24 * _H, 3),
    Trigger("No Answer", "02", "no-answer", 24 * _H, 3),
    Trigger("Busy Signal", "03", "busy", 1 * _H, 5),
    Trigger("Network Error", "04", "network-error", timedelta(minutes=30), 3),
)
NEVER_RETRIED = (
    Trigger("Invalid Number", "05", "wrong-number", None, 0),
    Trigger("DNC Request", "10", "do-not-call", None, 0),
)
