"""The customer reaches us first: closed, and undone for ten minutes (RULES 5)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks import notices
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.inbound import (
    customer_called,
    customer_called_about,
    undo_customer_called,
)
from callbacks.actions.intake import request_callback
from callbacks.actions.line import call_now
from callbacks.actions.manage import cancel, complete
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor, claim_next
from callbacks.rules.states import RefusedError
from contacts import clock
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    make_request,
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, D = timedelta(minutes=1), timedelta(days=1)
API = Actor("api")


def called(callback, campaign=None):
    return customer_called(callback.number, campaign=campaign or callback.campaign, actor=API)


def undo(callback):
    undo_customer_called(callback.pk, actor=Actor("agent", 77))
    return Callback.objects.get(pk=callback.pk)


def state(callback):
    return Callback.objects.get(pk=callback.pk).state


def a_while_ago(callback, ago):
    """The end of the callback happened some time ago. Stories are not edited, so told anew."""
    told = callback.events.get(name="complete")
    told.delete()
    told.at -= ago
    told.save(force_insert=True)


def test_what_waits_in_the_campaign_of_the_matter_is_closed_and_nothing_else(campaign):
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    stranger = make_callback(campaign)
    closed = called(callback)
    assert closed.callback_ids == [callback.pk]
    assert closed.undo_until == clock.now() + 10 * M
    assert [state(one) for one in (callback, elsewhere, stranger)] == [
        "completed", "scheduled", "scheduled",
    ]  # fmt: skip
    assert Callback.objects.get(pk=callback.pk).ended_reason == "Customer called"
    assert story(callback) == ["request", "complete"]


def test_everybody_at_the_number_has_called(campaign):
    callback = make_callback(campaign)
    other = make_callback(campaign, contact=make_contact("Rui", number=callback.number))
    assert sorted(called(callback).callback_ids) == sorted([callback.pk, other.pk])


def test_an_offered_one_is_withdrawn_and_its_agent_told(campaign, agent, monkeypatch):
    told = []
    monkeypatch.setattr(notices, "tell_agent", lambda *args, **facts: told.append((args, facts)))
    callback = make_callback(campaign)
    offered(agent, callback)
    assert called(callback).callback_ids == [callback.pk]
    assert story(callback) == ["request", "offer", "withdraw", "complete"]
    assert told == [((agent.pk, "withdrawn"), {"why": "The customer called us"})]


def test_work_in_hand_is_left_to_its_agent(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    assert called(callback).callback_ids == []
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) == ("working", agent.pk)
    assert story(callback)[-1] == "cancel_asked"  # and the agent has been told


def test_calling_twice_closes_once(campaign):
    callback = make_callback(campaign)
    called(callback)
    before = snapshot()
    assert called(callback).callback_ids == []
    assert snapshot() == before


def test_the_desk_says_it_of_one_callback(campaign, agent):
    callback, other = make_callback(campaign), make_callback(campaign)
    offered(agent, callback)
    assert customer_called_about(callback.pk, actor=API).callback_ids == [callback.pk]
    assert [state(callback), state(other)] == ["completed", "scheduled"]


@pytest.mark.parametrize("position", ["working", "cancelled", "missing"])
def test_of_what_does_not_wait_it_cannot_be_said(campaign, agent, position):
    callback = make_callback(campaign)
    if position == "working":
        in_work(agent, callback)
    if position == "cancelled":
        cancel(callback.pk, actor=SYSTEM)
    before = snapshot()
    words = "no such callback" if position == "missing" else position
    with pytest.raises(RefusedError, match=words):
        customer_called_about(987_654 if position == "missing" else callback.pk, actor=API)
    assert snapshot() == before


KEPT = (
    "due_at", "callable_from", "callable_until", "promised_from", "promised_until", "priority",
    "own_time", "said_wall", "reserved_for_id", "retry_number", "about", "reject_count",
    "counts_from", "attention",
)  # fmt: skip


@pytest.mark.parametrize("hands", [None, offered])
def test_undone_within_ten_minutes_the_promise_and_the_place_are_kept(campaign, agent, hands):
    first = request_callback(make_request(campaign)).callback
    make_callback(campaign, callable_in=-M)
    Callback.objects.filter(pk=first.pk).update(priority=3, retry_number=1, reject_count=2)
    before = Callback.objects.filter(pk=first.pk).values(*KEPT).get()
    if hands:
        hands(agent, Callback.objects.get(pk=first.pk))
    called(first)
    a_while_ago(first, 10 * M)
    after = undo(first)
    assert (after.state, after.ended_at, after.ended_reason) == ("scheduled", None, "")
    assert Callback.objects.filter(pk=first.pk).values(*KEPT).get() == before
    assert claim_next(agent.pk, None).callback_id == first.pk
    told = first.events.get(name="reopen")
    assert (told.from_state, told.to_state, told.actor_id) == ("completed", "scheduled", 77)


def test_undone_it_is_still_called_now(campaign, agent):
    callback = make_callback(campaign, due=D, callable_in=D)
    call_now(callback.pk, agent_id=None, actor=SYSTEM)
    called(callback)
    undo(callback)
    assert claim_next(agent.pk, None).callback_id == callback.pk


def test_undone_into_hours_that_have_changed_it_waits_for_its_window(campaign):
    callback = make_callback(campaign)
    called(callback)
    open_only_in(campaign, 2)
    after = undo(callback)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert (after.state, after.callable_from) == ("scheduled", midnight + 2 * D)
    assert after.due_at == callback.due_at


def refused_undo(callback, code):
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        undo(callback)
    assert refused.value.code == code
    assert snapshot() == before


def test_after_ten_minutes_it_is_too_late(campaign):
    callback = make_callback(campaign)
    called(callback)
    a_while_ago(callback, 10 * M + timedelta(seconds=1))
    refused_undo(callback, "too_late")


def test_a_contact_with_a_new_callback_keeps_that_one(campaign):
    request = make_request(campaign)
    callback = request_callback(request).callback
    called(callback)
    again = request_callback(replace(request, key=uuid4())).callback
    assert again.pk != callback.pk
    refused_undo(callback, "replaced")


@pytest.mark.parametrize(
    "end",
    [
        lambda callback: cancel(callback.pk, actor=SYSTEM),
        lambda callback: complete(callback.pk, actor=SYSTEM, reason="By e-mail"),
        lambda callback: None,
    ],
)
def test_what_something_else_ended_is_not_opened_again(campaign, end):
    callback = make_callback(campaign)
    end(callback)
    refused_undo(callback, "other")


def test_undone_twice_is_refused_and_it_can_be_closed_again(campaign):
    callback = make_callback(campaign)
    called(callback)
    undo(callback)
    refused_undo(callback, "other")
    called(callback)
    assert undo(callback).state == "scheduled"


def test_what_does_not_exist_cannot_be_undone(campaign):
    before = snapshot()
    with pytest.raises(RefusedError, match="no such callback"):
        undo_customer_called(987_654, actor=API)
    assert snapshot() == before


def test_do_not_call_stands_above_undo(campaign):
    callback = make_callback(campaign)
    called(callback)
    forbid_calls(callback.number, reason="Asked", actor=SYSTEM)
    refused_undo(callback, "do_not_call")
