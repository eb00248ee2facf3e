"""One action on many callbacks: a report for every row, and none stops another (RULES 3)."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import OperationalError

from callbacks.actions.intake import Wish
from callbacks.actions.line import bump, call_now, reassign
from callbacks.actions.manage import cancel, choose_zone, complete, reschedule, skip
from callbacks.actions.selection import Result, each
from callbacks.models import Callback
from callbacks.queue import Actor
from campaigns.actions import pause
from contacts import clock
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    offered,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
D = timedelta(days=1)
BOSS = Actor("supervisor", 77)
GONE = 987_654


def wish(later=D):
    return Wish((clock.now() + later).replace(tzinfo=None, second=0, microsecond=0), "UTC")


@pytest.fixture
def rows(campaign, agent):
    """One in each position that a supervisor may select: waiting, offered, in work, ended."""
    made = {name: make_callback(campaign) for name in ("waiting", "offered", "working", "ended")}
    offered(agent, made["offered"])
    in_work(make_agent(campaign), made["working"])
    cancel(made["ended"].pk, actor=BOSS)
    return made


ACTS = {
    "cancel": partial(cancel, actor=BOSS),
    "complete": partial(complete, actor=BOSS),
    "skip": partial(skip, actor=BOSS),
    "reschedule": lambda pk: reschedule(pk, to=wish(), actor=BOSS),
    "call_now": partial(call_now, agent_id=None, actor=BOSS),
    "reassign": partial(reassign, agent_id=None, actor=BOSS),
    "bump": partial(bump, up=True, actor=BOSS),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_every_row_has_its_report_and_a_refused_one_stops_no_other(rows, act):
    ids = [rows["working"].pk, rows["waiting"].pk, GONE, rows["ended"].pk, rows["offered"].pk]
    untouched = [story(rows["working"]), story(rows["ended"])]
    found = each(ids, ACTS[act])
    assert [one.callback_id for one in found] == ids
    assert [(one.done, one.code) for one in found] == [
        (False, "state"), (True, ""), (False, "missing"), (False, "state"), (True, ""),
    ]  # fmt: skip
    assert "working" in found[0].message
    assert "cancelled" in found[3].message
    assert found[1] == Result(rows["waiting"].pk, True)
    assert story(rows["waiting"])[-1] == act
    assert story(rows["offered"])[-1] == act
    assert [story(rows["working"]), story(rows["ended"])] == untouched


def test_a_row_that_is_named_twice_is_done_once(campaign):
    callback, other = make_callback(campaign), make_callback(campaign)
    found = each([callback.pk, other.pk, callback.pk], partial(bump, up=True, actor=BOSS))
    assert [one.callback_id for one in found] == [callback.pk, other.pk]
    assert story(callback) == ["request", "bump"]


def test_nothing_selected_is_nothing_done(campaign):
    make_callback(campaign)
    before = snapshot()
    assert each([], ACTS["cancel"]) == []
    assert snapshot() == before


def test_what_the_gate_blocks_is_reported_with_its_reason_in_words(campaign):
    halted = make_campaign()
    blocked, fine = make_callback(halted), make_callback(campaign)
    pause(halted, by="Priya")
    found = each([blocked.pk, fine.pk], ACTS["call_now"])
    assert found[0] == Result(blocked.pk, False, "campaign_paused", "Campaign paused")
    assert found[1].done
    assert story(blocked) == ["request"]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (lambda: wish(-D), "past"),
        (lambda: Wish(datetime(2027, 3, 28, 1, 30), "Europe/London"), "nonexistent"),  # noqa: DTZ001
    ],
)
def test_a_time_that_cannot_be_is_reported_for_each_row(campaign, to, code):
    ids = [make_callback(campaign).pk for _ in range(2)]
    before = snapshot()
    found = each(ids, lambda pk: reschedule(pk, to=to(), actor=BOSS))
    assert [(one.done, one.code) for one in found] == [(False, code)] * 2
    assert all(one.message for one in found)
    assert snapshot() == before


def test_a_wrong_zone_is_reported(campaign):
    callback = make_callback(campaign)
    before = snapshot()
    found = each([callback.pk], partial(choose_zone, zone="Mars/Olympus", actor=BOSS))
    assert [(one.done, one.code) for one in found] == [(False, "zone")]
    assert snapshot() == before


def test_a_row_that_somebody_else_holds_too_long_is_reported_as_busy(campaign):
    held, free = make_callback(campaign), make_callback(campaign)

    def act(pk):
        if pk == held.pk:
            raise OperationalError("canceling statement due to lock timeout")
        cancel(pk, actor=BOSS)

    found = each([held.pk, free.pk], act)
    assert [(one.done, one.code) for one in found] == [(False, "busy"), (True, "")]
    assert Callback.objects.get(pk=free.pk).state == "cancelled"


def test_a_mistake_of_ours_is_not_hidden_in_a_report(campaign):
    def act(pk):
        raise KeyError(pk)

    with pytest.raises(KeyError):
        each([make_callback(campaign).pk], act)
