"""Complaints about the line: jumped, lost, unseen, muddled, unheard, punished."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk.actions import give_back, release_expired_offers
from agentdesk.models import Agent
from agentdesk.tasks import release_absent_agents, schedule_retries
from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.inbound import customer_called, undo_customer_called
from callbacks.actions.line import reassign
from callbacks.actions.manage import choose_zone, complete, reschedule, skip
from callbacks.actions.offers import accept_offer, reject_offer
from callbacks.actions.selection import each
from callbacks.actions.windows import roll_windows, work_off_hours_changes
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from campaigns.actions import pause
from campaigns.models import CallingHours
from contacts import clock
from contacts.models import Contact, Interaction
from tests.conformance.floor import (
    ask,
    asked,
    call,
    dial,
    held,
    later,
    offer,
    read,
    relief,
    row,
    same_number,
    supervisor,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent, make_callback, make_campaign, open_only_in, story

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def miss(agent, callback):
    assert offer(agent).callback_id == callback.pk
    later(21 * S)
    assert release_expired_offers() == 1


def reject(agent, callback, reason="not_now"):
    work = offer(agent)
    assert work.callback_id == callback.pk
    reject_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version, reason=reason)


def lose(agent):
    """Their browser has not been heard of for six minutes."""
    later(6 * M)
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - 6 * M)
    release_expired_offers()
    schedule_retries()
    release_absent_agents()


def page(agent):
    client = Client()
    client.force_login(agent.user)
    return read(client.get(reverse("desk")).content.decode())


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


# --- no reminder before a due one


def test_a_due_personal_one_is_announced_to_its_agent_five_minutes_early(
    campaign, agent, simulator
):
    callback = ask(campaign, wish=wish(2 * H), about="The second meter")
    mine, other = make_agent(campaign), agent
    reassign(callback.pk, agent_id=mine.pk, actor=SYSTEM)
    later(callback.due_at - clock.now() - 6 * M)
    assert (offer(mine), offer(other)) == (None, None)
    if views(callback) >= {"today"}:  # it is there to read ahead, unless midnight lies between
        assert "The second meter" in page(mine)
    later(M)
    assert offer(other) is None
    assert offer(mine).callback_id == callback.pk
    assert "The second meter" in page(mine)


def test_announced_early_it_is_still_not_dialled_before_its_time(campaign, agent, simulator):
    callback = ask(campaign, wish=wish(2 * H))
    later(callback.due_at - clock.now() - 5 * M)
    work = take(agent, callback)
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.code == "early"
    assert simulator.started() == []
    later(5 * M)
    start_call(work, key=uuid4())
    assert len(simulator.started()) == 1


# --- no refusal without penalty


@pytest.mark.parametrize("reason", ["not_now", "skill", "must_not"])
def test_refusing_has_no_penalty(campaign, agent, reason):
    idle = Agent.objects.get(pk=agent.pk).since
    reject(agent, ask(campaign), reason)
    after = Agent.objects.get(pk=agent.pk)
    assert (after.presence, after.since, after.reason) == ("ready", idle, "")
    other = ask(campaign)
    assert offer(agent).callback_id == other.pk  # the next one, and not the same again


# --- agents called blind


def take_offered(agent, callback):
    work = held(agent)
    accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)
    return work


def test_agents_do_not_call_blind(campaign, agent, simulator):
    callback = ask(campaign, about="Charged twice")
    callback.contact.intents.create(name="Refund pending", opened_at=clock.now() - 2 * D)
    Interaction.objects.create(
        contact=callback.contact, channel="call_in", at=clock.now() - D,
        summary="Asked for a refund of 50", with_whom="John",
    )  # fmt: skip
    assert offer(agent)
    known = ("Charged twice", "Refund pending", "2 days", "Asked for a refund of 50", "John")
    for part in known:
        assert part in page(agent)  # before anything is accepted
    assert simulator.started() == []
    work = take_offered(agent, callback)
    assert "Refund pending" in page(agent)  # and while it is in hand
    assert simulator.started() == []
    dial(simulator, work)
    assert len(simulator.started()) == 1


def test_no_number_is_dialled_without_an_agent_who_pressed(campaign, agent, simulator):
    for _ in range(3):
        ask(campaign)
    for _ in range(5):
        offer(agent)
        release_expired_offers()
        schedule_retries()
        roll_windows()
        later(H)
    assert simulator.started() == []
    assert Callback.objects.filter(attempts__isnull=False).count() == 0


def test_do_not_call_from_the_list_is_said_before_anybody_dials(campaign, agent):
    callback = ask(campaign, wish=wish(H))
    forbid_calls(callback.number, reason="By letter", actor=SYSTEM)
    until_due(callback)
    assert offer(agent) is None
    callback.refresh_from_db()
    assert (callback.state, callback.ended_reason) == ("cancelled", "Do not call")
    cancelled = callback.events.latest("pk")
    assert (cancelled.name, cancelled.reason) == ("cancel", "Do not call")
