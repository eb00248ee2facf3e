"""Listed as do-not-call while an agent has it in hand: afterwards nothing waits (RULES 4)."""

from datetime import timedelta

import pytest

from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import Wish
from callbacks.actions.outcomes import WrapUp, WrapUpError, record_outcome, release_work
from callbacks.models import Callback
from callbacks.queue import CUSTOMER
from callbacks.rules.states import State
from contacts import clock
from tests.factories import in_work, make_attempt, make_campaign, snapshot, story

pytestmark = pytest.mark.django_db
M = timedelta(minutes=1)


@pytest.fixture
def forbidden(campaign, agent, make_callback):
    """The callback and the agent's claim on it; the number was listed after they accepted."""
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    forbid_calls(callback.number, reason="Asked", source="form", actor=CUSTOMER)
    return callback, work


def ended(callback):
    callback.refresh_from_db()
    return callback.state, callback.ended_reason, story(callback)[-1]


def test_given_back_without_a_dial_it_ends(forbidden):
    callback, work = forbidden
    release_work(work)
    assert ended(callback) == (State.CANCELLED, "Do not call", "give_up")


def test_a_call_that_nobody_answered_is_not_retried(campaign, forbidden):
    callback, work = forbidden
    make_attempt(callback, "busy", ago=timedelta(0), intended_at=clock.now())
    busy = campaign.dispositions.get(code="busy")
    assert record_outcome(work, WrapUp(busy)) == State.CANCELLED
    assert ended(callback) == (State.CANCELLED, "Do not call", "give_up")


def test_no_other_time_is_agreed(campaign, forbidden):
    callback, work = forbidden
    again = campaign.dispositions.get(code="call-again")
    tomorrow = (clock.now() + timedelta(days=1)).replace(second=0, microsecond=0, tzinfo=None)
    before = snapshot()
    with pytest.raises(WrapUpError) as refused:
        record_outcome(work, WrapUp(again, again=Wish(tomorrow, "UTC")))
    assert (refused.value.field, refused.value.code) == ("code", "do_not_call")
    assert snapshot() == before
    assert Callback.objects.get(pk=callback.pk).state == "working"


@pytest.mark.parametrize("dialled", [False, True])
def test_what_a_lost_agent_had_in_hand_ends(forbidden, dialled):
    callback, _ = forbidden
    Callback.objects.update(accepted_at=clock.now() - 30 * M)
    Agent.objects.update(seen_at=clock.now() - 30 * M)
    if dialled:
        make_attempt(callback, "no_answer", ago=20 * M)
    schedule_retries()
    release_absent_agents()
    assert ended(callback) == (State.CANCELLED, "Do not call", "give_up")


def test_a_list_of_another_campaign_stops_nothing_here(campaign, agent, make_callback):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    other = make_campaign()
    forbid_calls(callback.number, reason="Asked", actor=CUSTOMER, campaign=other)
    release_work(work)
    assert ended(callback) == (State.SCHEDULED, "", "release")
