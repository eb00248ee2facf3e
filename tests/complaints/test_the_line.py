"""Complaints about the line: jumped, unseen, not to be cleared, missed and rejected mixed up."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.actions import give_back
from callbacks.actions.inbound import customer_called, undo_customer_called
from callbacks.actions.manage import choose_zone, complete
from callbacks.actions.selection import each
from callbacks.actions.windows import work_off_hours_changes
from callbacks.queue import SYSTEM
from campaigns.actions import pause
from campaigns.models import CallingHours
from contacts import clock
from tests.conformance.floor import (
    ask,
    asked,
    call,
    later,
    lose,
    miss,
    offer,
    page,
    reject,
    relief,
    row,
    same_number,
    supervisor,
    take,
    until_due,
)
from tests.factories import make_campaign, story

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


# --- the callback jumped the line


def asks_again_and_again(later_one, agent):
    for _ in range(5):
        asked(later_one.campaign, number=same_number(later_one), about=str(uuid4()))


def is_missed_by_an_agent(first, agent):
    miss(relief(first.campaign), first)


def is_rejected(first, agent):
    reject(relief(first.campaign), first)


def is_given_back(first, agent):
    worker = relief(first.campaign)
    give_back(take(worker, first))


def loses_its_agent(first, agent):
    worker = relief(first.campaign)
    take(worker, first)
    lose(worker)


def is_closed_and_reopened(later_one, agent):
    customer_called(later_one.number, campaign=later_one.campaign, actor=SYSTEM)
    undo_customer_called(later_one.pk, actor=SYSTEM)


def has_its_hours_computed_again(later_one, agent):
    CallingHours.objects.bulk_create(
        CallingHours(campaign=later_one.campaign, weekday=day, opens=0, closes=1440)
        for day in range(7)
    )
    while work_off_hours_changes():
        pass


def says_where_they_are(later_one, agent):
    asked(later_one.campaign, number=same_number(later_one), said_zone="Europe/Lisbon")


def has_its_zone_chosen(later_one, agent):
    choose_zone(later_one.pk, zone="Europe/Lisbon", actor=SYSTEM)


@pytest.mark.parametrize(
    ("whom", "what"),
    [
        ("later", asks_again_and_again),
        ("later", is_closed_and_reopened),
        ("later", has_its_hours_computed_again),
        ("later", says_where_they_are),
        ("later", has_its_zone_chosen),
        ("first", is_missed_by_an_agent),
        ("first", is_rejected),
        ("first", is_given_back),
        ("first", loses_its_agent),
        ("first", is_closed_and_reopened),
        ("first", has_its_zone_chosen),
    ],
)
def test_the_callback_does_not_jump_the_line(db, simulator, whom, what):
    campaign = make_campaign()
    first = ask(campaign)
    later(3 * M)
    later_one = ask(campaign)
    what(first if whom == "first" else later_one, None)
    served = [offer(relief(campaign)).callback_id for _ in range(2)]
    assert served == [first.pk, later_one.pk]


def test_a_retry_does_not_go_before_who_waited_longer(campaign, agent, simulator):
    busy = ask(campaign, "03")
    call(simulator, agent, busy, "busy")
    later(busy.due_at - clock.now() - 20 * M)
    patient = ask(campaign)
    until_due(busy)
    served = [offer(relief(campaign)).callback_id for _ in range(2)]
    assert served == [patient.pk, busy.pk]


# --- agents could not see or clear what waits


def test_agents_see_and_can_clear_what_waits(campaign, agent, simulator):
    waiting = [ask(campaign) for _ in range(3)]
    blocked = ask(make_campaign())
    pause(blocked.campaign, by="Priya Nair")
    assert "3 · now" in page(agent)  # the agent, on the idle desk
    client = supervisor()
    assert all("Callable now" in row(client, one) for one in waiting)
    assert "Campaign paused by Priya Nair" in row(client, blocked)
    chosen = [one.pk for one in waiting]
    report = each(chosen, lambda pk: complete(pk, actor=SYSTEM, reason="Answered by e-mail"))
    assert [one.done for one in report] == [True] * 3
    assert [row(client, one) for one in waiting] == [None] * 3
    assert "3 · now" not in page(agent)
    assert offer(agent) is None
    assert simulator.started() == []


# --- missed and rejected got mixed up


def test_missed_and_rejected_are_told_apart(campaign):
    other = make_campaign()
    missed, rejected = ask(campaign), ask(other)
    sleepy = relief(campaign)
    miss(sleepy, missed)
    sleepy.refresh_from_db()
    choosy = relief(other)
    reject(choosy, rejected, "skill")
    choosy.refresh_from_db()
    for callback in (missed, rejected):
        callback.refresh_from_db()
        assert callback.state == "scheduled"
    assert (story(missed)[-1], story(rejected)[-1]) == ("time_out", "reject")
    assert (missed.reject_count, rejected.reject_count) == (0, 1)
    assert [missed.events.latest("pk").reason, rejected.events.latest("pk").reason] == [
        "No answer from the agent", "Needs another skill",
    ]  # fmt: skip
    assert (sleepy.presence, sleepy.reason) == ("not_ready", "Missed an offer")
    assert (choosy.presence, choosy.reason) == ("ready", "")


def test_missing_it_often_is_no_reject(campaign):
    callback = ask(campaign)
    for _ in range(4):
        miss(relief(campaign), callback)
    callback.refresh_from_db()
    assert (callback.reject_count, callback.attention) == (0, "")
    for _ in range(3):
        reject(relief(campaign), callback)
    callback.refresh_from_db()
    assert (callback.reject_count, callback.attention) == (3, "Rejected 3×: Not now")
