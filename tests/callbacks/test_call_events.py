"""What the carrier says, in any order and any number of times."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.actions.calls import apply_event
from callbacks.dialers.base import CallEvent, Kind
from callbacks.models import Attempt
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.models import PhoneNumber
from tests.factories import in_work, make_attempt, make_callback, snapshot

RANK = {"dialing": 0, "ringing": 1, "connected": 2, "on_hold": 2, "ended": 3}
KINDS = (Kind.RINGING, Kind.CONNECTED, Kind.HELD, Kind.RETRIEVED, Kind.ENDED)


@pytest.fixture
def attempt(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    return make_attempt(callback, "", ago=timedelta(0), state="dialing", ended_at=None)


def events_of(attempt):
    at = attempt.intended_at
    return [
        CallEvent(
            attempt.key, number, kind, at + timedelta(seconds=number),
            Outcome.ANSWERED if kind is Kind.ENDED else None,
        )
        for number, kind in enumerate(KINDS)
    ]  # fmt: skip


def forget(attempt):
    Attempt.objects.filter(pk=attempt.pk).update(
        state="dialing", sequence=-1, outcome="", answered_at=None, ended_at=None
    )


def test_in_order_each_event_brings_its_state(attempt):
    seen = []
    for event in events_of(attempt):
        assert apply_event(event)
        attempt.refresh_from_db()
        seen.append(attempt.state)
    assert seen == ["ringing", "connected", "on_hold", "connected", "ended"]
    assert (attempt.outcome, attempt.sequence) == ("answered", 4)
    assert attempt.answered_at == attempt.intended_at + timedelta(seconds=1)
    assert attempt.ended_at == attempt.intended_at + timedelta(seconds=4)


def test_the_same_event_twice_changes_nothing(attempt):
    for event in events_of(attempt):
        assert apply_event(event)
        before = snapshot()
        assert not apply_event(event)
        assert snapshot() == before


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_in_any_order_the_rank_only_rises_and_the_end_is_final(attempt, order):
    forget(attempt)
    events = events_of(attempt)
    rank, sequence = 0, -1
    for number in order:
        before = Attempt.objects.values().get(pk=attempt.pk)
        changed = apply_event(events[number])
        attempt.refresh_from_db()
        if not changed:
            after = Attempt.objects.values().get(pk=attempt.pk)
            # A late answer is still noted as one; nothing else changes.
            assert after | {"answered_at": None} == before | {"answered_at": None}
        assert RANK[attempt.state] >= rank
        assert attempt.sequence >= sequence
        rank, sequence = RANK[attempt.state], attempt.sequence
    assert attempt.sequence == max(order)
    if 4 in order:
        assert (attempt.state, attempt.outcome) == ("ended", "answered")
        assert attempt.ended_at == events[4].at


def test_an_event_of_a_call_that_is_not_ours_changes_nothing(attempt):
    from uuid import uuid4

    before = snapshot()
    assert not apply_event(CallEvent(uuid4(), 0, Kind.ENDED, clock.now(), Outcome.BUSY))
    assert snapshot() == before


@pytest.mark.parametrize(
    ("outcome", "dead"), [(Outcome.INVALID_NUMBER, True), (Outcome.BUSY, False)]
)
def test_a_number_out_of_service_is_remembered(attempt, outcome, dead):
    at = clock.now()
    apply_event(CallEvent(attempt.key, 0, Kind.ENDED, at, outcome, "Not in service"))
    assert PhoneNumber.objects.get().invalid_since == (at if dead else None)


def test_an_end_without_an_outcome_is_unknown(attempt):
    apply_event(CallEvent(attempt.key, 0, Kind.ENDED, clock.now()))
    attempt.refresh_from_db()
    assert (attempt.state, attempt.outcome) == ("ended", "unknown")


@pytest.mark.parametrize(
    ("kind", "state"), [(Kind.RINGING, "ringing"), (Kind.CONNECTED, "connected")]
)
def test_an_unknown_call_is_known_again_by_what_the_carrier_says(attempt, kind, state):
    Attempt.objects.update(state="unknown")
    assert apply_event(CallEvent(attempt.key, 0, kind, clock.now()))
    attempt.refresh_from_db()
    assert attempt.state == state
