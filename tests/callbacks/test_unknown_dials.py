"""Calls whose fate nobody knows: asked about, flagged, never dialled again (RULES 1, issue 9)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks import tasks
from callbacks.actions.calls import start_call
from callbacks.actions.sweeps import reconcile_attempts
from callbacks.actions.unattended import flag_unknown_dials
from callbacks.dialers.base import CallRequest
from callbacks.models import Attempt, Callback
from callbacks.rules.attention import AGENT_LOST, DIAL_UNKNOWN
from contacts import clock
from tests.factories import in_work, make_attempt, make_callback, snapshot, story
from tests.telephony import listen

pytestmark = pytest.mark.django_db
M, S = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def callback(campaign, agent):
    made = make_callback(campaign)
    in_work(agent, made)
    return made


def lost(callback, ago, state="unknown"):
    """A dial whose reply was lost so long ago."""
    began = clock.now() - ago
    Callback.objects.update(accepted_at=began - S)
    return make_attempt(
        callback, "", ago=ago, state=state, ended_at=None, intended_at=began, dialed_at=began
    )


@pytest.mark.parametrize(("ago", "flagged"), [(10 * M - S, 0), (10 * M, 1), (90 * M, 1)])
def test_after_ten_minutes_a_person_is_asked(callback, ago, flagged):
    lost(callback, ago)
    assert flag_unknown_dials() == flagged
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.attention) == ("working", DIAL_UNKNOWN if flagged else "")


@pytest.mark.parametrize("state", ["dialing", "ringing", "connected"])
def test_a_call_that_is_known_to_go_on_is_nobodys_worry(callback, state):
    lost(callback, 90 * M, state)
    before = snapshot()
    assert flag_unknown_dials() == 0
    assert snapshot() == before


def test_another_flag_is_not_overwritten_and_twice_is_once(callback):
    lost(callback, 90 * M)
    Callback.objects.update(attention="Rejected 3×: Not now")
    assert flag_unknown_dials() == 0
    Callback.objects.update(attention="")
    assert (flag_unknown_dials(), flag_unknown_dials()) == (1, 0)


@pytest.mark.parametrize(
    ("ending", "outcome"), [("01", "voicemail"), ("02", "no_answer"), ("03", "busy")]
)
def test_what_the_carrier_knows_is_applied_and_nobody_is_dialled(
    campaign, agent, simulator, ending, outcome
):
    callback = make_callback(campaign, ending=ending)
    in_work(agent, callback)
    attempt = lost(callback, M)
    simulator.start(CallRequest(attempt.key, str(callback.number.e164)))
    simulator.later(0.3)
    assert reconcile_attempts() >= 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.outcome) == ("ended", outcome)
    assert [key for key, _ in simulator.started()] == [attempt.key]
    before = snapshot()
    assert reconcile_attempts() == 0
    assert snapshot() == before


def test_a_call_that_never_reached_the_carrier_has_ended_and_is_not_made(callback, simulator):
    attempt = lost(callback, M)
    assert reconcile_attempts() == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.outcome) == ("ended", "network_error")
    assert simulator.started() == []


def test_a_dial_that_was_asked_for_just_now_is_given_time(callback, simulator):
    lost(callback, 9 * S, "dialing")
    before = snapshot()
    assert reconcile_attempts() == 0
    assert snapshot() == before


def test_a_dial_that_waited_for_its_number_is_given_time_from_then_on(callback, simulator):
    attempt = lost(callback, 11 * S, "dialing")
    Attempt.objects.update(dialed_at=clock.now() - S)
    assert listen(simulator) == 0
    Attempt.objects.update(dialed_at=clock.now() - 11 * S)
    assert listen(simulator) == 1
    attempt.refresh_from_db()
    assert attempt.outcome == "network_error"


@pytest.mark.parametrize(
    ("later", "state", "asked"),
    [(0, "unknown", DIAL_UNKNOWN), (0.1, "connected", AGENT_LOST), (6, "ended", "")],
)
def test_no_tick_of_the_beat_dials_an_unknown_call_again(
    campaign, agent, simulator, later, state, asked
):
    callback = make_callback(campaign, ending="08")
    attempt = start_call(in_work(agent, callback), key=uuid4())
    assert attempt.state == Attempt.State.UNKNOWN
    began = clock.now() - 30 * M
    Attempt.objects.update(intended_at=began, dialed_at=began)
    Callback.objects.update(accepted_at=began)
    Agent.objects.update(seen_at=None)
    simulator.later(later)
    for _ in range(3):
        tasks.reconcile_attempts()
        schedule_retries()
        release_absent_agents()
    assert [key for key, _ in simulator.started()] == [attempt.key]
    assert Attempt.objects.get().state == state
    callback.refresh_from_db()
    assert callback.attention == asked
    told = ["note"] if asked else []  # a person is asked, once
    assert story(callback)[story(callback).index("accept") + 1 :] == told
