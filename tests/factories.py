"""Rows as the tests need them, made by the product's own verbs; every default is the dullest."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import connection

from agentdesk.models import Agent, User
from callbacks import queue
from callbacks.actions import offers
from callbacks.actions.calls import Work
from callbacks.actions.intake import Request
from callbacks.models import Attempt, Callback
from campaigns.actions import create_campaign
from campaigns.models import CallingHours, Campaign, QuietHours, QuietRule
from contacts import clock
from contacts.actions import lock_number
from contacts.models import Contact, ContactNumber, PhoneNumber
from contacts.rules.phone import DialableNumber, read_number

_serial = itertools.count(1)
ANY_COUNTRY: frozenset[str] = frozenset()
# Tables that a refused request must leave as they were.
TABLES = (
    "phone_number", "contact", "contact_number", "do_not_call", "intent", "interaction",
    "campaign", "callback", "callback_event", "attempt", "intake_request", "agent", "user",
    "bulk_job", "bulk_line",
)  # fmt: skip


def open_all_day(region: str = "GB") -> None:
    """People of the region may be called at any time, so that tests run at any hour."""
    rule, added = QuietRule.objects.get_or_create(name=f"Open {region}", region=region)
    if added:
        QuietHours.objects.bulk_create(
            QuietHours(rule=rule, weekday=day, opens=0, closes=1440) for day in range(7)
        )


def open_only_in(campaign: Campaign, *days: int) -> None:
    """The campaign calls on whole UTC days alone: 0 is today, 1 tomorrow, and so each week."""
    Campaign.objects.filter(pk=campaign.pk).update(zone="UTC")
    campaign.zone = "UTC"
    campaign.hours.all().delete()
    today = clock.now().weekday()
    CallingHours.objects.bulk_create(
        CallingHours(campaign=campaign, weekday=(today + day) % 7, opens=0, closes=1440)
        for day in days
    )


def make_campaign(**fields: Any) -> Campaign:
    """A campaign that calls and takes requests round the clock, for numbers in Great Britain."""
    number = next(_serial)
    defaults = {"country": "GB", "allowed_countries": ["GB"], "on_the_web": True}
    defaults["keeps_holidays"] = False  # the suite passes on Christmas Day too
    names = {"name": f"Campaign {number}", "slug": f"campaign-{number}"}
    open_all_day("GB")
    return create_campaign(**{**names, **defaults, **fields})


def make_number(ending: str = "10") -> DialableNumber:
    """A new British mobile number; the simulator acts on its last two digits."""
    return read_number(f"+447400{next(_serial) % 10_000:04d}{ending}", "GB", ANY_COUNTRY)


def make_contact(
    name: str = "Ines Carvalho",
    *,
    number: PhoneNumber | None = None,
    zones: tuple[str, ...] = ("Europe/London",),
    ending: str = "10",
) -> Contact:
    """A contact at a new number, or at the given one."""
    contact = Contact.objects.create(
        name=name, zones=list(zones), zone_source="said" if zones else "unknown"
    )
    ContactNumber.objects.create(contact=contact, number=number or lock_number(make_number(ending)))
    return contact


def make_callback(
    campaign: Campaign,
    *,
    contact: Contact | None = None,
    due: timedelta = timedelta(minutes=-1),
    callable_in: timedelta | None = timedelta(minutes=-6),
    ending: str = "10",
    **fields: Any,
) -> Callback:
    """A pending callback: due a minute ago and callable for six, unless said otherwise."""
    now = clock.now()
    contact = contact or make_contact(ending=ending)
    callback = Callback(
        contact=contact,
        number=contact.numbers.get(),
        campaign=campaign,
        **{
            "about": "The meter reading",
            "due_at": now + due,
            "callable_from": None if callable_in is None else now + callable_in,
            "counts_from": now - timedelta(days=9),
            **fields,
        },
    )
    assert queue.enter(callback, actor=queue.SYSTEM, data={})
    return callback


def make_user(*roles: str, **fields: Any) -> User:
    """Somebody who can sign in, with these roles."""
    number = next(_serial)
    user = User.objects.create_user(f"user{number}@example.com", first_name="Ada", **fields)
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user


def make_agent(
    *campaigns: Campaign, presence: str = "ready", idle: timedelta = timedelta(minutes=1)
) -> Agent:
    """An agent of the campaigns, Ready for a minute."""
    agent = Agent.objects.create(
        user=make_user("agent"), presence=presence, since=clock.now() - idle, seen_at=clock.now()
    )
    agent.campaigns.set(campaigns)
    return agent


def offered(agent: Agent, callback: Callback) -> Work:
    """The claim of an agent to whom the callback was just offered."""
    Callback.objects.filter(pk=callback.pk).update(reserved_for=agent.pk, priority=30_000)
    claim = queue.claim_next(agent.pk, [callback.campaign_id])
    assert claim is not None
    assert claim.callback_id == callback.pk
    Callback.objects.filter(pk=callback.pk).update(
        reserved_for=callback.reserved_for_id, priority=callback.priority
    )
    callback.refresh_from_db()
    return Work(callback.pk, agent.pk, claim.version)


def in_work(agent: Agent, callback: Callback) -> Work:
    """The claim of an agent who has accepted the callback."""
    work = offered(agent, callback)
    offers.accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)
    callback.refresh_from_db()
    return work


def make_attempt(callback: Callback, outcome: str, *, ago: timedelta, **fields: Any) -> Attempt:
    """A dial that ended some time ago."""
    ended_at = clock.now() - ago
    return Attempt.objects.create(
        **{
            "key": uuid4(),
            "callback": callback,
            "contact_id": callback.contact_id,
            "campaign_id": callback.campaign_id,
            "number_id": callback.number_id,
            "agent_id": callback.agent_id or make_user("agent").pk,
            "state": Attempt.State.ENDED,
            "outcome": outcome,
            "intended_at": ended_at - timedelta(seconds=30),
            "dialed_at": ended_at - timedelta(seconds=30),
            "ended_at": ended_at,
            **fields,
        }
    )


def make_request(campaign: Campaign, **fields: Any) -> Request:
    """A customer's request for a call as soon as possible."""
    defaults = {"number": make_number(), "key": uuid4(), "name": "Ines Carvalho"}
    zone = {"browser_zone": "Europe/London", "about": "The meter reading"}
    return Request(campaign=campaign, **{**defaults, **zone, **fields})


def snapshot() -> dict[str, tuple[int, str]]:
    """Number and digest of the rows of every table: equal when nothing changed."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                "SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                f'FROM "{table}" AS t'
            )
            found[table] = cursor.fetchone()
    return found


def story(callback: Callback) -> list[str]:
    """The names of all that happened to the callback, in order."""
    return list(callback.events.order_by("id").values_list("name", flat=True))


def at(text: str) -> datetime:
    """An instant written as ``2026-11-20 09:00+00:00``."""
    return datetime.fromisoformat(text)
