"""Idle agents and due callbacks find each other."""

from datetime import timedelta

import pytest

from agentdesk import actions
from agentdesk.matching import TRIES, match_idle_agents
from agentdesk.models import Agent
from callbacks.actions.offers import reject_offer
from callbacks.models import Callback
from campaigns.actions import pause, resume
from contacts import clock
from contacts.actions import list_do_not_call
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    offered,
    open_only_in,
    snapshot,
    story,
)

M = timedelta(minutes=1)


def holder():
    return Callback.objects.get().agent_id


def test_whoever_waits_longest_is_offered_first(campaign):
    _, longest, _ = (make_agent(campaign, idle=number * M) for number in (2, 9, 5))
    make_callback(campaign)
    assert match_idle_agents() == 1
    assert holder() == longest.pk


def test_the_first_in_line_goes_to_whoever_waits_longest(campaign):
    short, long = make_agent(campaign, idle=2 * M), make_agent(campaign, idle=9 * M)
    second = make_callback(campaign, callable_in=-5 * M)
    first = make_callback(campaign, callable_in=-9 * M)
    assert match_idle_agents() == 2
    assert dict(Callback.objects.values_list("pk", "agent_id")) == {
        first.pk: long.pk,
        second.pk: short.pk,
    }


def test_with_nothing_due_nobody_is_offered_anything(campaign, agent):
    make_callback(campaign, callable_in=M)
    before = snapshot()
    assert match_idle_agents() == 0
    assert snapshot() == before


def test_matching_twice_offers_once(campaign, agent):
    make_callback(campaign)
    make_callback(campaign)
    assert match_idle_agents() == 1
    before = snapshot()
    assert match_idle_agents() == 0
    assert snapshot() == before


@pytest.mark.parametrize("presence", ["not_ready", "wrap_up"])
def test_only_ready_agents_are_offered_anything(campaign, agent, presence):
    make_callback(campaign)
    until = clock.now() + M if presence == "wrap_up" else None
    Agent.objects.update(presence=presence, wrap_up_until=until)
    assert match_idle_agents() == 0
    actions.set_ready(agent.pk)
    assert match_idle_agents() == 1


@pytest.mark.parametrize("hands", [offered, in_work])
def test_whoever_holds_one_is_not_offered_another(campaign, agent, hands):
    hands(agent, make_callback(campaign))
    make_callback(campaign)
    assert match_idle_agents() == 0


def test_an_agent_whose_wrap_up_ends_is_matched_in_the_same_run(campaign, agent):
    make_callback(campaign)
    Agent.objects.update(presence="wrap_up", wrap_up_until=clock.now())
    assert match_idle_agents() == 1
    assert holder() == agent.pk


def test_agents_get_their_own_campaigns_alone(campaign, agent):
    other = make_campaign()
    make_callback(other)
    assert match_idle_agents() == 0
    agent.campaigns.add(other)
    assert match_idle_agents() == 1


def test_an_agent_without_a_campaign_gets_nothing(campaign):
    make_agent()
    make_callback(campaign)
    assert match_idle_agents() == 0


def test_a_paused_campaign_stops_offers_until_it_is_resumed(campaign, agent):
    callback = make_callback(campaign)
    pause(campaign, by="Priya Nair")
    before = snapshot()
    assert match_idle_agents() == 0
    assert snapshot() == before
    resume(campaign)
    assert match_idle_agents() == 1
    assert story(callback) == ["request", "offer"]


def test_a_missed_offer_makes_not_ready_and_goes_to_the_next(campaign):
    first, second = make_agent(campaign, idle=9 * M), make_agent(campaign, idle=5 * M)
    make_callback(campaign)
    match_idle_agents()
    assert holder() == first.pk
    Callback.objects.update(offer_expires_at=clock.now() - M)
    assert actions.release_expired_offers() == 1
    first.refresh_from_db()
    assert (first.presence, first.reason) == ("not_ready", "Missed an offer")
    assert match_idle_agents() == 1
    assert holder() == second.pk


def test_a_rejected_one_goes_to_somebody_else(campaign):
    first, second = make_agent(campaign, idle=9 * M), make_agent(campaign, idle=5 * M)
    callback = make_callback(campaign)
    match_idle_agents()
    reject_offer(callback_id=callback.pk, agent_id=first.pk, version=1, reason="not_now")
    assert match_idle_agents() == 1
    assert holder() == second.pk


def test_what_the_gate_blocks_is_held_back_and_the_next_in_line_offered(campaign, agent):
    listed = make_callback(campaign, callable_in=-9 * M)
    list_do_not_call(listed.number, reason="Asked")
    closed_campaign = make_campaign()
    agent.campaigns.add(closed_campaign)
    open_only_in(closed_campaign, 2)
    closed = make_callback(closed_campaign, callable_in=-8 * M)
    callable_now = make_callback(campaign, callable_in=-2 * M)
    assert match_idle_agents() == 1
    states = dict(Callback.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in (listed, closed, callable_now)] == [
        "cancelled", "scheduled", "offered",
    ]  # fmt: skip
    assert story(closed) == ["request", "roll"]


def test_a_run_gives_up_after_many_blocked_ones_and_the_next_goes_on(campaign, agent):
    for number in range(TRIES + 1):
        listed = make_callback(campaign, callable_in=-(90 - number) * M)
        list_do_not_call(listed.number, reason="Asked")
    fine = make_callback(campaign, callable_in=-M)
    assert match_idle_agents() == 0
    assert match_idle_agents() == 1
    assert Callback.objects.get(pk=fine.pk).state == "offered"


def test_what_waits_for_one_agent_is_free_fifteen_minutes_after_its_time(campaign, agent):
    other = make_agent(campaign)
    in_work(agent, make_callback(campaign))
    callback = make_callback(campaign, due=-14 * M, reserved_for=agent.user)
    assert match_idle_agents() == 0
    Callback.objects.filter(pk=callback.pk).update(reserved_until=clock.now())
    assert match_idle_agents() == 1
    callback.refresh_from_db()
    assert callback.agent_id == other.pk
    assert "Released to any agent" in callback.events.values_list("reason", flat=True)
