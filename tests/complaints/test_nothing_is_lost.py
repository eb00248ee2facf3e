"""Complaints about loss: callbacks vanished, and a requeue lost the context."""

from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks.actions.calls import start_call
from callbacks.actions.line import reassign
from callbacks.actions.manage import reschedule, skip
from callbacks.actions.windows import roll_windows, work_off_hours_changes
from callbacks.queue import SYSTEM
from campaigns.actions import pause
from contacts import clock
from contacts.models import Contact, Interaction
from tests.conformance.floor import (
    ask,
    asked,
    call,
    dial,
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
    wish,
)
from tests.factories import make_agent, make_callback, make_campaign, open_only_in, story

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


# --- callbacks vanished


def nobody_answers_the_offer(callback, simulator):
    miss(relief(callback.campaign), callback)


def everybody_rejects(callback, simulator):
    for _ in range(3):
        reject(relief(callback.campaign), callback)


def the_agent_is_lost_before_calling(callback, simulator):
    worker = relief(callback.campaign)
    take(worker, callback)
    lose(worker)


def the_agent_is_lost_during_the_offer(callback, simulator):
    worker = relief(callback.campaign)
    assert offer(worker)
    lose(worker)


def the_agent_is_lost_during_the_call(callback, simulator):
    worker = relief(callback.campaign)
    start_call(take(worker, callback), key=uuid4())
    lose(worker)


def the_agent_is_lost_after_the_call(callback, simulator):
    worker = relief(callback.campaign)
    dial(simulator, take(worker, callback))
    lose(worker)


def its_campaign_is_paused(callback, simulator):
    pause(callback.campaign, by="Priya Nair")
    later(2 * D)
    assert offer(relief(callback.campaign)) is None


def its_hours_never_come(callback, simulator):
    open_only_in(callback.campaign)
    callback.campaign.hours.create(weekday=0, opens=0, closes=1)
    type(callback.campaign).objects.filter(pk=callback.campaign_id).update(zone="")
    Contact.objects.update(zones=["Europe/London", "Asia/Tokyo"])
    while work_off_hours_changes():
        pass
    assert offer(relief(callback.campaign)) is None


def nobody_knows_the_zone(callback, simulator):
    Contact.objects.update(zones=[])
    assert offer(relief(callback.campaign)) is None


def its_agent_is_on_leave(callback, simulator):
    away = make_agent(callback.campaign, presence="not_ready")
    reassign(callback.pk, agent_id=away.pk, actor=SYSTEM)
    later(16 * M)
    assert offer(relief(callback.campaign))


def its_window_closes(callback, simulator):
    open_only_in(callback.campaign, 2)
    while work_off_hours_changes():
        pass
    roll_windows()
    assert offer(relief(callback.campaign)) is None


@pytest.mark.parametrize(
    "fate",
    [
        nobody_answers_the_offer, everybody_rejects, the_agent_is_lost_before_calling,
        the_agent_is_lost_during_the_offer, the_agent_is_lost_during_the_call,
        the_agent_is_lost_after_the_call, its_campaign_is_paused, its_hours_never_come,
        nobody_knows_the_zone, its_agent_is_on_leave, its_window_closes,
    ],
    ids=lambda fate: fate.__name__,
)  # fmt: skip
def test_callbacks_do_not_vanish(db, simulator, fate):
    callback = ask(make_campaign(), "02")
    fate(callback, simulator)
    callback.refresh_from_db()
    assert callback.state in ("scheduled", "offered", "working")
    seen_by = [view for view in ("all", "attention") if row(supervisor(), callback, view)]
    assert seen_by, "it waits where nobody looks"
    assert story(callback)[0] == "request"  # and its story is whole
    assert callback.events.latest("pk").to_state == callback.state


# --- a requeue lost the context


def is_rescheduled(callback, simulator):
    reschedule(callback.pk, to=wish(2 * H), actor=SYSTEM)


def is_skipped(callback, simulator):
    skip(callback.pk, actor=SYSTEM)


def is_retried(callback, simulator):
    call(simulator, relief(callback.campaign), callback, "busy")


def is_agreed_anew(callback, simulator):
    worker = relief(callback.campaign)
    call(simulator, worker, callback, "call-again", again=wish(D))


def is_reassigned(callback, simulator):
    reassign(callback.pk, agent_id=make_agent(callback.campaign).pk, actor=SYSTEM)


def is_asked_for_again(callback, simulator):
    asked(callback.campaign, number=same_number(callback), about="And the bill")


@pytest.mark.parametrize(
    "requeued",
    [
        nobody_answers_the_offer, everybody_rejects, the_agent_is_lost_before_calling,
        the_agent_is_lost_during_the_offer, is_rescheduled, is_skipped, is_retried,
        is_agreed_anew, is_reassigned, is_asked_for_again,
    ],
    ids=lambda requeued: requeued.__name__,
)  # fmt: skip
def test_a_requeue_keeps_the_context(campaign, simulator, requeued):
    callback = make_callback(campaign, about="Charged twice", case={"Order": "RB-1077"})
    Interaction.objects.create(
        contact=callback.contact, channel="call_in", at=clock.now(), summary="Promised a refund"
    )
    requeued(callback, simulator)
    until_due(callback)
    later(16 * M)  # whoever it waited for has let it go
    worker = relief(campaign)
    assert offer(worker).callback_id == callback.pk
    said = page(worker)
    for part in ("Ines Carvalho", "Charged twice", "Order RB-1077", "Promised a refund"):
        assert part in said


def test_without_words_of_anybody_the_last_ending_is_shown(campaign, agent, simulator):
    callback = ask(campaign)
    call(simulator, agent, callback, "busy")
    until_due(callback)
    other = relief(campaign)
    assert offer(other)
    said = page(other)
    assert "Busy Callback" in said
    assert "First contact" not in said


def test_what_the_last_agent_wrote_is_read_by_the_next(campaign, agent, simulator):
    callback = ask(campaign)
    call(simulator, agent, callback, "busy", note="Ask for Rui at the front desk")
    until_due(callback)
    other = relief(campaign)
    assert offer(other).callback_id == callback.pk
    assert "Ask for Rui at the front desk" in page(other)
