"""What users of such systems complain of: rung many times, rung anyway, rung again.

The witness is the carrier's own bill, never our tables.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from agentdesk.actions import finish_work, release_expired_offers
from agentdesk.matching import match_idle_agents
from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks.actions.calls import NoDialError, apply_event, hang_up, start_call
from callbacks.actions.inbound import customer_called
from callbacks.actions.offers import accept_offer
from callbacks.actions.windows import roll_windows
from callbacks.dialers.base import CallEvent, Kind
from callbacks.models import Attempt, Callback
from callbacks.queue import SYSTEM
from callbacks.rules.states import RefusedError
from callbacks.tasks import deduplicate, expire_stale, reconcile_attempts
from campaigns.rules.retry import Outcome
from contacts import clock
from tests.callbacks.race import at_once
from tests.conformance.floor import (
    ask,
    asked,
    bill,
    call,
    later,
    offer,
    same_number,
    says,
    take,
    until_due,
)
from tests.factories import make_agent, make_campaign
from tests.telephony import heard, listen

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def sweep_everything(simulator):
    """All that the beat and the dialer do in a round, twice, as two beats would."""
    for _ in range(2):
        release_expired_offers()
        match_idle_agents()
        schedule_retries()
        release_absent_agents()
        roll_windows()
        reconcile_attempts()
        deduplicate()
        expire_stale()
        listen(simulator)


@pytest.mark.django_db(transaction=True)
def test_one_request_does_not_ring_many_times(campaign, simulator):
    answers = {"about": "", "name": "", "phone": "07400 123455", "when": "soon", "slot": "",
               "zone": "Europe/London", "browser_zone": "Europe/London"}  # fmt: skip
    key = str(uuid4())
    keys = [key, key, key, key, str(uuid4()), str(uuid4())]  # impatient, and in three tabs

    def send(one):
        return Client().post("/", {**answers, "key": one}).status_code

    assert set(at_once(*(lambda one=one: send(one) for one in keys))) == {302}
    agents = [make_agent(campaign) for _ in range(4)]
    assert sum(at_once(*[match_idle_agents] * 4)) == 1
    callback = Callback.objects.get()
    work_of = {agent.pk: offer(agent) for agent in agents}
    (work,) = {work for work in work_of.values() if work}
    accept_offer(callback_id=callback.pk, agent_id=work.agent_id, version=work.version)
    press = uuid4()
    at_once(
        *[lambda: start_call(work, key=press)] * 4, *[lambda: start_call(work, key=uuid4())] * 4
    )
    attempt = Attempt.objects.get(callback=callback, dialed_at__isnull=False)
    heard(simulator, attempt, "connected")
    hang_up(work)
    heard(simulator, attempt, "ended")
    finish_work(work, says(callback, "resolved"))
    for _ in range(3):
        sweep_everything(simulator)
    assert bill(simulator, callback) == 1


def test_a_lost_reply_of_the_carrier_does_not_ring_again(campaign, agent, simulator):
    callback = ask(campaign, "08")  # the carrier rings, and its reply is lost
    work = take(agent, callback)
    attempt = start_call(work, key=uuid4())
    assert attempt.state == "unknown"
    for _ in range(3):
        with pytest.raises(NoDialError) as refused:
            start_call(work, key=uuid4())
        assert refused.value.code == "unknown"
    heard(simulator, attempt, "connected", "ended")
    for _ in range(3):
        sweep_everything(simulator)
    assert bill(simulator, callback) == 1


@pytest.mark.parametrize("when", ["waiting", "offered", "after a retry"])
def test_who_called_first_is_not_rung_anyway(campaign, agent, simulator, when):
    callback = ask(campaign)
    work = None
    if when == "offered":
        work = offer(agent)
    elif when == "after a retry":
        call(simulator, agent, callback, "voicemail")
    rung = bill(simulator, callback)
    customer_called(callback.number, campaign=campaign, actor=SYSTEM)
    if work:
        with pytest.raises(RefusedError):
            accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)
    later(3 * D)
    sweep_everything(simulator)
    assert offer(agent) is None
    assert bill(simulator, callback) == rung


CODES = ("voicemail", "no-answer", "busy", "network-error")


@pytest.mark.parametrize("before", CODES)
def test_nobody_is_rung_again_after_an_answer(campaign, agent, simulator, before):
    callback = ask(campaign)
    call(simulator, agent, callback, before)
    until_due(callback)
    call(simulator, agent, callback, "resolved")
    rung = bill(simulator, callback)
    for _ in range(4):
        later(2 * D)
        sweep_everything(simulator)
        assert offer(agent) is None
    callback.refresh_from_db()
    assert (callback.state, bill(simulator, callback), rung) == ("completed", 2, 2)


def test_an_answer_stands_though_the_agent_is_gone_and_the_carrier_repeats_itself(
    campaign, agent, simulator
):
    callback = ask(campaign, "07")  # they answer, the line drops
    work = take(agent, callback)
    attempt = heard(simulator, start_call(work, key=uuid4()), "ended")
    late = [
        CallEvent(attempt.key, 9, Kind.RINGING, clock.now()),
        CallEvent(attempt.key, 10, Kind.ENDED, clock.now(), Outcome.BUSY),
    ]
    assert [apply_event(event) for event in late] == [False, False]
    later(6 * M)
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - 6 * M)
    sweep_everything(simulator)
    callback.refresh_from_db()
    assert callback.state == "completed"
    later(2 * D)
    assert offer(make_agent(campaign)) is None
    assert bill(simulator, callback) == 1


def test_an_answer_ends_what_was_asked_for_twice_under_two_campaigns(db, simulator):
    campaign = make_campaign(answer_closes_all=True)
    other = make_campaign()
    first = ask(campaign)
    asked(other, number=same_number(first))
    worker = make_agent(campaign)
    call(simulator, worker, first, "resolved")
    for _ in range(3):
        later(D)
        assert offer(make_agent(campaign, other)) is None
    assert bill(simulator, first) == 1
