"""The source's customer-requested callbacks: type, the time they specified, notes.

Asked for during a call, on the form, or agreed with an agent.
"""

from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from agentdesk.actions import finish_work
from callbacks.actions.calls import hang_up, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import Wish
from callbacks.queue import SYSTEM
from contacts import clock
from tests.conformance.floor import (
    ask,
    bill,
    call,
    instant,
    label,
    later,
    offer,
    row,
    same_number,
    says,
    supervisor,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent, make_campaign, open_only_in
from tests.telephony import heard

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def in_call(simulator, agent, callback):
    """The contact has answered and is on the line."""
    work = take(agent, callback)
    attempt = start_call(work, key=uuid4())
    return work, heard(simulator, attempt, "connected")


def test_type_time_and_notes_stand_in_the_queue(campaign):
    at = wish(30 * H)
    callback = ask(campaign, wish=at, about="The second meter")
    line = row(supervisor(), callback)
    assert "Customer asked" in line
    assert "The second meter" in line
    assert callback.due_at == instant(at)
    assert callback.said_wall == f"{at.wall:%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/New_York", "Asia/Kolkata", "UTC"])
def test_the_time_is_the_one_on_the_customers_own_clock(campaign, zone):
    day = clock.now().astimezone(ZoneInfo(zone)) + 2 * D
    wall = datetime.combine(day.date(), time(15, 5))
    callback = ask(campaign, wish=Wish(wall, zone), said_zone=zone)
    there = callback.due_at.astimezone(ZoneInfo(zone))
    assert there.replace(tzinfo=None) == wall
    assert callback.contact.zones == [zone]


def test_it_is_called_at_that_time_and_not_before(campaign, agent, simulator):
    callback = ask(campaign, wish=wish(30 * H))
    later(callback.due_at - clock.now() - 5 * M - timedelta(microseconds=1))
    assert offer(agent) is None
    until_due(callback)
    attempt = call(simulator, agent, callback, "resolved")
    assert not attempt.early
    assert bill(simulator, callback) == 1


def test_agreed_during_the_call_it_waits_with_the_same_type_and_notes(campaign, agent, simulator):
    callback = ask(campaign, about="The second meter")
    at = wish(30 * H)
    call(simulator, agent, callback, "call-again", again=at, note="Wants the engineer")
    assert (callback.state, callback.kind) == ("scheduled", "customer")
    assert callback.due_at == instant(at)
    assert (callback.subject, label(callback)) == ("The second meter", "")
    assert "all" in views(callback)
    assert callback.contact.interactions.get().summary == "Wants the engineer"


def test_its_retries_are_ordinary_ones(campaign, agent, simulator):
    callback = ask(campaign, "02", wish=wish(2 * H))
    until_due(callback)
    attempt = call(simulator, agent, callback, "no-answer")
    assert callback.due_at == attempt.ended_at + 24 * H
    assert (callback.own_time, callback.promised_from) == (False, None)


def test_asked_for_in_the_very_call_it_survives_the_answer(db, simulator):
    campaign = make_campaign(answer_closes_all=True)
    agent = make_agent(campaign)
    first = ask(campaign)
    work, attempt = in_call(simulator, agent, first)
    number = same_number(first)
    survivor = ask(make_campaign(), number=number, asked_in_id=attempt.pk, wish=wish(D))
    swept_away = ask(make_campaign(), number=number, wish=wish(D))
    hang_up(work)
    heard(simulator, attempt, "ended")
    finish_work(work, says(first, "resolved"))
    for callback, state in ((survivor, "scheduled"), (swept_away, "cancelled")):
        callback.refresh_from_db()
        assert callback.state == state
    later(6 * H)
    assert "all" in views(survivor)


def test_what_was_asked_for_in_an_earlier_call_does_not_survive_a_later_one(db, simulator):
    campaign, other = make_campaign(answer_closes_all=True), make_campaign()
    agent = make_agent(campaign)
    first = ask(campaign)
    work, attempt = in_call(simulator, agent, first)
    second = ask(other, number=same_number(first), asked_in_id=attempt.pk, wish=wish(2 * D))
    hang_up(work)
    heard(simulator, attempt, "ended")
    finish_work(work, says(first, "call-again", again=wish(D)))
    until_due(first)
    call(simulator, agent, first, "resolved")
    second.refresh_from_db()
    assert second.state == "cancelled"


def test_do_not_call_stands_above_what_was_asked_for_in_that_call(campaign, agent, simulator):
    first = ask(campaign)
    work, attempt = in_call(simulator, agent, first)
    asked_for = ask(
        make_campaign(), number=same_number(first), asked_in_id=attempt.pk, wish=wish(D)
    )
    hang_up(work)
    heard(simulator, attempt, "ended")
    finish_work(work, says(first, "do-not-call"))
    asked_for.refresh_from_db()
    assert asked_for.state == "cancelled"
    forbid_calls(first.number, reason="Again", actor=SYSTEM)
    later(5 * D)
    assert offer(agent) is None


@pytest.mark.parametrize("honours", [True, False])
def test_outside_the_hours_only_where_the_campaign_honours_it(db, simulator, honours):
    campaign = make_campaign(honours_own_time=honours)
    agent = make_agent(campaign)
    callback = ask(campaign, wish=wish(30 * H))
    until_due(callback)
    open_only_in(campaign, 3)  # the hours changed: closed today
    assert (offer(agent) is not None) is honours
    callback.refresh_from_db()
    assert (callback.state == "offered") is honours
