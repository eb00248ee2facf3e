"""The source's manual actions on a pending callback, each from the supervisor to the telephone."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from agentdesk.actions import finish_work, set_ready
from callbacks.actions.calls import start_call
from callbacks.actions.intake import IntakeRefusedError
from callbacks.actions.line import bump, call_now, reassign
from callbacks.actions.manage import cancel, complete, reschedule, skip
from callbacks.actions.offers import accept_offer
from callbacks.actions.selection import each
from callbacks.queue import Actor
from callbacks.rules.gate import BlockedError
from callbacks.rules.states import RefusedError
from campaigns.actions import pause
from contacts import clock
from tests.conformance.floor import (
    RETRIED,
    ask,
    bill,
    call,
    dial,
    instant,
    label,
    later,
    offer,
    same_number,
    says,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import (
    make_agent,
    make_campaign,
    make_user,
    open_only_in,
    snapshot,
    story,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SUPERVISOR = Actor("supervisor")

retried = pytest.mark.parametrize("trigger", RETRIED, ids=str)


def actions(agent):
    """All manual actions by name, on any callback."""
    return {
        "call now": partial(call_now, agent_id=agent.pk, actor=SUPERVISOR),
        "reschedule": partial(reschedule, to=wish(2 * D), actor=SUPERVISOR),
        "skip": partial(skip, actor=SUPERVISOR),
        "cancel": partial(cancel, actor=SUPERVISOR),
        "mark complete": partial(complete, actor=SUPERVISOR),
        "reassign": partial(reassign, agent_id=agent.pk, actor=SUPERVISOR),
        "bump": partial(bump, up=True, actor=SUPERVISOR),
    }


NAMES = ("call now", "reschedule", "skip", "cancel", "mark complete", "reassign", "bump")
all_actions = pytest.mark.parametrize("name", NAMES)


# --- Call Now: immediately trigger the callback


def test_call_now_rings_the_contact_long_before_its_time(campaign, agent, simulator):
    callback = ask(campaign, wish=wish(5 * D))
    assert offer(agent) is None
    call_now(callback.pk, agent_id=agent.pk, actor=SUPERVISOR)
    attempt = call(simulator, agent, callback, "resolved")
    assert not attempt.early  # nobody has to press twice
    assert (callback.state, bill(simulator, callback)) == ("completed", 1)


def test_call_now_goes_before_everybody_and_to_the_named_agent(campaign, agent):
    first = ask(campaign)
    bump(first.pk, up=True, actor=SUPERVISOR)
    urgent = ask(campaign, wish=wish(5 * D))
    other = make_agent(campaign)
    call_now(urgent.pk, agent_id=other.pk, actor=SUPERVISOR)
    assert offer(other).callback_id == urgent.pk
    assert offer(agent).callback_id == first.pk


def test_call_now_for_anybody_goes_to_whoever_is_free(campaign, agent):
    ask(campaign)
    urgent = ask(campaign, wish=wish(5 * D))
    call_now(urgent.pk, agent_id=None, actor=SUPERVISOR)
    assert offer(agent).callback_id == urgent.pk


def test_call_now_on_a_retry_uses_it_and_counts_on(campaign, agent, simulator):
    callback = ask(campaign, "01")
    call(simulator, agent, callback, "voicemail")
    later(H)
    call_now(callback.pk, agent_id=agent.pk, actor=SUPERVISOR)
    attempt = call(simulator, agent, callback, "voicemail")
    assert label(callback) == "Retry 2 of 3"
    assert callback.due_at == attempt.ended_at + 24 * H
    assert callback.priority == 0  # its next time is an ordinary one


@pytest.mark.parametrize("reason", ["paused", "closed"])
def test_call_now_does_not_break_the_law(campaign, agent, simulator, reason):
    callback = ask(campaign, wish=wish(5 * D))
    if reason == "paused":
        pause(campaign, by="Priya Nair")
    else:
        open_only_in(campaign, 3)
    before = snapshot()
    with pytest.raises(BlockedError):
        call_now(callback.pk, agent_id=agent.pk, actor=SUPERVISOR)
    assert snapshot() == before
    assert offer(agent) is None
    assert simulator.started() == []


# --- Reschedule: change the callback time


def test_reschedule_changes_the_time_and_nothing_else(campaign, agent, simulator):
    callback = ask(campaign, "01")
    call(simulator, agent, callback, "voicemail")
    to = wish(3 * D)
    reschedule(callback.pk, to=to, actor=SUPERVISOR)
    callback.refresh_from_db()
    assert callback.due_at == instant(to)
    assert label(callback) == "Retry 1 of 3"  # still that retry
    later(callback.due_at - clock.now() - 6 * M)
    assert offer(agent) is None
    until_due(callback)
    call(simulator, agent, callback, "voicemail")
    assert label(callback) == "Retry 2 of 3"


def test_reschedule_may_be_earlier(campaign, agent):
    callback = ask(campaign, wish=wish(5 * D))
    reschedule(callback.pk, to=wish(2 * H), actor=SUPERVISOR)
    until_due(callback)
    assert offer(agent).callback_id == callback.pk


@pytest.mark.parametrize("days", [-1, 1])
def test_reschedule_refuses_the_past_and_closed_hours(campaign, days):
    callback = ask(campaign)
    open_only_in(campaign, 0, 3, 6)  # yesterday and today, not tomorrow
    before = snapshot()
    with pytest.raises(IntakeRefusedError):
        reschedule(callback.pk, to=wish(days * D), actor=SUPERVISOR)
    assert snapshot() == before


# --- Skip: skip this retry, move to the next scheduled time


@retried
def test_skip_uses_up_each_retry_without_a_dial(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    for number in range(2, trigger.maximum + 1):
        due = callback.due_at
        assert skip(callback.pk, actor=SUPERVISOR) == "scheduled"
        callback.refresh_from_db()
        assert callback.due_at == due + trigger.delay  # due later than now: from there
        assert label(callback) == f"Retry {number} of {trigger.maximum}"
    assert skip(callback.pk, actor=SUPERVISOR) == "exhausted"
    assert bill(simulator, callback) == 1
    assert views(callback) == set()


@retried
def test_skip_of_an_overdue_one_counts_from_now(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    until_due(callback)
    later(3 * H)
    skip(callback.pk, actor=SUPERVISOR)
    callback.refresh_from_db()
    assert callback.due_at == clock.now() + trigger.delay


@retried
def test_skips_and_dials_are_counted_together(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    skip(callback.pk, actor=SUPERVISOR)
    until_due(callback)
    call(simulator, agent, callback, trigger.code)
    assert label(callback) == f"Retry 3 of {trigger.maximum}"
    while callback.state == "scheduled":
        until_due(callback)
        call(simulator, agent, callback, trigger.code)
    assert callback.state == "exhausted"
    assert bill(simulator, callback) == trigger.maximum  # one of the dials was skipped


def test_skip_of_a_first_call_moves_it_to_the_same_time_tomorrow(campaign, agent):
    callback = ask(campaign, wish=wish(2 * H), said_zone="Asia/Tokyo")  # no clock change there
    due = callback.due_at
    for day in (1, 2):
        assert skip(callback.pk, actor=SUPERVISOR) == "scheduled"
        callback.refresh_from_db()
        assert callback.due_at == due + day * D
    assert label(callback) == ""


# --- Cancel: cancel all future retries for this contact


@retried
def test_cancel_ends_all_future_retries(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    cancel(callback.pk, actor=SUPERVISOR, reason="Reached by letter")
    callback.refresh_from_db()
    assert (callback.state, callback.ended_reason) == ("cancelled", "Reached by letter")
    for _ in range(trigger.maximum + 1):
        later(2 * D)
        assert offer(agent) is None
    assert bill(simulator, callback) == 1


def test_cancel_is_for_this_campaign_and_bars_no_later_request(campaign, agent):
    callback = ask(campaign)
    other = ask(make_campaign(), number=same_number(callback))
    cancel(callback.pk, actor=SUPERVISOR)
    other.refresh_from_db()
    assert other.state == "scheduled"
    assert ask(campaign, number=same_number(callback)).state == "scheduled"


# --- Mark Complete: mark as handled, e.g. the customer called back


def test_mark_complete_is_handled_without_a_dial(campaign, agent, simulator):
    callback = ask(campaign, "01")
    call(simulator, agent, callback, "voicemail")
    complete(callback.pk, actor=SUPERVISOR, reason="Customer called back")
    callback.refresh_from_db()
    assert (callback.state, callback.ended_reason) == ("completed", "Customer called back")
    later(30 * D)
    assert offer(agent) is None
    assert views(callback) == set()
    assert bill(simulator, callback) == 1


# --- Reassign and Bump


def test_reassign_keeps_it_for_that_agent_until_fifteen_minutes_past(campaign, agent):
    callback = ask(campaign, wish=wish(H))
    mine = make_agent(campaign)
    reassign(callback.pk, agent_id=mine.pk, actor=SUPERVISOR)
    set_ready(mine.pk)
    mine.refresh_from_db()
    until_due(callback)
    busy_with = ask(campaign)  # keeps the other one occupied
    call_now(busy_with.pk, agent_id=mine.pk, actor=SUPERVISOR)
    assert offer(mine).callback_id == busy_with.pk
    assert offer(agent) is None  # it waits for its agent
    later(15 * M)
    assert offer(agent).callback_id == callback.pk


def test_bump_moves_up_and_down_in_line(campaign):
    first, second, third = (ask(campaign) for _ in range(3))
    bump(third.pk, up=True, actor=SUPERVISOR)
    bump(first.pk, up=False, actor=SUPERVISOR)
    order = [offer(make_agent(campaign)).callback_id for _ in range(3)]
    assert order == [third.pk, second.pk, first.pk]


# --- "for any pending callback", and for no other


@all_actions
def test_an_offered_one_is_pending_too_and_its_preview_closes(campaign, agent, name):
    callback = ask(campaign)
    work = offer(agent)
    actions(agent)[name](callback.pk)
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) != ("offered", agent.pk)
    with pytest.raises(RefusedError):
        accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)


@all_actions
@pytest.mark.parametrize("end", ["working", "completed", "cancelled"])
def test_what_is_not_pending_is_refused_and_nothing_changes(campaign, agent, simulator, name, end):
    callback = ask(campaign)
    if end == "working":
        take(agent, callback)
    elif end == "completed":
        call(simulator, agent, callback, "resolved")
    else:
        cancel(callback.pk, actor=SUPERVISOR)
    before = snapshot()
    with pytest.raises(RefusedError, match=end):
        actions(agent)[name](callback.pk)
    assert snapshot() == before


@all_actions
def test_every_action_tells_who_did_it(campaign, agent, name):
    callback = ask(campaign, wish=wish(2 * H))
    boss = make_user("supervisor")
    actions(agent)[name](callback.pk, actor=Actor("supervisor", boss.pk))
    told = callback.events.order_by("id").last()
    assert (told.actor_kind, told.actor_id) == ("supervisor", boss.pk)
    assert len(story(callback)) == 2


@all_actions
def test_a_selection_is_done_row_by_row_with_a_report(campaign, agent, simulator, name):
    pending, ended, last = ask(campaign), ask(campaign), ask(campaign)
    cancel(ended.pk, actor=SUPERVISOR)
    found = each([pending.pk, ended.pk, 987_654, last.pk], actions(agent)[name])
    assert [(one.callback_id, one.done) for one in found] == [
        (pending.pk, True), (ended.pk, False), (987_654, False), (last.pk, True),
    ]  # fmt: skip
    assert [bool(one.message) for one in found] == [False, True, True, False]
    assert "cancelled" in found[1].message


def test_the_dial_button_refuses_what_a_supervisor_took_away(campaign, agent, simulator):
    callback = ask(campaign)
    work = offer(agent)
    cancel(callback.pk, actor=SUPERVISOR)
    with pytest.raises(RefusedError):
        start_call(work, key=uuid4())
    assert simulator.started() == []


def test_a_skip_is_no_dial_for_the_overall_cap(agent, simulator):
    campaign = make_campaign(dial_cap=3)
    agent = make_agent(campaign)
    callback = ask(campaign, "03")
    call(simulator, agent, callback, "busy")
    skip(callback.pk, actor=SUPERVISOR)
    for _ in range(2):
        until_due(callback)
        work = take(agent, callback)
        dial(simulator, work)
        finish_work(work, says(callback, "busy"))
        callback.refresh_from_db()
    assert (callback.state, bill(simulator, callback)) == ("exhausted", 3)
