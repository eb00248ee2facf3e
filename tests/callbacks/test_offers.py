"""What the agent answers to an offer, and what nobody answered."""

from datetime import timedelta

import pytest

from agentdesk import actions
from callbacks.actions.manage import cancel
from callbacks.actions.offers import accept_offer, reject_offer, release_expired_offers
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from callbacks.rules.states import RefusedError
from contacts import clock
from tests.factories import in_work, make_agent, make_callback, offered, snapshot, story


def accept(work, **other):
    claim = {"callback_id": work.callback_id, "agent_id": work.agent_id, "version": work.version}
    accept_offer(**{**claim, **other})


def reject(work, reason="not_now", **other):
    claim = {"callback_id": work.callback_id, "agent_id": work.agent_id, "version": work.version}
    reject_offer(**{**claim, **other}, reason=reason)


def expire():
    Callback.objects.filter(state="offered").update(
        offer_expires_at=clock.now() - timedelta(seconds=1)
    )


def test_accepting_puts_it_in_the_agents_hands(campaign, agent):
    callback = make_callback(campaign)
    accept(offered(agent, callback))
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) == ("working", agent.pk)
    assert callback.accepted_at == clock.now()
    assert callback.offer_expires_at is None
    assert story(callback) == ["request", "offer", "accept"]


def test_rejecting_keeps_the_place_in_line(campaign, agent):
    callback = make_callback(campaign, priority=3)
    reject(offered(agent, callback), reason="skill")
    back = Callback.objects.get(pk=callback.pk)
    assert (back.state, back.agent_id, back.reject_count) == ("scheduled", None, 1)
    assert (back.priority, back.callable_from, back.due_at) == (
        3, callback.callable_from, callback.due_at,
    )  # fmt: skip
    assert back.attention == ""
    assert back.events.get(name="reject").reason == "Needs another skill"


def test_the_third_reject_by_anyone_asks_a_supervisor(campaign):
    callback = make_callback(campaign)
    for number in (1, 2, 3):
        assert Callback.objects.get(pk=callback.pk).attention == ""
        reject(offered(make_agent(campaign), callback))
        assert Callback.objects.get(pk=callback.pk).reject_count == number
    assert Callback.objects.get(pk=callback.pk).attention == "Rejected 3×: Not now"


def test_one_agent_who_says_it_must_not_be_called_is_enough(campaign, agent):
    callback = make_callback(campaign)
    reject(offered(agent, callback), reason="must_not")
    callback.refresh_from_db()
    assert callback.attention == "Rejected 1×: Must not be called"


@pytest.mark.parametrize("answer", [accept, reject])
def test_an_older_tab_is_refused_and_changes_nothing(campaign, agent, answer):
    callback = make_callback(campaign)
    old = offered(agent, callback)
    expire()
    release_expired_offers()
    new = offered(agent, callback)
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        answer(old)
    assert refused.value.code == "stale"
    assert snapshot() == before
    answer(new)


@pytest.mark.parametrize("answer", [accept, reject])
def test_another_agent_is_refused_and_changes_nothing(campaign, agent, answer):
    other = make_agent(campaign)
    work = offered(agent, make_callback(campaign))
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        answer(work, agent_id=other.pk)
    assert refused.value.code == "holder"
    assert snapshot() == before


@pytest.mark.parametrize("answer", [accept, reject])
def test_an_offer_that_was_redirected_is_refused(campaign, agent, answer):
    work = offered(agent, make_callback(campaign))
    expire()
    release_expired_offers()
    before = snapshot()
    with pytest.raises(RefusedError):
        answer(work)
    assert snapshot() == before


@pytest.mark.parametrize("answer", [accept, reject])
def test_an_accepted_offer_cannot_be_answered_again(campaign, agent, answer):
    work = in_work(agent, make_callback(campaign))
    before = snapshot()
    with pytest.raises(RefusedError, match="working") as refused:
        answer(work)
    assert refused.value.state == "working"
    assert snapshot() == before


@pytest.mark.parametrize("answer", [accept, reject])
def test_an_offer_that_was_cancelled_meanwhile_is_refused(campaign, agent, answer):
    work = offered(agent, make_callback(campaign))
    cancel(work.callback_id, reason="Not needed", actor=SYSTEM)
    before = snapshot()
    with pytest.raises(RefusedError, match="cancelled"):
        answer(work)
    assert snapshot() == before


@pytest.mark.parametrize("answer", [accept, reject])
def test_an_offer_that_never_was_is_refused(campaign, agent, answer):
    work = offered(agent, make_callback(campaign))
    with pytest.raises(RefusedError, match="no such callback"):
        answer(work, callback_id=987_654)


def test_whoever_misses_an_offer_is_not_ready_and_it_goes_on(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    other = make_agent(campaign)
    assert actions.release_expired_offers() == 0  # its time has not come
    expire()
    assert actions.release_expired_offers() == 1
    agent.refresh_from_db()
    other.refresh_from_db()
    assert (agent.presence, agent.reason) == ("not_ready", "Missed an offer")
    assert (other.presence, other.reason) == ("ready", "")
    assert Callback.objects.get(pk=callback.pk).state == "scheduled"


def test_sweeping_expired_offers_twice_is_harmless(campaign, agent):
    offered(agent, make_callback(campaign))
    expire()
    assert actions.release_expired_offers() == 1
    before = snapshot()
    assert actions.release_expired_offers() == 0
    assert snapshot() == before
