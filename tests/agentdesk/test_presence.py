"""Ready, Not Ready, wrap-up: what agents do with themselves."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk import actions
from agentdesk.models import Agent, User
from agentdesk.tasks import schedule_retries
from callbacks.actions.outcomes import WrapUp
from callbacks.models import Callback
from campaigns.models import Disposition
from contacts import clock
from tests.agentdesk.pages import HTMX, words
from tests.factories import in_work, make_agent, make_attempt, make_callback, make_user, snapshot

M = timedelta(minutes=1)


def state(agent):
    agent.refresh_from_db()
    return agent.presence


def resolved():
    return WrapUp(Disposition.objects.get(code="resolved"))


def test_whoever_goes_ready_waits_from_now_on(campaign):
    agent = make_agent(campaign, presence="not_ready", idle=60 * M)
    actions.set_ready(agent.pk)
    assert (state(agent), agent.reason) == ("ready", "")
    assert agent.since >= clock.now()


def test_going_ready_twice_does_not_lose_the_place(campaign, agent):
    waiting_since = agent.since
    actions.set_ready(agent.pk)
    assert state(agent) == "ready"
    assert agent.since == waiting_since


def test_a_break_has_its_reason(campaign, agent):
    actions.set_not_ready([agent.pk], reason="Break")
    assert (state(agent), agent.reason) == ("not_ready", "Break")
    assert agent.since >= clock.now()


def test_what_is_in_hand_stays_in_hand(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    actions.set_not_ready([agent.pk], reason="Break")
    assert Callback.objects.get().agent_id == agent.pk


def test_done_begins_the_wrap_up_of_the_campaign(campaign, agent):
    work = in_work(agent, make_callback(campaign))
    actions.finish_work(work, resolved())
    assert state(agent) == "wrap_up"
    assert agent.wrap_up_until == clock.now() + timedelta(seconds=campaign.wrap_up_seconds)


def test_who_went_not_ready_during_the_call_stays_not_ready(campaign, agent):
    work = in_work(agent, make_callback(campaign))
    actions.set_not_ready([agent.pk], reason="Break")
    actions.finish_work(work, resolved())
    assert (state(agent), agent.reason) == ("not_ready", "Break")


def test_a_wrap_up_is_longer_by_a_minute_on_request(campaign, agent):
    actions.finish_work(in_work(agent, make_callback(campaign)), resolved())
    agent.refresh_from_db()
    until = agent.wrap_up_until
    actions.extend_wrap_up(agent.pk)
    agent.refresh_from_db()
    assert agent.wrap_up_until == until + M


def test_without_a_wrap_up_there_is_nothing_to_extend(campaign, agent):
    before = snapshot()
    actions.extend_wrap_up(agent.pk)
    assert snapshot() == before


@pytest.mark.parametrize(("left", "ended"), [(timedelta(seconds=1), 0), (0 * M, 1), (-M, 1)])
def test_a_wrap_up_that_is_over_makes_ready_from_its_end_on(campaign, agent, left, ended):
    until = clock.now() + left
    Agent.objects.update(presence="wrap_up", wrap_up_until=until)
    assert actions.end_wrap_ups() == ended
    assert state(agent) == ("ready" if ended else "wrap_up")
    if ended:
        assert (agent.since, agent.wrap_up_until) == (until, None)
    assert actions.end_wrap_ups() == 0


def test_ready_ends_a_wrap_up_early(campaign, agent):
    Agent.objects.update(presence="wrap_up", wrap_up_until=clock.now() + M)
    actions.set_ready(agent.pk)
    assert (state(agent), agent.wrap_up_until) == ("ready", None)


def test_whoever_gives_work_back_is_not_ready(campaign, agent):
    actions.give_back(in_work(agent, make_callback(campaign)))
    assert (state(agent), agent.reason) == ("not_ready", "Released a callback")


@pytest.mark.parametrize(
    ("seen", "absent"), [(None, True), (-3 * M, True), (-2 * M, False), (0 * M, False)]
)
def test_work_is_taken_from_agents_who_were_not_seen_for_150_seconds(campaign, agent, seen, absent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    Callback.objects.update(accepted_at=clock.now() - 30 * M)
    make_attempt(callback, "busy", ago=6 * M)
    Agent.objects.update(seen_at=seen if seen is None else clock.now() + seen)
    schedule_retries()
    assert Callback.objects.get().state == ("scheduled" if absent else "working")


def test_a_user_is_known_by_their_address_in_any_case(db):
    user = User.objects.create_user("Ada@Example.COM", "a long password")
    assert user.email == "ada@example.com"
    assert User.objects.get_by_natural_key("ADA@example.com") == user
    assert str(user) == "ada@example.com"
    assert user.check_password("a long password")


def test_without_a_password_nobody_signs_in(db):
    assert not make_user("agent").has_usable_password()


@pytest.mark.parametrize(
    ("fields", "presence", "reason"),
    [
        ({"to": "ready"}, "ready", ""),
        ({"to": "not_ready", "reason": "Break"}, "not_ready", "Break"),
        ({"to": "not_ready"}, "not_ready", ""),
        ({"to": "not_ready", "reason": "<b>Made up</b>"}, "not_ready", ""),
        ({}, "not_ready", ""),
    ],
)
def test_the_agent_chooses_their_state(agent, fields, presence, reason):
    client = Client()
    client.force_login(agent.user)
    assert client.post(reverse("desk-presence"), fields).status_code == 200
    agent.refresh_from_db()
    assert (agent.presence, agent.reason) == (presence, reason)


def test_work_on_the_screen_stays_when_the_agent_will_be_not_ready(agent, campaign):
    in_work(agent, make_callback(campaign))
    client = Client()
    client.force_login(agent.user)
    fields = {"to": "not_ready", "reason": "Break"}
    response = client.post(reverse("desk-presence"), fields, headers=HTMX | {"HX-Target": "desk"})
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#presence", "outerHTML")
    assert words(response).startswith("In work")
    assert "<textarea" not in response.content.decode()
    agent.refresh_from_db()
    assert (agent.presence, agent.reason) == ("not_ready", "Break")
