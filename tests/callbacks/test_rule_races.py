"""Whoever acts on one callback, or one contact, at the same moment: one order, told truly."""

import random
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction

from agentdesk.models import Agent, User
from callbacks import queue
from callbacks.actions import calls, outcomes
from callbacks.actions.calls import Work, apply_event
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.inbound import customer_called, undo_customer_called
from callbacks.actions.intake import IntakeRefusedError, Wish, request_callback, withdraw_request
from callbacks.actions.line import bump, call_now, reassign
from callbacks.actions.manage import cancel, choose_zone, complete, reschedule, skip
from callbacks.actions.offers import accept_offer, reject_offer
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.actions.selection import each
from callbacks.actions.unattended import schedule_retries
from callbacks.dialers.base import CallEvent, Kind
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import SYSTEM, Actor
from callbacks.rules.states import RefusedError
from campaigns.models import Disposition
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.models import Contact, PhoneNumber
from contacts.rules.phone import read_number
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_request,
    offered,
    story,
)

pytestmark = RACES
D = timedelta(days=1)
BOSS, OTHER = Actor("supervisor", 77), Actor("supervisor", 78)


def wish(days, minute=0):
    wall = (clock.now() + days * D).replace(tzinfo=None, minute=minute, second=0, microsecond=0)
    return Wish(wall, "UTC")


def code(campaign, name):
    return Disposition.objects.get(campaign=campaign, code=name)


# --- one callback, two hands


@pytest.mark.parametrize("_again", range(5))
def test_two_supervisors_reschedule_one_row(campaign, _again):
    callback = make_callback(campaign)
    tries = [(wish(1), BOSS), (wish(2), OTHER)]
    answers = at_once(*(partial(reschedule, callback.pk, to=to, actor=by) for to, by in tries))
    assert errors(answers) == []
    first, second = callback.events.filter(name="reschedule").order_by("pk")
    after = Callback.objects.get(pk=callback.pk)
    last_wish = next(to for to, by in tries if by.user_id == second.actor_id)
    assert first.actor_id != second.actor_id
    assert after.said_wall == f"{last_wish.wall:%Y-%m-%dT%H:%M}"
    assert second.data["from"] == first.data["to"]  # the second knew of the first
    assert f"{after.due_at:%Y-%m-%dT%H:%M}" == after.said_wall
    assert after.callable_from == after.due_at - timedelta(minutes=5)


@pytest.mark.parametrize("_again", range(3))
@pytest.mark.parametrize(
    ("act", "other"),
    [(cancel, complete), (cancel, cancel), (complete, complete)],
)
def test_two_ends_of_one_callback_have_one_winner(campaign, act, other, _again):
    callback = make_callback(campaign)
    answers = at_once(
        partial(act, callback.pk, actor=BOSS), partial(other, callback.pk, actor=OTHER)
    )
    assert [type(error) for error in errors(answers)] == [RefusedError]
    assert len(story(callback)) == 2
    loser = errors(answers)[0]
    assert loser.state == Callback.objects.get(pk=callback.pk).state


@pytest.mark.parametrize("_again", range(3))
def test_ten_selections_with_the_same_rows_end_each_once(campaign, _again):
    ids = [make_callback(campaign).pk for _ in range(20)]
    orders = [random.sample(ids, len(ids)) for _ in range(10)]
    reports = at_once(*(partial(each, order, partial(cancel, actor=BOSS)) for order in orders))
    assert errors(reports) == []
    won = [one.callback_id for report in reports for one in report if one.done]
    assert sorted(won) == sorted(ids)
    assert {one.code for report in reports for one in report if not one.done} == {"state"}


@pytest.mark.parametrize("_again", range(3))
@pytest.mark.parametrize(
    "act",
    [
        partial(skip, actor=BOSS),
        partial(bump, up=True, actor=BOSS),
        partial(call_now, agent_id=None, actor=BOSS),
        partial(cancel, actor=BOSS),
        partial(complete, actor=BOSS),
    ],
    ids=["skip", "bump", "call_now", "cancel", "complete"],
)
def test_an_accept_and_a_supervisor_have_one_winner(campaign, agent, act, _again):
    work = offered(agent, make_callback(campaign))
    accept = partial(
        accept_offer, callback_id=work.callback_id, agent_id=agent.pk, version=work.version
    )
    accepted, acted = at_once(accept, partial(act, work.callback_id))
    refusals = errors([accepted, acted])
    assert [type(error) for error in refusals] == [RefusedError]
    callback = Callback.objects.get()
    assert ("accept" in story(callback)) == (accepted is None)
    assert (callback.state == "working") == (accepted is None)


@pytest.mark.parametrize("_again", range(3))
def test_two_undo_and_a_new_request_leave_one_live_callback(campaign, _again):
    request = make_request(campaign)
    callback = request_callback(request).callback
    customer_called(callback.number, campaign=campaign, actor=SYSTEM)
    again = replace(request, key=uuid4(), about="Anew")
    undo = partial(undo_customer_called, callback.pk, actor=BOSS)
    *undone, asked = at_once(undo, undo, partial(request_callback, again))
    assert errors([asked]) == []
    assert all(isinstance(error, RefusedError) for error in errors(undone))
    assert Callback.objects.filter(state="scheduled").count() == 1
    assert len(errors(undone)) == (1 if asked.merged else 2)


# --- fifty threads and a thousand offers


def a_thousand_offers(campaign):
    """A thousand agents, each with a callback of their own on the screen."""
    numbers = PhoneNumber.objects.bulk_create(
        PhoneNumber(e164=f"+44740100{n:04}", region="GB") for n in range(1000)
    )
    contacts = Contact.objects.bulk_create(
        Contact(name=f"Contact {n}", zones=["Europe/London"]) for n in range(1000)
    )
    now = clock.now()
    promise = {"due_at": now, "callable_from": now, "counts_from": now, "campaign": campaign}
    Callback.objects.bulk_create(
        Callback(contact=contact, number=number, **promise)
        for contact, number in zip(contacts, numbers, strict=True)
    )
    users = User.objects.bulk_create(User(email=f"crowd{n}@example.com") for n in range(1000))
    Agent.objects.bulk_create(Agent(user=user) for user in users)
    claims = [(queue.claim_next(user.pk, None), user.pk) for user in users]
    return [Work(claim.callback_id, agent_id, claim.version) for claim, agent_id in claims]


def test_fifty_threads_and_a_thousand_offers_make_a_thousand_accepts(db):
    works = a_thousand_offers(make_campaign(offer_seconds=300))
    accepted, refused = [[] for _ in range(50)], [[] for _ in range(50)]

    def accept(number):
        for work in works[number // 5 * 100 :][:100]:  # five threads press each
            try:
                accept_offer(
                    callback_id=work.callback_id, agent_id=work.agent_id, version=work.version
                )
                accepted[number].append(work.callback_id)
            except RefusedError:
                refused[number].append(work.callback_id)

    answers = at_once(*(partial(accept, number) for number in range(50)))
    assert errors(answers) == []
    won = [pk for each_thread in accepted for pk in each_thread]
    assert len(won) == len(set(won)) == 1000
    assert sum(map(len, refused)) == 4000
    assert set(Callback.objects.values_list("state", flat=True)) == {"working"}
    told = CallbackEvent.objects.filter(name="accept").values_list("callback_id", flat=True)
    assert sorted(told) == sorted(won)


# --- no deadlock between actions on one contact


def everything_of_one_contact():
    """One contact with callbacks in several campaigns, in every position, and what can happen."""
    wide = make_campaign(answer_closes_all=True)
    campaigns = [wide, *(make_campaign() for _ in range(3))]
    request = make_request(wide)
    first = request_callback(request).callback
    rest = [make_callback(one, contact=first.contact) for one in campaigns[1:]]
    return wide, campaigns, request, first, rest


@pytest.mark.parametrize("_again", range(6))
def test_answered_and_a_second_request_do_not_wait_for_each_other(_again):
    campaign = make_campaign(answer_closes_all=True)
    lower = [make_callback(make_campaign()) for _ in range(3)]
    contact = lower[0].contact
    Callback.objects.filter(pk__in=[one.pk for one in lower]).update(
        contact=contact, number=lower[0].number
    )
    callback = make_callback(campaign, contact=contact)
    work = in_work(make_agent(campaign), callback)
    make_attempt(callback, "answered", ago=timedelta(0), intended_at=clock.now())
    number = read_number(str(lower[0].number.e164), "GB", frozenset())
    request = make_request(campaign, number=number, said_zone="Asia/Tokyo", browser_zone="")
    locked, waiting = threading.Event(), threading.Event()

    def merge():
        locked.wait(5)
        return request_callback(request)

    def done():
        with transaction.atomic():
            calls.lock_work(work)
            locked.set()
            waiting.wait(0.3)  # until the request waits for our row, or holds its own
            return record_outcome(work, WrapUp(code(campaign, "resolved")))

    answers = at_once(merge, done)
    assert errors(answers) == []


@pytest.mark.parametrize("seed", range(8))
def test_anything_at_once_on_one_contact_waits_in_no_circle(simulator, seed):
    luck = random.Random(seed)
    wide, campaigns, request, first, rest = everything_of_one_contact()
    number = PhoneNumber.objects.get(pk=first.number_id)
    agents = [make_agent(*campaigns) for _ in campaigns]
    held = luck.sample([first, *rest], 2)
    works = [in_work(agent, one) for agent, one in zip(agents, held, strict=False)]
    make_attempt(held[0], "answered", ago=timedelta(0), intended_at=clock.now())
    ids = [first.pk, *(one.pk for one in rest)]
    acts = [
        lambda: request_callback(replace(request, key=uuid4(), said_zone="Europe/Lisbon")),
        lambda: request_callback(
            replace(request, campaign=luck.choice(campaigns), key=uuid4(), wish=wish(1))
        ),
        lambda: forbid_calls(number, reason="Asked", actor=SYSTEM, campaign=campaigns[1]),
        lambda: forbid_calls(number, reason="Asked", actor=SYSTEM),
        lambda: record_outcome(works[0], WrapUp(code(held[0].campaign, "resolved"))),
        lambda: record_outcome(works[1], WrapUp(code(held[1].campaign, "resolved"))),
        lambda: record_outcome(works[0], WrapUp(code(held[0].campaign, "do-not-call"))),
        lambda: customer_called(number, campaign=wide, actor=SYSTEM),
        lambda: choose_zone(luck.choice(ids), zone="Europe/Madrid", actor=BOSS),
        lambda: reschedule(luck.choice(ids), to=wish(2), actor=BOSS),
        lambda: skip(luck.choice(ids), actor=BOSS),
        lambda: reassign(luck.choice(ids), agent_id=None, actor=BOSS),
        lambda: withdraw_request(luck.choice(ids)),
        lambda: schedule_retries([agent.pk for agent in agents]),
        lambda: each(luck.sample(ids, 4), partial(bump, up=True, actor=BOSS)),
    ]
    refusals = (RefusedError, IntakeRefusedError, outcomes.WrapUpError)
    for _ in range(3):
        answers = at_once(*luck.sample(acts, len(acts)))
        assert [error for error in errors(answers) if not isinstance(error, refusals)] == []


@pytest.mark.parametrize("_again", range(3))
def test_wrong_number_said_by_the_agent_and_by_the_carrier_at_once(campaign, agent, _again):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    attempt = make_attempt(
        callback, "", ago=timedelta(0), intended_at=clock.now(), state="unknown", ended_at=None
    )
    event = CallEvent(attempt.key, 3, Kind.ENDED, clock.now(), Outcome.INVALID_NUMBER)
    answers = at_once(
        partial(record_outcome, work, WrapUp(code(campaign, "wrong-number"))),
        partial(apply_event, event),
    )
    assert errors(answers) == []
    assert Callback.objects.get().state == "cancelled"
    assert PhoneNumber.objects.get(pk=callback.number_id).invalid_since is not None


def test_a_call_that_connects_while_it_is_wrapped_up_is_not_closed(campaign, agent, monkeypatch):
    """Done came for a call of unknown fate, and the carrier says at that moment: it is live."""
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    attempt = make_attempt(
        callback, "", ago=timedelta(0), intended_at=clock.now(), state="unknown", ended_at=None
    )
    correct = outcomes._correct

    def late(one, outcome):
        event = CallEvent(attempt.key, 2, Kind.CONNECTED, clock.now())
        assert errors(at_once(partial(apply_event, event))) == []
        correct(one, outcome)

    monkeypatch.setattr(outcomes, "_correct", late)
    with pytest.raises(outcomes.WrapUpError) as refused:
        record_outcome(work, WrapUp(code(campaign, "no-answer")))
    assert refused.value.code == "live"
    attempt.refresh_from_db()
    assert (attempt.state, Callback.objects.get().state) == ("connected", "working")


@pytest.mark.parametrize("_again", range(3))
def test_a_reject_and_a_do_not_call_end_it(campaign, agent, _again):
    callback = make_callback(campaign)
    work = offered(agent, callback)
    answers = at_once(
        partial(reject_offer, callback_id=work.callback_id, agent_id=agent.pk,
                version=work.version, reason="not_now"),
        partial(forbid_calls, callback.number, reason="Asked", actor=SYSTEM),
    )  # fmt: skip
    assert all(isinstance(error, RefusedError) for error in errors(answers))
    assert Callback.objects.get().state == "cancelled"
