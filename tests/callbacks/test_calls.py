"""Dialling: allowed, committed, asked once; refused with nothing changed."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks.actions import calls
from callbacks.actions.calls import NoDialError, Work, hang_up, hold, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.dialers.base import EndpointUnavailableError, Kind
from callbacks.dialers.manual import ManualDialer
from callbacks.models import Attempt, Callback
from callbacks.queue import SYSTEM
from callbacks.rules.states import RefusedError
from campaigns.actions import pause
from campaigns.models import Campaign
from contacts.actions import list_do_not_call
from contacts.models import PhoneNumber
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    offered,
    open_only_in,
    snapshot,
)
from tests.telephony import heard, listen

M = timedelta(minutes=1)


def refused(simulator, work, error=NoDialError, *, key=None, **choices):
    """No dial, nothing changed, and the error to look at."""
    before, dialled = snapshot(), simulator.started()
    with pytest.raises(error) as found:
        start_call(work, key=key or uuid4(), **choices)
    assert snapshot() == before
    assert simulator.started() == dialled
    return found.value


def test_a_call_is_dialled_and_heard_until_it_ends(campaign, agent, simulator):
    callback = make_callback(campaign, ending="07")
    key = uuid4()
    attempt = start_call(in_work(agent, callback), key=key)
    assert attempt.state == "dialing"
    assert simulator.started() == [(key, str(callback.number.e164))]
    heard(simulator, attempt, "connected")
    assert attempt.answered_at is not None
    heard(simulator, attempt, "ended")
    assert (attempt.outcome, attempt.cause) == ("answered", "Ended by the customer")
    assert attempt.ended_at > attempt.answered_at
    assert Callback.objects.get().state == "working"  # only Done closes the work


def test_the_same_key_dials_once(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    key = uuid4()
    first = start_call(work, key=key)
    assert start_call(work, key=key).pk == first.pk
    heard(simulator, first, "connected")
    assert start_call(work, key=key).state == "connected"
    assert len(simulator.started()) == 1


def test_another_key_may_dial_after_the_call_has_ended(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="03"))
    first = start_call(work, key=uuid4())
    error = refused(simulator, work)
    assert error.code == "live"
    heard(simulator, first, "ended")
    start_call(work, key=uuid4())
    assert len(simulator.started()) == 2


def test_a_second_live_call_with_the_contact_is_refused_whoever_asks(campaign, agent, simulator):
    mine = make_callback(campaign)
    other_campaign = make_campaign()
    other = make_callback(other_campaign, contact=mine.contact)
    start_call(in_work(agent, mine), key=uuid4())
    second = in_work(make_agent(other_campaign), other)
    assert refused(simulator, second).code == "live"


def test_nothing_is_dialled_before_the_promise(campaign, agent, simulator):
    callback = make_callback(campaign, due=3 * M)
    error = refused(simulator, in_work(agent, callback))
    assert (error.code, error.until) == ("early", callback.due_at)


def test_an_agent_may_dial_early_and_it_is_recorded(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, due=3 * M))
    attempt = start_call(work, key=uuid4(), early=True)
    assert attempt.early
    assert len(simulator.started()) == 1


def test_a_call_in_time_is_not_recorded_as_early(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, due=-M))
    assert not start_call(work, key=uuid4(), early=True).early


def test_a_promised_window_may_be_dialled_from_its_start(campaign, agent, simulator):
    now = make_callback(campaign).created_at
    callback = make_callback(campaign, due=15 * M, promised_from=now - M)
    start_call(in_work(agent, callback), key=uuid4())
    assert len(simulator.started()) == 1


BLOCKS = {
    "do_not_call": lambda callback: list_do_not_call(callback.number, reason="Asked"),
    "invalid_number": lambda callback: PhoneNumber.objects.update(
        invalid_since=callback.created_at
    ),
    "campaign_paused": lambda callback: pause(callback.campaign, by="Priya Nair"),
    "zone_unknown": lambda callback: type(callback.contact).objects.update(zones=[]),
    "closed": lambda callback: open_only_in(callback.campaign, 2),
}


@pytest.mark.parametrize("reason", list(BLOCKS))
@pytest.mark.parametrize("early", [False, True])
def test_the_gate_refuses_and_no_override_opens_it(campaign, agent, simulator, reason, early):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    BLOCKS[reason](callback)
    error = refused(simulator, work, early=early)
    assert (error.code, error.verdict.reason) == ("gate", reason)


@pytest.mark.parametrize("reason", list(BLOCKS))
def test_what_happens_between_the_two_gates_stops_the_dial(
    campaign, agent, simulator, monkeypatch, reason
):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    begin = calls._begin

    def meanwhile(attempt):
        BLOCKS[reason](callback)
        return begin(attempt)

    monkeypatch.setattr(calls, "_begin", meanwhile)
    start_call(work, key=uuid4())
    assert simulator.started() == []
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.cause) == ("ended", f"Blocked: {reason}")
    assert attempt.dialed_at is None


def test_forbidding_between_the_two_gates_stops_the_dial(campaign, agent, simulator, monkeypatch):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    begin = calls._begin

    def meanwhile(attempt):
        forbid_calls(callback.number, reason="Asked", actor=SYSTEM)
        return begin(attempt)

    monkeypatch.setattr(calls, "_begin", meanwhile)
    start_call(work, key=uuid4())
    assert simulator.started() == []


def test_while_the_line_is_down_nothing_is_dialled(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    os.utime(simulator._heartbeat, (0, 0))
    error = refused(simulator, work)
    assert (error.code, str(error)) == ("line_down", "The telephone line is down")
    simulator.beat()
    start_call(work, key=uuid4())
    assert len(simulator.started()) == 1


def test_a_lost_reply_is_unknown_and_the_key_is_never_dialled_again(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="08"))
    key = uuid4()
    attempt = start_call(work, key=key)
    assert attempt.state == "unknown"
    for _ in range(3):
        assert start_call(work, key=key).pk == attempt.pk
    heard(simulator, attempt, "connected")  # the carrier did ring after all
    assert len(simulator.started()) == 1


def test_a_carrier_that_refuses_ends_the_attempt(campaign, agent, simulator, monkeypatch):
    def refuses(call):
        raise EndpointUnavailableError("No line to this number")

    monkeypatch.setattr(simulator, "start", refuses)
    attempt = start_call(in_work(agent, make_callback(campaign)), key=uuid4())
    assert (attempt.state, attempt.outcome) == ("ended", "network_error")
    assert attempt.cause == "No line to this number"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"version": -1}, "stale"), ({"agent": 1}, "holder"), ({"callback": 1}, "missing")],
)
def test_somebody_elses_work_cannot_be_dialled(campaign, agent, simulator, change, code):
    other = make_agent(campaign)
    work = in_work(agent, make_callback(campaign))
    forged = Work(
        987_654 if "callback" in change else work.callback_id,
        other.pk if "agent" in change else work.agent_id,
        work.version + change.get("version", 0),
    )
    assert refused(simulator, forged, RefusedError).code == code


def test_an_offer_that_is_not_accepted_cannot_be_dialled(campaign, agent, simulator):
    work = offered(agent, make_callback(campaign))
    assert refused(simulator, work, RefusedError).state == "offered"


def test_a_hang_up_before_the_answer_counts_as_stopped_by_the_agent(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="02"))  # rings for 6 s: 120 ms here
    attempt = start_call(work, key=uuid4())
    hang_up(work)
    heard(simulator, attempt, "ended")
    assert (attempt.outcome, attempt.cause) == ("cancelled_by_agent", "Stopped by the agent")


def test_hanging_up_without_a_call_does_nothing(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    before = snapshot()
    hang_up(work)
    assert snapshot() == before


def test_a_call_is_held_and_taken_back(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="00"))
    attempt = start_call(work, key=uuid4())
    heard(simulator, attempt, "connected")
    hold(work, on=True)
    heard(simulator, attempt, "on_hold")
    hold(work, on=False)
    heard(simulator, attempt, "connected")
    hang_up(work)
    assert heard(simulator, attempt, "ended").outcome == "answered"


def test_nobody_is_held_before_they_answer(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="02"))
    start_call(work, key=uuid4())
    with pytest.raises(NoDialError, match="Nobody is on the line"):
        hold(work, on=True)


def test_by_hand_the_agent_says_when_it_is_over(campaign, agent, monkeypatch):
    monkeypatch.setattr(calls, "get_dialer", ManualDialer)
    work = in_work(agent, make_callback(campaign))
    attempt = start_call(work, key=uuid4())
    assert attempt.state == "dialing"
    hang_up(work)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.outcome) == ("ended", "unknown")  # Done asks what it was


def test_a_dial_that_never_reached_the_carrier_ends_after_ten_seconds(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    lost = Attempt.objects.create(
        key=uuid4(), callback_id=work.callback_id, contact=Callback.objects.get().contact,
        campaign=Campaign.objects.get(), number=PhoneNumber.objects.get(), agent_id=agent.pk,
    )  # fmt: skip
    listen(simulator)
    lost.refresh_from_db()
    assert lost.state == "intended"  # it may still be on its way
    Attempt.objects.update(intended_at=lost.intended_at - timedelta(seconds=11))
    listen(simulator)
    lost.refresh_from_db()
    assert (lost.state, lost.outcome) == ("ended", "network_error")
    assert simulator.started() == []
    assert Kind.ENDED in {event.kind for event in simulator.reconcile([lost.key])}
