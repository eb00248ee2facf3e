"""Do not call, while a dial is between its two gates: no dial after the commit."""

import threading
from functools import partial
from uuid import uuid4

import pytest

from callbacks.actions import calls
from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.models import Attempt, DialDecision
from callbacks.queue import SYSTEM
from contacts import clock
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import (
    in_work,
    make_callback,
)

pytestmark = RACES


def between_gates(monkeypatch):
    """The dial stops after its first gate has let it through, and goes on when told."""
    arrived, go_on = threading.Event(), threading.Event()
    begin = calls._begin

    def held(attempt):
        arrived.set()
        assert go_on.wait(20)
        return begin(attempt)

    monkeypatch.setattr(calls, "_begin", held)
    return arrived, go_on


def test_do_not_call_between_the_two_gates_of_a_dial_stops_it(
    campaign, agent, simulator, monkeypatch
):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    arrived, go_on = between_gates(monkeypatch)

    def forbid():
        assert arrived.wait(20)
        forbid_calls(callback.number, reason="Asked", actor=SYSTEM)  # committed before
        go_on.set()

    simulator.beat()
    _, attempt = at_once(forbid, partial(start_call, work, key=uuid4()))
    assert simulator.started() == []
    assert not isinstance(attempt, Exception)
    stopped = Attempt.objects.get()
    assert (stopped.state, stopped.dialed_at, stopped.cause) == (
        "ended", None, "Blocked: do_not_call",
    )  # fmt: skip
    told = DialDecision.objects.get()
    assert (told.allowed, told.reason, told.attempt_id) == (False, "do_not_call", stopped.pk)
    assert told.inputs["do_not_call"] is True


def test_a_dial_that_has_passed_its_second_gate_goes_first_and_do_not_call_waits(
    campaign, agent, simulator, monkeypatch
):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    passed, committed = threading.Event(), threading.Event()
    store = calls._store

    def held(one, facts, verdict, attempt):
        store(one, facts, verdict, attempt)
        if attempt is not None:
            passed.set()  # the number's row is locked until this transaction ends
            committed.wait(0.5)  # nobody sets it: the other one has to wait for us

    monkeypatch.setattr(calls, "_store", held)

    def forbid():
        assert passed.wait(20)
        forbid_calls(callback.number, reason="Asked", actor=SYSTEM)
        committed.set()
        return Attempt.objects.get().state

    simulator.beat()
    seen, attempt = at_once(forbid, partial(start_call, work, key=uuid4()))
    assert errors([seen, attempt]) == []
    assert seen != "intended"  # listed only after the dial had begun
    assert [key for key, _ in simulator.started()] == [attempt.key]
    assert DialDecision.objects.get().allowed
    monkeypatch.undo()
    Attempt.objects.update(state="ended", ended_at=clock.now(), outcome="busy")
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert (refused.value.code, refused.value.verdict.reason) == ("gate", "do_not_call")
    assert len(simulator.started()) == 1


@pytest.mark.parametrize("_again", range(5))
def test_do_not_call_and_a_dial_at_once_are_in_one_order(campaign, agent, simulator, _again):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    simulator.beat()
    answers = at_once(
        partial(forbid_calls, callback.number, reason="Asked", actor=SYSTEM),
        partial(start_call, work, key=uuid4()),
    )
    for error in errors(answers):
        assert isinstance(error, NoDialError)
    dialled = len(simulator.started())
    decision = DialDecision.objects.order_by("-pk").first()
    assert decision.allowed == bool(dialled)
    assert Attempt.objects.filter(dialed_at__isnull=False).count() == dialled
