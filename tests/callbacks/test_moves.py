"""One statement per change: guarded, told once, or refused with nothing changed."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import connection

from callbacks import queue
from callbacks.actions.offers import release_expired_offers
from callbacks.models import Callback
from callbacks.queue import Actor, Move
from callbacks.rules.states import TRANSITIONS, Event, RefusedError, State
from contacts import clock
from tests.factories import in_work, make_agent, make_callback, offered, snapshot, story


def brought_to(state, campaign, agent):
    """A callback in that state, brought there by the table's own events."""
    callback = make_callback(campaign)
    if state in (State.OFFERED, State.WORKING):
        (offered if state is State.OFFERED else in_work)(agent, callback)
    ends = {State.COMPLETED: Event.COMPLETE, State.CANCELLED: Event.CANCEL}
    ends |= {State.EXHAUSTED: Event.EXHAUST, State.EXPIRED: Event.EXPIRE}
    if state in ends:
        queue.move(callback.pk, ends[state], actor=queue.SYSTEM)
    callback.refresh_from_db()
    assert callback.state == state
    return callback


@pytest.mark.parametrize(("state", "event"), sorted(TRANSITIONS, key=str))
def test_every_allowed_move_writes_the_state_and_exactly_one_event(campaign, agent, state, event):
    callback = brought_to(state, campaign, agent)
    if event is Event.OFFER:
        queue.claim_next(agent.pk, None)  # an offer is always a claim
    else:
        queue.move(callback.pk, event, actor=Actor("agent", agent.pk), reason="because")
    before = len(story(callback))
    told = callback.events.order_by("id").last()
    callback.refresh_from_db()
    after = TRANSITIONS[state, event]
    assert callback.state == after
    assert (told.name, told.from_state, told.to_state) == (event, state, after)
    assert story(callback).count(event) == 1
    steps = {State.SCHEDULED: 2, State.OFFERED: 3, State.WORKING: 4}
    assert before == steps.get(state, 3)


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair in product(State, Event) if pair not in TRANSITIONS and pair[1] != Event.OFFER],
)
def test_any_other_move_is_refused_and_changes_nothing(campaign, agent, state, event):
    callback = brought_to(state, campaign, agent)
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        queue.move(callback.pk, event, actor=queue.SYSTEM, changes={"priority": 7})
    assert snapshot() == before
    assert (refused.value.state, refused.value.code) == (state, "state")


@pytest.mark.parametrize(
    ("version", "holder", "code"),
    [
        (-1, 0, "stale"),  # an older claim
        (+1, 0, "stale"),  # one that never was
        (0, +1, "holder"),  # somebody else's
        (-1, +1, "holder"),
    ],
)
def test_a_stale_version_or_a_foreign_agent_is_refused(campaign, agent, version, holder, code):
    other = make_agent(campaign)
    work = offered(agent, make_callback(campaign))
    claim = {
        "version": work.version + version,
        "agent_id": other.pk if holder else agent.pk,
    }
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        queue.move(work.callback_id, Event.ACCEPT, actor=queue.SYSTEM, **claim)
    assert snapshot() == before
    assert (refused.value.code, refused.value.state) == (code, State.OFFERED)
    queue.move(  # the true claim is still good
        work.callback_id, Event.ACCEPT, actor=queue.SYSTEM, version=work.version, agent_id=agent.pk
    )


def test_what_does_not_exist_is_refused_as_missing(campaign):
    with pytest.raises(RefusedError, match="no such callback") as refused:
        queue.move(987_654, Event.CANCEL, actor=queue.SYSTEM)
    assert refused.value.code == "missing"


def test_a_move_returns_the_callback_as_it_was(campaign, agent):
    work = offered(agent, make_callback(campaign))
    held = queue.move(work.callback_id, Event.CANCEL, actor=queue.SYSTEM, reason="Not needed")
    assert held == queue.Held(work.callback_id, State.OFFERED, agent.pk, work.version)
    callback = Callback.objects.get(pk=work.callback_id)
    assert (callback.agent_id, callback.offer_expires_at) == (None, None)
    assert callback.ended_at is not None
    assert callback.ended_reason == "Not needed"


def test_events_say_who_why_and_with_what(campaign, agent):
    callback = make_callback(campaign)
    queue.move(
        callback.pk, Event.SKIP, actor=Actor("supervisor", agent.pk), reason="Asked by phone",
        data={"to": clock.now()}, changes={"priority": 3},
    )  # fmt: skip
    told = callback.events.order_by("id").last()
    assert (told.actor_kind, told.actor_id, told.reason) == (
        "supervisor",
        agent.pk,
        "Asked by phone",
    )
    assert set(told.data) == {"to"}
    assert Callback.objects.get(pk=callback.pk).priority == 3


def expire(*callbacks):
    ids = [callback.pk for callback in callbacks]
    Callback.objects.filter(pk__in=ids).update(offer_expires_at=clock.now() - timedelta(seconds=1))


def test_expired_offers_go_back_in_line_with_their_place(campaign, agent):
    callback = make_callback(campaign, priority=4)
    work = offered(agent, callback)
    expire(callback)
    assert release_expired_offers() == [
        queue.Held(callback.pk, State.OFFERED, agent.pk, work.version)
    ]
    back = Callback.objects.get(pk=callback.pk)
    assert (back.state, back.agent_id, back.offer_expires_at) == ("scheduled", None, None)
    assert (back.priority, back.callable_from, back.due_at) == (
        4, callback.callable_from, callback.due_at,
    )  # fmt: skip
    assert story(callback) == ["request", "offer", "time_out"]


def test_releasing_twice_releases_once(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    expire(callback)
    assert len(release_expired_offers()) == 1
    before = snapshot()
    assert release_expired_offers() == []
    assert snapshot() == before


def test_offers_whose_time_has_not_come_and_work_stay(campaign):
    waiting, working = make_callback(campaign), make_callback(campaign)
    offered(make_agent(campaign), waiting)
    in_work(make_agent(campaign), working)
    before = snapshot()
    assert release_expired_offers() == []
    assert snapshot() == before


def done(callback_id, version, event=Event.DONE, **changes):
    return Move(callback_id, event, version, reason="Handled", changes=changes)


def moved(rows):
    return {held.callback_id for held in queue.move_many(rows, actor=queue.SYSTEM)}


def test_settling_passes_over_what_is_stale_or_not_in_work(campaign):
    works = [in_work(make_agent(campaign), make_callback(campaign)) for _ in range(2)]
    offer = offered(make_agent(campaign), make_callback(campaign))
    rows = [
        done(works[0].callback_id, works[0].version),
        done(works[1].callback_id, works[1].version - 1),  # an older claim
        done(offer.callback_id, offer.version),  # not accepted yet
        done(987_654, 1),  # no such callback
    ]
    assert moved(rows) == {works[0].callback_id}
    states = dict(Callback.objects.values_list("pk", "state"))
    assert [states[work.callback_id] for work in (*works, offer)] == [
        "completed", "working", "offered",
    ]  # fmt: skip


def test_settling_twice_settles_once(campaign, agent):
    work = in_work(agent, make_callback(campaign))
    rows = [done(work.callback_id, work.version)]
    assert moved(rows) == {work.callback_id}
    before = snapshot()
    assert moved(rows) == set()
    assert snapshot() == before


def test_settling_takes_many_at_once_each_with_its_own_end(campaign):
    works = [in_work(make_agent(campaign), make_callback(campaign)) for _ in range(3)]
    due = clock.now() + timedelta(hours=1)
    rows = [
        done(works[0].callback_id, 1),
        done(works[1].callback_id, 1, Event.EXHAUST),
        done(works[2].callback_id, 1, Event.RETRY, due_at=due, callable_from=due,
             retry_number=2, retry_max=3, trigger_outcome="busy"),
    ]  # fmt: skip
    assert len(moved(rows)) == 3
    states = dict(Callback.objects.values_list("pk", "state"))
    assert [states[work.callback_id] for work in works] == ["completed", "exhausted", "scheduled"]
    retried = Callback.objects.get(pk=works[2].callback_id)
    assert (retried.due_at, retried.callable_from) == (due, due)
    assert (retried.retry_number, retried.retry_max, retried.trigger_outcome) == (2, 3, "busy")
    assert (retried.agent_id, retried.ended_at) == (None, None)


def test_a_column_that_is_not_for_changing_is_refused_before_anything_is_written(campaign, agent):
    work = in_work(agent, make_callback(campaign))
    before = snapshot()
    with pytest.raises(ValueError, match="state"):
        moved([done(work.callback_id, work.version, state="expired")])
    assert snapshot() == before


def test_entering_a_second_live_callback_does_nothing(campaign):
    first = make_callback(campaign)
    before = snapshot()
    second = Callback(
        contact=first.contact, number=first.number, campaign=campaign,
        due_at=clock.now(), counts_from=clock.now(),
    )  # fmt: skip
    assert queue.enter(second, actor=queue.SYSTEM, data={}) is False
    assert snapshot() == before
    with connection.cursor() as cursor:  # the transaction goes on
        cursor.execute("SELECT 1")
