"""Complaints of agents: no reminder, no refusal without penalty, calling blind."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.actions import release_expired_offers
from agentdesk.models import Agent
from agentdesk.tasks import schedule_retries
from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.line import reassign
from callbacks.actions.offers import accept_offer
from callbacks.actions.windows import roll_windows
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from contacts import clock
from contacts.models import Interaction
from tests.conformance.floor import (
    ask,
    dial,
    held,
    later,
    offer,
    page,
    reject,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


# --- no reminder before a due one


def test_a_due_personal_one_is_announced_to_its_agent_five_minutes_early(
    campaign, agent, simulator
):
    callback = ask(campaign, wish=wish(2 * H), about="The second meter")
    mine, other = make_agent(campaign), agent
    reassign(callback.pk, agent_id=mine.pk, actor=SYSTEM)
    later(callback.due_at - clock.now() - 6 * M)
    assert (offer(mine), offer(other)) == (None, None)
    if views(callback) >= {"today"}:  # it is there to read ahead, unless midnight lies between
        assert "The second meter" in page(mine)
    later(M)
    assert offer(other) is None
    assert offer(mine).callback_id == callback.pk
    assert "The second meter" in page(mine)


def test_announced_early_it_is_still_not_dialled_before_its_time(campaign, agent, simulator):
    callback = ask(campaign, wish=wish(2 * H))
    later(callback.due_at - clock.now() - 5 * M)
    work = take(agent, callback)
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.code == "early"
    assert simulator.started() == []
    later(5 * M)
    start_call(work, key=uuid4())
    assert len(simulator.started()) == 1


# --- no refusal without penalty


@pytest.mark.parametrize("reason", ["not_now", "skill", "must_not"])
def test_refusing_has_no_penalty(campaign, agent, reason):
    idle = Agent.objects.get(pk=agent.pk).since
    reject(agent, ask(campaign), reason)
    after = Agent.objects.get(pk=agent.pk)
    assert (after.presence, after.since, after.reason) == ("ready", idle, "")
    other = ask(campaign)
    assert offer(agent).callback_id == other.pk  # the next one, and not the same again


# --- agents called blind


def take_offered(agent, callback):
    work = held(agent)
    accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)
    return work


def test_agents_do_not_call_blind(campaign, agent, simulator):
    callback = ask(campaign, about="Charged twice")
    callback.contact.intents.create(name="Refund pending", opened_at=clock.now() - 2 * D)
    Interaction.objects.create(
        contact=callback.contact, channel="call_in", at=clock.now() - D,
        summary="Asked for a refund of 50", with_whom="John",
    )  # fmt: skip
    assert offer(agent)
    known = ("Charged twice", "Refund pending", "2 days", "Asked for a refund of 50", "John")
    for part in known:
        assert part in page(agent)  # before anything is accepted
    assert simulator.started() == []
    work = take_offered(agent, callback)
    assert "Refund pending" in page(agent)  # and while it is in hand
    assert simulator.started() == []
    dial(simulator, work)
    assert len(simulator.started()) == 1


def test_no_number_is_dialled_without_an_agent_who_pressed(campaign, agent, simulator):
    for _ in range(3):
        ask(campaign)
    for _ in range(5):
        offer(agent)
        release_expired_offers()
        schedule_retries()
        roll_windows()
        later(H)
    assert simulator.started() == []
    assert Callback.objects.filter(attempts__isnull=False).count() == 0


def test_do_not_call_from_the_list_is_said_before_anybody_dials(campaign, agent):
    callback = ask(campaign, wish=wish(H))
    forbid_calls(callback.number, reason="By letter", actor=SYSTEM)
    until_due(callback)
    assert offer(agent) is None
    callback.refresh_from_db()
    assert (callback.state, callback.ended_reason) == ("cancelled", "Do not call")
    cancelled = callback.events.latest("pk")
    assert (cancelled.name, cancelled.reason) == ("cancel", "Do not call")
