"""Whoever comes at the same moment: one wins, the others are told, nothing is done twice."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction

from agentdesk.matching import match_idle_agents
from callbacks import queue
from callbacks.actions.calls import start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import request_callback
from callbacks.actions.manage import cancel
from callbacks.actions.offers import accept_offer, reject_offer, release_expired_offers
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.actions.unattended import schedule_retries
from callbacks.models import Attempt, Callback, IntakeRequest
from callbacks.rules.states import RefusedError
from campaigns.models import Disposition
from contacts import clock
from contacts.models import Contact, PhoneNumber
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_request,
    offered,
    story,
)

pytestmark = RACES


def test_forty_agents_and_one_callback_have_one_winner(campaign):
    callback = make_callback(campaign)
    agents = [make_agent(campaign) for _ in range(40)]
    answers = at_once(*(partial(queue.claim_next, agent.pk, None) for agent in agents))
    winners = [number for number, claim in enumerate(answers) if claim is not None]
    assert errors(answers) == []
    assert len(winners) == 1
    assert answers.count(None) == 39
    callback.refresh_from_db()
    assert (callback.agent_id, callback.claim_version) == (agents[winners[0]].pk, 1)
    assert story(callback) == ["request", "offer"]


def test_forty_agents_of_some_campaigns_and_ten_callbacks_have_ten_winners(campaign):
    callbacks = [make_callback(campaign) for _ in range(10)]
    agents = [make_agent(campaign) for _ in range(40)]
    ids = [campaign.pk]
    answers = at_once(*(partial(queue.claim_next, agent.pk, ids) for agent in agents))
    won = [claim.callback_id for claim in answers if claim is not None]
    assert errors(answers) == []
    assert sorted(won) == [callback.pk for callback in callbacks]


def test_one_agent_in_many_tabs_is_given_one_callback(campaign, agent):
    for _ in range(5):
        make_callback(campaign)
    answers = at_once(*(partial(queue.claim_next, agent.pk, None) for _ in range(10)))
    assert Callback.objects.filter(agent_id=agent.pk).count() == 1
    assert all("callback_one_per_agent" in str(error) for error in errors(answers))


def test_forty_requests_for_one_new_number_make_one_contact_and_one_callback(campaign):
    request = make_request(campaign)
    requests = [replace(request, key=uuid4(), about=f"Matter {number:02}") for number in range(40)]
    answers = at_once(*(partial(request_callback, one) for one in requests))
    assert errors(answers) == []
    assert Counter(receipt.merged for receipt in answers) == {False: 1, True: 39}
    assert (Callback.objects.count(), Contact.objects.count()) == (1, 1)
    assert PhoneNumber.objects.count() == 1
    about = Callback.objects.get().about
    assert all(one.about in about for one in requests)  # no word is lost


def test_one_form_sent_twenty_times_is_done_once(campaign):
    request = make_request(campaign)
    answers = at_once(*[partial(request_callback, request)] * 20)
    assert errors(answers) == []
    assert {receipt.callback.pk for receipt in answers} == {Callback.objects.get().pk}
    assert not any(receipt.merged for receipt in answers)
    assert IntakeRequest.objects.count() == 1
    assert story(Callback.objects.get()) == ["request"]


def answer(act, work, **more):
    return partial(
        act, callback_id=work.callback_id, agent_id=work.agent_id, version=work.version, **more
    )


def expire(work):
    Callback.objects.filter(pk=work.callback_id).update(
        offer_expires_at=clock.now() - timedelta(seconds=1)
    )


@pytest.mark.parametrize(
    ("act", "more", "state"),
    [(accept_offer, {}, "working"), (reject_offer, {"reason": "not_now"}, "scheduled")],
)
@pytest.mark.parametrize("_again", range(3))
def test_an_answer_and_the_time_out_have_one_winner(campaign, agent, act, more, state, _again):
    work = offered(agent, make_callback(campaign))
    expire(work)
    # the sweep in its own transaction, as the beat runs it
    sweep = transaction.atomic(release_expired_offers)
    answered, swept, again = at_once(answer(act, work, **more), sweep, sweep)
    released = len(swept) + len(again)
    callback = Callback.objects.get()
    if isinstance(answered, RefusedError):
        assert (callback.state, released) == ("scheduled", 1)
        assert story(callback) == ["request", "offer", "time_out"]
    else:
        assert (answered, callback.state, released) == (None, state, 0)
        assert "time_out" not in story(callback)


@pytest.mark.parametrize("_again", range(3))
def test_a_cancel_and_an_accept_have_one_winner(campaign, agent, _again):
    work = offered(agent, make_callback(campaign))
    withdrawn = partial(cancel, work.callback_id, reason="Not needed", actor=queue.CUSTOMER)
    accepted, cancelled = at_once(answer(accept_offer, work), withdrawn)
    refusals = errors([accepted, cancelled])
    assert len(refusals) == 1
    assert isinstance(refusals[0], RefusedError)
    state = Callback.objects.get().state
    assert state == ("working" if accepted is None else "cancelled")
    assert len(story(Callback.objects.get())) == 3


def test_an_offer_accepted_in_ten_tabs_is_accepted_once(campaign, agent):
    work = offered(agent, make_callback(campaign))
    answers = at_once(*[answer(accept_offer, work)] * 10)
    assert len(errors(answers)) == 9
    assert all(isinstance(error, RefusedError) for error in errors(answers))
    assert story(Callback.objects.get()) == ["request", "offer", "accept"]


def test_twenty_matchers_give_each_of_ten_agents_one_of_ten_callbacks(campaign):
    for _ in range(10):
        make_callback(campaign)
        make_agent(campaign)
    answers = at_once(*[match_idle_agents] * 20)
    assert errors(answers) == []
    assert sum(answers) == 10
    rows = Callback.objects.values_list("state", "claim_version")
    assert set(rows) == {("offered", 1)}
    assert len(set(Callback.objects.values_list("agent_id", flat=True))) == 10


def test_one_press_in_two_tabs_is_one_line_on_the_carriers_bill(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    key = uuid4()
    answers = at_once(*[partial(start_call, work, key=key)] * 2)
    assert errors(answers) == []
    assert [dialled for dialled, _ in simulator.started()] == [key]
    assert Attempt.objects.count() == 1


def test_two_presses_in_two_tabs_are_one_call(campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="00"))
    answers = at_once(*(partial(start_call, work, key=uuid4()) for _ in range(2)))
    assert [error.code for error in errors(answers)] == ["live"]
    assert len(simulator.started()) == 1


def test_the_attempt_is_committed_before_the_carrier_is_asked(
    campaign, agent, simulator, monkeypatch
):
    work = in_work(agent, make_callback(campaign))
    seen = []

    def look():
        seen.append(Attempt.objects.values_list("key", "state").get())

    def start(call):
        seen.append(call.key)
        assert errors(at_once(look)) == []  # another connection sees what is committed alone

    monkeypatch.setattr(simulator, "start", start)
    key = uuid4()
    start_call(work, key=key)
    assert seen == [key, (key, "dialing")]


def test_a_dial_waits_for_a_do_not_call_request_that_came_first(campaign, agent, simulator):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    listed, dialling = threading.Event(), threading.Event()

    def forbid():
        with transaction.atomic():
            forbid_calls(callback.number, reason="Asked", actor=queue.SYSTEM)
            listed.set()
            dialling.wait(5)
            until_somebody_waits()

    def dial():
        listed.wait(5)
        dialling.set()
        return start_call(work, key=uuid4())

    _, attempt = at_once(forbid, dial)
    assert attempt.state == "intended"  # as it was when it was refused
    assert Attempt.objects.get().cause == "Blocked: do_not_call"
    assert simulator.started() == []


WAITING = """
WITH mine AS (SELECT pid FROM pg_locks WHERE NOT granted
  AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))
SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted
  AND (pid IN (SELECT pid FROM mine)
    OR pg_blocking_pids(pid) && ARRAY(SELECT pid FROM mine))
"""


def until_somebody_waits(number=1, patience=500):
    """So many transactions wait for us, or for one that waits for us."""
    for _ in range(patience):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0] >= number:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits")


def test_do_not_call_at_done_and_a_second_request_do_not_wait_for_each_other(campaign, agent):
    request = make_request(campaign)
    callback = request_callback(request).callback
    work = in_work(agent, callback)
    make_attempt(callback, "answered", ago=timedelta(0), intended_at=clock.now())
    code = Disposition.objects.get(campaign=campaign, code="do-not-call")
    held, merging = threading.Event(), threading.Event()

    def hold_contact():  # keeps the merge between the number's lock and the callback's
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM contact WHERE id = %s FOR NO KEY UPDATE", [callback.contact_id]
                )
            held.set()
            until_somebody_waits()
            merging.set()
            until_somebody_waits(2)

    def merge():
        held.wait(5)
        return request_callback(replace(request, key=uuid4(), about="Also the bill"))

    def done():
        merging.wait(5)
        return record_outcome(work, WrapUp(code))

    answers = at_once(hold_contact, merge, done)
    assert errors(answers) == []


def test_the_sweep_for_absent_agents_at_once_settles_each_once(campaign):
    agents = [make_agent(campaign) for _ in range(5)]
    for agent in agents:
        callback = make_callback(campaign)
        in_work(agent, callback)
        Callback.objects.filter(pk=callback.pk).update(
            accepted_at=clock.now() - timedelta(minutes=30)
        )
        make_attempt(callback, "busy", ago=timedelta(minutes=6))
    ids = [agent.pk for agent in agents]
    answers = at_once(*[partial(schedule_retries, ids)] * 4)
    assert errors(answers) == []
    assert sum(answers) == 5
    for callback in Callback.objects.all():
        assert story(callback) == ["request", "offer", "accept", "retry"]


def test_releasing_expired_offers_at_once_releases_each_once(campaign):
    for _ in range(10):
        expire(offered(make_agent(campaign), make_callback(campaign)))
    answers = at_once(*[transaction.atomic(release_expired_offers)] * 8)
    assert errors(answers) == []
    assert sum(len(held) for held in answers) == 10
    assert set(Callback.objects.values_list("state", flat=True)) == {"scheduled"}
