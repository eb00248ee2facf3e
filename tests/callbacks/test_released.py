"""Personal callbacks are let go, and lost agents lose their offers at once (RULES 6)."""

from datetime import timedelta

import pytest

from agentdesk import actions as desk
from agentdesk.matching import away, match_idle_agents
from agentdesk.models import Agent
from callbacks.actions.sweeps import release_reserved
from callbacks.models import Callback
from contacts import clock
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    offered,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, S = timedelta(minutes=1), timedelta(seconds=1)


def not_ready(agent):
    Agent.objects.filter(pk=agent.pk).update(presence="not_ready")


def gone(agent):
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - 151 * S)


def never_seen(agent):
    Agent.objects.filter(pk=agent.pk).update(seen_at=None)


def there(agent):
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - 149 * S)


def wrapping_up(agent):
    Agent.objects.filter(pk=agent.pk).update(presence="wrap_up", wrap_up_until=clock.now() + M)


def at_work(agent):
    in_work(agent, make_callback(agent.campaigns.get()))
    not_ready(agent)


@pytest.mark.parametrize(
    ("absence", "free"),
    [(not_ready, True), (gone, True), (never_seen, True),
     (there, False), (wrapping_up, False), (at_work, False)],
)  # fmt: skip
@pytest.mark.parametrize("due", [-M, M])
def test_due_while_its_agent_is_away_anybody_may_have_it(campaign, agent, absence, free, due):
    mine = make_callback(campaign, due=due, reserved_for=agent.user)
    absence(agent)
    free = free and due < timedelta(0)
    assert release_reserved(away()) == int(free)
    after = Callback.objects.get(pk=mine.pk)
    assert (after.reserved_for_id, after.reserved_until is None) == (
        (None, True) if free else (agent.pk, False)
    )
    assert (after.due_at, after.callable_from) == (mine.due_at, mine.callable_from)


def test_due_this_very_moment_counts_as_due(campaign, agent):
    make_callback(campaign, due=timedelta(0), reserved_for=agent.user)
    assert release_reserved([agent.pk]) == 1


def test_somebody_elses_absence_releases_nothing(campaign, agent):
    make_callback(campaign, reserved_for=agent.user)
    before = snapshot()
    assert release_reserved([make_agent(campaign).pk]) == 0
    assert release_reserved([]) == 0
    assert {**snapshot(), "agent": 0, "user": 0} == {**before, "agent": 0, "user": 0}


def test_released_it_is_offered_to_a_colleague(campaign, agent):
    mine = make_callback(campaign, reserved_for=agent.user)
    other = make_agent(campaign)
    not_ready(agent)
    assert match_idle_agents() == 1
    after = Callback.objects.get(pk=mine.pk)
    assert (after.state, after.agent_id) == ("offered", other.pk)
    assert story(mine) == ["request", "roll", "offer"]


def test_offers_of_lost_agents_are_released_at_once(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    there(agent)
    assert desk.release_expired_offers() == 0
    gone(agent)
    assert desk.release_expired_offers() == 1
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.agent_id, after.callable_from) == (
        "scheduled", None, callback.callable_from,
    )  # fmt: skip
    told = callback.events.order_by("id").last()
    assert (told.name, told.reason) == ("time_out", "The agent was lost")
    agent.refresh_from_db()
    assert (agent.presence, agent.reason) == ("not_ready", "Missed an offer")


def test_work_of_lost_agents_is_not_an_offer(campaign, agent):
    in_work(agent, make_callback(campaign))
    gone(agent)
    before = snapshot()
    assert desk.release_expired_offers() == 0
    assert snapshot() == before
