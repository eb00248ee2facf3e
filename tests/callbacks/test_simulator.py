"""The simulated carrier: its endings, its memory, its bill."""

import time
from uuid import uuid4

import pytest

from callbacks.dialers.base import CallRequest, DialerUnavailableError, Kind, ReplyLostError
from callbacks.dialers.simulator import Simulator
from campaigns.rules.retry import Outcome
from tests.telephony import StillCarrier


@pytest.fixture
def carrier(tmp_path):
    simulator = StillCarrier(tmp_path, speed=1)
    simulator.beat()
    return simulator


def dial(carrier, ending):
    key = uuid4()
    carrier.start(CallRequest(key, f"+4474000000{ending}"))
    return key


def until(carrier, key, kind, patience=60):
    """All events of the call once the wanted one is among them, within a minute of telephony."""
    for _ in range(10 * patience):
        events = carrier.reconcile([key])
        if any(event.kind is kind for event in events):
            return events
        carrier.later(0.1)
    raise AssertionError(f"no {kind} within {patience} s")


@pytest.mark.parametrize(
    ("ending", "outcome", "rings"),
    [
        ("01", Outcome.VOICEMAIL, True),
        ("02", Outcome.NO_ANSWER, True),
        ("03", Outcome.BUSY, True),
        ("04", Outcome.NETWORK_ERROR, True),
        ("05", Outcome.INVALID_NUMBER, False),  # there is nothing to ring
    ],
)
def test_the_last_digits_force_the_ending(carrier, ending, outcome, rings):
    events = until(carrier, dial(carrier, ending), Kind.ENDED)
    assert [event.kind for event in events] == [Kind.RINGING] * rings + [Kind.ENDED]
    assert events[-1].outcome is outcome
    assert events[-1].cause


def test_any_other_number_answers(carrier):
    events = until(carrier, dial(carrier, "10"), Kind.CONNECTED)
    assert [event.kind for event in events] == [Kind.RINGING, Kind.CONNECTED]


def test_a_dropped_line_ends_an_answered_call(carrier):
    events = until(carrier, dial(carrier, "07"), Kind.ENDED)
    assert [event.kind for event in events] == [Kind.RINGING, Kind.CONNECTED, Kind.ENDED]
    assert events[-1].outcome is Outcome.ANSWERED


def test_a_hang_up_before_the_answer_is_cancelled_by_the_agent(carrier):
    key = dial(carrier, "02")
    carrier.hang_up(key)
    events = until(carrier, key, Kind.ENDED)
    assert events[-1].outcome is Outcome.CANCELLED_BY_AGENT


def test_a_hang_up_after_the_answer_ends_an_answered_call(carrier):
    key = dial(carrier, "00")  # they would talk for an hour
    until(carrier, key, Kind.CONNECTED)
    carrier.hang_up(key)
    ended = until(carrier, key, Kind.ENDED)[-1]
    assert (ended.outcome, ended.cause) == (Outcome.ANSWERED, "Ended by the agent")


def test_a_call_is_held_and_retrieved(carrier):
    key = dial(carrier, "00")
    until(carrier, key, Kind.CONNECTED)
    carrier.hold(key, on=True)
    carrier.hold(key, on=False)
    kinds = [event.kind for event in until(carrier, key, Kind.RETRIEVED)]
    assert kinds == [Kind.RINGING, Kind.CONNECTED, Kind.HELD, Kind.RETRIEVED]


def test_nobody_can_be_held_before_they_answer(carrier):
    key = dial(carrier, "00")
    carrier.hold(key, on=True)
    kinds = [event.kind for event in until(carrier, key, Kind.CONNECTED)]
    assert Kind.HELD not in kinds


def test_sequences_rise_within_a_call(carrier):
    key = dial(carrier, "07")
    events = until(carrier, key, Kind.ENDED)
    assert [event.sequence for event in events] == [0, 1, 2]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_a_lost_reply_is_a_real_dial(carrier):
    with pytest.raises(ReplyLostError):
        dial(carrier, "08")
    assert len(carrier.started()) == 1


def test_a_slow_reply_is_slow_and_dials_once(carrier):
    began = carrier.held.time()
    dial(carrier, "09")
    assert carrier.held.time() - began > 2
    assert len(carrier.started()) == 1


def test_the_bill_lists_every_dial_that_was_asked_for(carrier):
    keys = [dial(carrier, "10"), dial(carrier, "03")]
    carrier.start(CallRequest(keys[0], "+447400000010"))  # asked again: billed again
    assert [key for key, _ in carrier.started()] == [*keys, keys[0]]


def test_the_carriers_memory_outlives_its_process(carrier, tmp_path):
    key = dial(carrier, "07")
    first = until(carrier, key, Kind.ENDED)
    restarted = StillCarrier(tmp_path, speed=1)
    restarted.later(60)
    assert restarted.reconcile([key]) == first
    assert restarted.started() == carrier.started()


def test_two_processes_on_one_folder_see_each_others_calls(carrier, tmp_path):
    other = StillCarrier(tmp_path, speed=1)
    assert other.started() == []
    key = dial(carrier, "00")
    assert [seen for seen, _ in other.started()] == [key]
    until(other, key, Kind.CONNECTED)
    other.hang_up(key)
    assert until(carrier, key, Kind.ENDED)[-1].outcome is Outcome.ANSWERED


def test_a_call_that_was_never_asked_for_has_ended(carrier):
    (event,) = carrier.reconcile([uuid4()])
    assert (event.kind, event.outcome) == (Kind.ENDED, Outcome.NETWORK_ERROR)
    assert carrier.started() == []


def test_without_somebody_who_listens_nothing_is_dialled(tmp_path):
    carrier = Simulator(tmp_path)
    assert not carrier.health().can_dial
    with pytest.raises(DialerUnavailableError):
        dial(carrier, "10")
    assert carrier.started() == []
    carrier.beat()
    dial(carrier, "10")
    assert len(carrier.started()) == 1


def test_a_listener_who_fell_silent_five_seconds_ago_is_gone(carrier):
    import os

    silent = time.time() - 6
    os.utime(carrier._heartbeat, (silent, silent))
    assert not carrier.health().can_dial


def test_with_a_seed_the_same_calls_end_alike(tmp_path):
    keys = [uuid4() for _ in range(30)]
    stories = []
    for name in ("one", "two"):
        carrier = StillCarrier(tmp_path / name, speed=1, seed=7)
        carrier.beat()
        for key in keys:
            carrier.start(CallRequest(key, "+447400000010"))
        carrier.later(8)
        events = carrier.reconcile(keys)
        stories.append([(event.key, event.kind, event.outcome) for event in events])
    assert stories[0] == stories[1]
    assert len({outcome for _, _, outcome in stories[0]}) > 2  # not all alike
