"""Work whose agent is gone, and calls whose fate is not known (RULES 1, 2, 6)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks.actions.calls import NoDialError, apply_event, start_call
from callbacks.dialers.base import CallEvent, Kind
from callbacks.models import Attempt, Callback
from campaigns.rules.retry import Outcome
from contacts import clock
from tests.factories import in_work, make_attempt, story
from tests.telephony import listen

pytestmark = pytest.mark.django_db
M = timedelta(minutes=1)


@pytest.fixture
def abandoned(campaign, agent, make_callback):
    """Accepted half an hour ago by an agent who has not been seen since."""
    callback = make_callback(campaign)
    in_work(agent, callback)
    Callback.objects.update(accepted_at=clock.now() - 30 * M)
    Agent.objects.update(seen_at=clock.now() - 30 * M)
    return callback


def test_work_of_a_lost_agent_without_a_dial_goes_back_in_line(abandoned):
    release_absent_agents()
    abandoned.refresh_from_db()
    assert (abandoned.state, abandoned.agent_id) == ("scheduled", None)
    assert story(abandoned)[-1] == "release"


def test_an_unknown_outcome_left_open_asks_for_a_person(abandoned):
    make_attempt(abandoned, "unknown", ago=20 * M)
    schedule_retries()
    release_absent_agents()
    abandoned.refresh_from_db()
    assert abandoned.state == "working"
    assert abandoned.attention == "The agent was lost and the outcome of the call is not known"


@pytest.mark.parametrize("state", ["dialing", "connected"])
def test_a_live_call_of_a_lost_agent_goes_on_and_asks_for_a_person(abandoned, state):
    make_attempt(abandoned, "", ago=20 * M, state=state, ended_at=None)
    schedule_retries()
    release_absent_agents()
    abandoned.refresh_from_db()
    assert (abandoned.state, abandoned.attention) == (
        "working", "The agent was lost while a call was going on",
    )  # fmt: skip


def test_work_of_an_agent_who_is_there_is_left_alone(abandoned):
    Agent.objects.update(seen_at=clock.now())
    schedule_retries()
    release_absent_agents()
    abandoned.refresh_from_db()
    assert abandoned.state == "working"


def test_nobody_dials_again_while_the_last_call_may_be_live(
    campaign, agent, make_callback, simulator
):
    work = in_work(agent, make_callback(campaign, ending="08"))
    first = start_call(work, key=uuid4())
    assert first.state == Attempt.State.UNKNOWN
    with pytest.raises(NoDialError, match="We are finding out whether the last call rang"):
        start_call(work, key=uuid4())
    assert len(simulator.started()) == 1
    simulator.later(0.1)
    listen(simulator)
    first.refresh_from_db()
    assert first.state == Attempt.State.CONNECTED


def test_a_late_report_of_the_answer_still_says_when_it_was(campaign, agent, make_callback):
    callback = make_callback(campaign)
    in_work(agent, callback)
    attempt = make_attempt(callback, "", ago=timedelta(0), state="dialing", ended_at=None)
    at = clock.now()
    apply_event(CallEvent(attempt.key, 2, Kind.ENDED, at, Outcome.ANSWERED))
    apply_event(CallEvent(attempt.key, 1, Kind.CONNECTED, at - M))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.answered_at) == ("ended", at - M)
