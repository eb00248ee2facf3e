"""The life of a callback, compared with the table of RULES 1 written down a second time."""

from itertools import product

import pytest

from callbacks.rules.states import (
    ACTIVE,
    FINAL,
    HELD,
    PENDING,
    TRANSITIONS,
    Event,
    RefusedError,
    State,
    sources,
    target,
)

# RULES 1, row by row; a line of the table may name several events.
TABLE = """
scheduled: offer>offered reschedule>scheduled skip>scheduled merge>scheduled roll>scheduled
scheduled: exhaust>exhausted cancel>cancelled complete>completed expire>expired
offered: accept>working reject>scheduled time_out>scheduled withdraw>scheduled cancel>cancelled
scheduled: note>scheduled call_now>scheduled reassign>scheduled bump>scheduled
working: retry>scheduled call_again>scheduled release>scheduled
working: done>completed give_up>cancelled exhaust>exhausted
"""
# RULES 1 and 5 in prose: a second request merges into whatever is live; a cancel during work is
# recorded and shown; both leave the state as it is. "Customer called" can be undone, and for
# seconds whatever a supervisor did.
PROSE = """
offered: merge>offered
working: merge>working cancel_asked>working note>working
completed: reopen>scheduled undo>scheduled
scheduled: undo>scheduled
cancelled: undo>scheduled
exhausted: undo>scheduled
"""


def allowed() -> dict[tuple[State, Event], State]:
    found = {}
    for line in (TABLE + PROSE).strip().splitlines():
        if not line:
            continue
        state, moves = line.split(": ")
        for move in moves.split():
            event, after = move.split(">")
            found[State(state), Event(event)] = State(after)
    return found


ALLOWED = allowed()
PAIRS = list(product(State, Event))


def test_the_table_allows_exactly_what_the_rules_name():
    assert dict(TRANSITIONS) == ALLOWED


@pytest.mark.parametrize(("state", "event"), [pair for pair in PAIRS if pair in ALLOWED])
def test_an_allowed_event_leads_to_its_state(state, event):
    assert target(state, event) is ALLOWED[state, event]


@pytest.mark.parametrize(("state", "event"), [pair for pair in PAIRS if pair not in ALLOWED])
def test_any_other_event_is_refused_with_an_error_that_names_the_state(state, event):
    with pytest.raises(RefusedError, match=f"is {state.value}: cannot") as refused:
        target(state, event)
    assert (refused.value.state, refused.value.code) == (state, "state")


def test_every_pair_was_looked_at():
    assert len(PAIRS) == 7 * 26
    assert len(ALLOWED) == 33


@pytest.mark.parametrize("state", sorted(FINAL))
def test_nothing_but_the_undo_leads_out_of_a_final_state(state):
    undo = {
        State.COMPLETED: {Event.REOPEN, Event.UNDO},
        State.CANCELLED: {Event.UNDO},
        State.EXHAUSTED: {Event.UNDO},
    }
    leads_out = {event for start, event in TRANSITIONS if start is state}
    assert leads_out == undo.get(state, set())


@pytest.mark.parametrize(
    "state", [State.COMPLETED, State.CANCELLED, State.EXHAUSTED, State.EXPIRED]
)
def test_every_end_can_be_reached(state):
    assert state in TRANSITIONS.values()


def test_states_are_active_or_final_and_never_both():
    assert {State.SCHEDULED, State.OFFERED, State.WORKING} == ACTIVE
    assert frozenset(State) == ACTIVE | FINAL
    assert not ACTIVE & FINAL


def test_pending_is_what_the_queue_lists_and_held_is_what_an_agent_has():
    assert {State.SCHEDULED, State.OFFERED} == PENDING
    assert {State.OFFERED, State.WORKING} == HELD


@pytest.mark.parametrize(
    ("event", "states"),
    [
        (Event.CANCEL, (State.SCHEDULED, State.OFFERED)),  # never out of work
        (Event.EXHAUST, (State.SCHEDULED, State.WORKING)),
        (Event.ACCEPT, (State.OFFERED,)),
        (Event.REQUEST, ()),  # begins a life, moves none
    ],
)
def test_an_event_knows_the_states_it_may_come_from(event, states):
    assert sources(event) == states
