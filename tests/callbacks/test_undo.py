"""What a supervisor did is taken back within seconds: as it was, or refused and nothing changed."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from callbacks import cases, notices, queue
from callbacks.actions import inbound
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import Wish, request_callback, withdraw_request
from callbacks.actions.line import bump, call_now, reassign
from callbacks.actions.manage import cancel, complete, reschedule, skip
from callbacks.actions.undo import undo, undoable
from callbacks.actions.windows import roll_contact
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import CHANGEABLE, SYSTEM, Actor
from callbacks.rules.states import Event, RefusedError
from campaigns.models import HoursChange
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.models import PhoneNumber
from contacts.rules.phone import read_number
from tests.factories import (
    ANY_COUNTRY,
    in_work,
    make_attempt,
    make_callback,
    make_contact,
    make_request,
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
S, H, D = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
BOSS = Actor("supervisor", 77)


def move_away(pk, actor):
    wall = (clock.now() + 2 * D).replace(tzinfo=None, second=0, microsecond=0)
    reschedule(pk, to=Wish(wall, "UTC"), actor=actor)


def exhaust(pk, actor):
    """The last retry is skipped."""
    Callback.objects.filter(pk=pk).update(retry_number=3)
    made = Callback.objects.get(pk=pk)
    for ago in (3, 2, 1):
        make_attempt(made, "no_answer", ago=ago * D)
    skip(pk, actor=actor)
    assert Callback.objects.get(pk=pk).state == "exhausted"


ACTS = {
    "reschedule": move_away,
    "skip": lambda pk, actor: skip(pk, actor=actor),
    "exhaust": exhaust,
    "reassign": lambda pk, actor: reassign(pk, agent_id=None, actor=actor),
    "bump": lambda pk, actor: bump(pk, up=True, actor=actor),
    "call_now": lambda pk, actor: call_now(pk, agent_id=None, actor=actor),
    "cancel": lambda pk, actor: cancel(pk, reason="Not needed", actor=actor),
    "complete": lambda pk, actor: complete(pk, reason="By e-mail", actor=actor),
}
ENDS = {"exhaust": "exhausted", "cancel": "cancelled", "complete": "completed"}
EVERY = pytest.mark.parametrize("act", list(ACTS))


@pytest.fixture
def waiting(campaign, agent):
    """A first retry, asked for at a time of the customer's own and kept for one agent."""
    wall = (clock.now() + D).replace(tzinfo=None, second=0, microsecond=0)
    request = make_request(campaign, wish=Wish(wall, "UTC"), said_zone="UTC")
    callback = request_callback(request).callback
    Callback.objects.filter(pk=callback.pk).update(
        trigger_outcome="no_answer", retry_number=1, retry_max=3, priority=3, reject_count=1,
        counts_from=clock.now() - 9 * D, reserved_for=agent.pk, reserved_until=clock.now() + 2 * D,
    )  # fmt: skip
    callback.refresh_from_db()
    make_attempt(callback, "no_answer", ago=4 * D)
    return callback


def columns(callback):
    row = Callback.objects.filter(pk=callback.pk)
    return row.values("state", "agent_id", "ended_at", "ended_reason", *CHANGEABLE).get()


def did(act, callback, actor=BOSS):
    """Do it. Returns the event by which it can be undone."""
    ACTS[act](callback.pk, actor)
    told = callback.events.order_by("id").last()
    assert told.name == act
    return told.pk


def refused(callback, event_id, code, actor=BOSS):
    before = snapshot()
    with pytest.raises(RefusedError) as error:
        undo(callback.pk, event_id=event_id, actor=actor)
    assert error.value.code == code
    assert snapshot() == before
    return str(error.value)


def happened(event_id, ago):
    """It was some time ago. Stories are not edited, so told anew."""
    told = CallbackEvent.objects.get(pk=event_id)
    told.delete()
    told.pk, told.at = event_id, told.at - ago
    told.save(force_insert=True)


# --- as it was


@EVERY
def test_each_action_is_taken_back_to_the_last_column(campaign, waiting, act):
    if act == "exhaust":
        Callback.objects.filter(pk=waiting.pk).update(retry_number=3)
    before = columns(waiting)
    event_id = did(act, waiting)
    changed = columns(waiting)
    assert changed != before
    assert undo(waiting.pk, event_id=event_id, actor=BOSS) == act
    assert columns(waiting) == before
    told = waiting.events.order_by("id").last()
    assert (told.name, told.from_state, told.to_state) == ("undo", changed["state"], "scheduled")
    assert (told.actor_kind, told.actor_id) == ("supervisor", 77)
    assert (told.data["event"], told.data["of"]) == (event_id, act)


@EVERY
def test_the_event_keeps_only_what_the_action_wrote(campaign, waiting, act):
    before = columns(waiting) | ({"retry_number": 3} if act == "exhaust" else {})
    kept = CallbackEvent.objects.get(pk=did(act, waiting)).data["was"]
    after = columns(waiting)
    changed = {name for name in CHANGEABLE if before[name] != after[name]}
    assert changed <= set(kept)
    for name, value in kept.items():
        is_moment = name.endswith(("_at", "_from", "_until")) and value
        assert before[name] == (datetime.fromisoformat(value) if is_moment else value)
    assert set(kept) == set() if act in ENDS else kept


@EVERY
def test_undone_it_is_in_line_at_its_place(campaign, agent, act):
    make_callback(campaign)
    one = make_callback(
        campaign, due=-H, callable_in=-H - 300 * S, trigger_outcome="no_answer", retry_number=1
    )
    make_callback(campaign, priority=-1, due=-2 * H, callable_in=-3 * H)
    undo(one.pk, event_id=did(act, one), actor=BOSS)
    assert queue.claim_next(agent.pk, [campaign.pk]).callback_id == one.pk


@pytest.mark.parametrize("act", [act for act in ACTS if act != "exhaust"])
def test_one_that_was_withdrawn_from_an_agent_waits_again(campaign, agent, act):
    waiting = make_callback(campaign, priority=3, trigger_outcome="no_answer", retry_number=1)
    roll_contact(waiting.contact_id, "Its window has an end")
    offered(agent, waiting)
    event_id = did(act, waiting)
    undo(waiting.pk, event_id=event_id, actor=BOSS)
    after = columns(waiting)
    assert (after["state"], after["agent_id"]) == ("scheduled", None)
    assert (after["priority"], after["due_at"]) == (waiting.priority, waiting.due_at)
    assert story(waiting)[-1] == "undo"


def test_a_skip_taken_back_has_used_up_no_retry(campaign, waiting):
    for _ in range(4):  # the policy gives three
        undo(waiting.pk, event_id=did("skip", waiting), actor=BOSS)
    assert cases.case(waiting.pk).skips == {}
    did("skip", waiting)
    assert cases.case(waiting.pk).skips == {"no_answer": 1}
    assert cases.case(waiting.pk).so_far(Outcome.NO_ANSWER).with_this_outcome == 2
    assert Callback.objects.get(pk=waiting.pk).retry_number == 2


def test_a_time_that_has_passed_is_put_back_as_it_was(campaign):
    callback = make_callback(campaign, due=-2 * H, callable_in=-3 * H)
    undo(callback.pk, event_id=did("reschedule", callback), actor=BOSS)
    assert Callback.objects.get(pk=callback.pk).due_at == callback.due_at


@pytest.mark.parametrize("act", ["skip", "cancel"])
def test_undone_into_hours_that_have_changed_it_waits_for_its_window(campaign, act):
    callback = make_callback(campaign)
    event_id = did(act, callback)
    open_only_in(campaign, 2)
    HoursChange.objects.all().delete()  # worked off while this one had another time
    undo(callback.pk, event_id=event_id, actor=BOSS)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    after = Callback.objects.get(pk=callback.pk)
    assert (after.due_at, after.callable_from) == (callback.due_at, midnight + 2 * D)


def test_pages_and_the_matching_hear_of_it(campaign, monkeypatch):
    callback = make_callback(campaign)
    event_id = did("cancel", callback)
    heard = []
    monkeypatch.setattr(notices, "tell_queue", lambda: heard.append("queue"))
    monkeypatch.setattr(notices, "knock", lambda: heard.append("knock"))
    undo(callback.pk, event_id=event_id, actor=BOSS)
    assert heard == ["queue", "knock"]


@EVERY
def test_what_can_be_undone_is_named_by_its_event(campaign, waiting, act):
    event_id = did(act, waiting)
    assert undoable([waiting.pk, 987_654], actor=BOSS) == {waiting.pk: event_id}
    assert undoable([waiting.pk], actor=Actor("supervisor", 78)) == {}
    undo(waiting.pk, event_id=event_id, actor=BOSS)
    assert undoable([waiting.pk], actor=BOSS) == {}


# --- refused, with nothing changed


@EVERY
def test_fifteen_seconds_are_in_time_and_a_second_more_is_too_late(campaign, waiting, act):
    event_id = did(act, waiting)
    happened(event_id, 16 * S)
    assert "10 seconds" in refused(waiting, event_id, "too_late")
    happened(event_id, -S)
    undo(waiting.pk, event_id=event_id, actor=BOSS)


@EVERY
@pytest.mark.parametrize(
    "other", [Actor("supervisor", 78), Actor("agent", 77), SYSTEM, queue.CUSTOMER]
)
def test_nobody_takes_back_what_another_did(campaign, waiting, act, other):
    refused(waiting, did(act, waiting), "foreign", actor=other)


@EVERY
def test_undone_twice_is_refused(campaign, waiting, act):
    event_id = did(act, waiting)
    undo(waiting.pk, event_id=event_id, actor=BOSS)
    refused(waiting, event_id, "changed")
    refused(waiting, waiting.events.order_by("id").last().pk, "other")


@EVERY
@pytest.mark.parametrize("event_id", [0, -1, 10**30])
def test_an_event_that_is_not_the_last_one_is_refused(campaign, waiting, act, event_id):
    did(act, waiting)
    refused(waiting, event_id, "changed")


@EVERY
def test_the_event_of_another_callback_is_refused(campaign, waiting, act):
    did(act, waiting)
    other = make_callback(campaign)
    refused(waiting, did("bump", other), "changed")


MEANWHILE = {
    "moved in line": lambda one: bump(one.pk, up=True, actor=BOSS),
    "asked for again": lambda one: asks_again(one),
    "its zone chosen": lambda one: zone_moves(one),
    "cancelled": lambda one: withdraw_request(one.pk),
}


def asks_again(callback):
    """The same person at the same number."""
    number = callback.contact.numbers.get()
    request = make_request(callback.campaign)
    same = read_number(str(number.e164), "GB", ANY_COUNTRY)
    return request_callback(replace(request, number=same, key=uuid4())).callback


def zone_moves(callback):
    open_only_in(callback.campaign, 3)
    assert roll_contact(callback.contact_id, "Zone chosen") == 1


@pytest.mark.parametrize("meanwhile", list(MEANWHILE))
@pytest.mark.parametrize("act", [act for act in ACTS if act not in ENDS])
def test_what_has_happened_since_stands(campaign, waiting, act, meanwhile):
    event_id = did(act, waiting)
    MEANWHILE[meanwhile](waiting)
    refused(waiting, event_id, "changed")


@pytest.mark.parametrize("hands", [offered, in_work])
@pytest.mark.parametrize("act", [act for act in ACTS if act not in ENDS])
def test_whoever_has_it_by_now_keeps_it(campaign, agent, act, hands):
    callback = make_callback(campaign, trigger_outcome="no_answer", retry_number=1, retry_max=3)
    event_id = did(act, callback)
    Callback.objects.filter(pk=callback.pk).update(callable_from=clock.now())
    hands(agent, callback)
    assert str(agent) in refused(callback, event_id, "taken")


@pytest.mark.parametrize("act", list(ENDS))
def test_a_contact_with_a_new_callback_keeps_that_one(campaign, waiting, act):
    event_id = did(act, waiting)
    assert asks_again(waiting).pk != waiting.pk
    refused(waiting, event_id, "replaced")


@pytest.mark.parametrize("act", list(ENDS))
def test_a_new_callback_for_another_campaign_is_no_hindrance(make_campaign, waiting, act):
    event_id = did(act, waiting)
    make_callback(make_campaign(), contact=waiting.contact)
    undo(waiting.pk, event_id=event_id, actor=BOSS)
    assert Callback.objects.get(pk=waiting.pk).state == "scheduled"


@EVERY
def test_do_not_call_stands_above_undo(campaign, waiting, act):
    event_id = did(act, waiting)
    forbid_calls(waiting.number, reason="Asked", actor=SYSTEM)
    refused(waiting, event_id, "do_not_call" if act in ENDS else "changed")


@EVERY
def test_a_number_found_out_of_service_is_not_called_by_undo(campaign, waiting, act):
    event_id = did(act, waiting)
    PhoneNumber.objects.filter(pk=waiting.number_id).update(invalid_since=clock.now())
    refused(waiting, event_id, "invalid")


def test_what_does_not_exist_cannot_be_undone(campaign):
    before = snapshot()
    with pytest.raises(RefusedError, match="no such callback") as error:
        undo(987_654, event_id=1, actor=BOSS)
    assert error.value.code == "missing"
    assert snapshot() == before


# --- what else ends or moves a callback has no undo


def is_closed(callback, agent):
    inbound.customer_called_about(callback.pk, actor=BOSS)


def is_forbidden(callback, agent):
    forbid_calls(callback.number, reason="Asked", actor=BOSS)


def is_rolled(callback, agent):
    open_only_in(callback.campaign, 3)
    roll_contact(callback.contact_id, "Zone chosen", actor=BOSS)


def is_done(callback, agent):
    work = in_work(agent, callback)
    queue.move(callback.pk, Event.DONE, actor=BOSS, version=work.version)


def gave_up(callback, agent):
    in_work(agent, callback)
    queue.move(callback.pk, Event.EXHAUST, actor=BOSS)


def expired(callback, agent):
    queue.move(callback.pk, Event.EXPIRE, actor=BOSS)


@pytest.mark.parametrize(
    "act", [is_closed, is_forbidden, is_rolled, is_done, gave_up, expired, lambda *both: None]
)
def test_nothing_else_is_undone(campaign, agent, act):
    callback = make_callback(campaign)
    act(callback, agent)
    last = callback.events.order_by("id").last()
    actor = Actor(last.actor_kind, last.actor_id)
    refused(callback, last.pk, "other", actor=actor)
    assert undoable([callback.pk], actor=actor) == {}


def test_a_cancel_of_one_leaves_the_others_of_the_contact_so_there_is_one_to_put_back(
    campaign, make_campaign
):
    contact = make_contact()
    one = make_callback(campaign, contact=contact)
    other = make_callback(make_campaign(), contact=contact)
    before = columns(other)
    undo(one.pk, event_id=did("cancel", one), actor=BOSS)
    assert columns(other) == before
    assert story(other) == ["request"]


def test_a_customers_own_cancel_is_theirs(campaign):
    callback = make_callback(campaign)
    withdraw_request(callback.pk)
    refused(callback, callback.events.order_by("id").last().pk, "other")
