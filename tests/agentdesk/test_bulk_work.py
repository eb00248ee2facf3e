"""An action on all that match: what becomes of each, interrupted or not, alone or with others."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import Group

from agentdesk import bulk, bulk_work
from agentdesk.bulk import start_bulk, stop_bulk
from agentdesk.bulk_work import work_off_bulk_jobs
from agentdesk.models import BulkJob
from agentdesk.verbs import BULK
from callbacks import notices, queue
from callbacks.actions import manage, offers
from callbacks.queue import CALL_NOW, Actor
from callbacks.rules.states import RefusedError
from contacts import clock
from tests.agentdesk.jobs import ALL, DONE, cancel, counts, lines
from tests.callbacks.race import at_once, errors
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    make_user,
    offered,
    snapshot,
    story,
)

M, H = timedelta(minutes=1), timedelta(hours=1)


# --- what becomes of each


EVENTS = {
    "call-now": "call_now", "reschedule": "reschedule", "skip": "skip",
    "reassign": "reassign", "complete": "complete", "cancel": "cancel",
}  # fmt: skip


@pytest.mark.parametrize("verb", [one.name for one in BULK])
def test_each_action_is_done_to_each_by_who_asked_for_it(campaign, ruth, verb):
    callbacks = [make_callback(campaign) for _ in range(3)]
    fields = {"day": f"{clock.now() + 48 * H:%Y-%m-%d}", "time": "14:30"}
    job = start_bulk(ruth, verb, fields, ALL)
    assert work_off_bulk_jobs() == 3
    assert counts(job) == ("done", 3, 3, 0)
    assert set(lines(job).values()) == {DONE}
    for one in callbacks:
        last = one.events.order_by("id").last()
        assert (last.name, last.actor_kind, last.actor_id) == (EVENTS[verb], "supervisor", ruth.pk)


def test_an_agent_is_named_and_who_cannot_take_it_is_said(campaign, ruth, agent):
    mine, other = make_callback(campaign), make_callback(make_campaign())
    job = start_bulk(ruth, "call-now", {"agent": str(agent.pk)}, ALL)
    work_off_bulk_jobs()
    assert lines(job) == {
        mine.pk: DONE,
        other.pk: ("refused", "agent", "This agent does not take calls of the campaign"),
    }
    mine.refresh_from_db()
    assert (mine.priority, mine.reserved_for_id) == (CALL_NOW, agent.pk)
    assert story(other) == ["request"]


def test_an_agent_who_has_left_meanwhile_gets_nothing(campaign, ruth, agent):
    callback = make_callback(campaign)
    job = start_bulk(ruth, "reassign", {"agent": str(agent.pk)}, ALL)
    type(agent.user).objects.filter(pk=agent.pk).update(is_active=False)
    work_off_bulk_jobs()
    assert lines(job) == {callback.pk: ("refused", "agent", "The agent takes no calls any more")}
    assert story(callback) == ["request"]


def test_each_contact_is_moved_on_their_own_clock(campaign, ruth):
    tokyo = make_callback(campaign, contact=make_contact(zones=("Asia/Tokyo",)))
    london = make_callback(campaign)
    day = f"{clock.now() + 72 * H:%Y-%m-%d}"
    start_bulk(ruth, "reschedule", {"day": day, "time": "10:30"}, ALL)
    work_off_bulk_jobs()
    for one in (tokyo, london):
        one.refresh_from_db()
    assert (tokyo.said_zone, london.said_zone) == ("Asia/Tokyo", "Europe/London")
    assert f"{tokyo.due_at:%Y-%m-%d %H:%M}" == f"{day} 01:30"


def test_what_was_taken_meanwhile_is_refused_and_says_by_whom(campaign, ruth, agent):
    callback, offer, ended = (make_callback(campaign) for _ in range(3))
    job = cancel(ruth)
    in_work(agent, callback)
    offered(make_agent(campaign), offer)
    manage.complete(ended.pk, actor=Actor("supervisor", ruth.pk), reason="They wrote")
    work_off_bulk_jobs()
    assert lines(job) == {
        callback.pk: (
            "refused", "state",
            f"This callback is working: cannot cancel. {agent} has it in hand",
        ),
        offer.pk: DONE,  # an offer is withdrawn
        ended.pk: ("refused", "state", "This callback is completed: cannot cancel. They wrote"),
    }  # fmt: skip
    assert counts(job) == ("done", 3, 1, 2)
    assert story(callback) == ["request", "offer", "accept"]
    assert story(offer)[-1] == "cancel"


def test_a_callback_that_nobody_may_call_is_refused_with_the_reason(campaign, ruth):
    callback = make_callback(campaign, contact=make_contact(zones=()))
    job = start_bulk(ruth, "call-now", {"agent": ""}, ALL)
    work_off_bulk_jobs()
    [(outcome, code, message)] = lines(job).values()
    assert (outcome, code) == ("refused", "zone_unknown")
    assert message
    assert story(callback) == ["request"]


def test_who_is_no_supervisor_any_more_has_nothing_done(campaign, ruth):
    callback = make_callback(campaign)
    job = cancel(ruth)
    ruth.groups.remove(Group.objects.get(name="supervisor"))
    before = snapshot()
    assert work_off_bulk_jobs() == 0
    assert counts(job) == ("stopped", 1, 0, 0)
    assert story(callback) == ["request"]
    assert snapshot()["callback"] == before["callback"]


def test_a_stopped_job_begins_no_further_callback(campaign, ruth, monkeypatch):
    callbacks = [make_callback(campaign, due=-n * M) for n in (3, 2, 1)]
    job = cancel(ruth)
    real = bulk_work.do_each

    def and_stop(*args):
        assert stop_bulk(job.pk)
        return real(*args)

    monkeypatch.setattr(bulk_work, "do_each", and_stop)
    assert work_off_bulk_jobs() == 1
    assert counts(job) == ("stopped", 3, 1, 0)
    assert [one[-1] for one in map(story, callbacks)] == ["cancel", "request", "request"]
    assert not stop_bulk(job.pk)
    assert work_off_bulk_jobs() == 0


def test_a_finished_job_cannot_be_stopped(campaign, ruth):
    make_callback(campaign)
    job = cancel(ruth)
    work_off_bulk_jobs()
    finished = BulkJob.objects.get().finished_at
    assert not stop_bulk(job.pk)
    assert (counts(job)[0], job.finished_at) == ("done", finished)


def test_a_small_job_does_not_wait_for_a_large_one(campaign, ruth, monkeypatch):
    monkeypatch.setattr(bulk_work, "CHUNK", 2)
    large = [make_callback(campaign, due=-n * M) for n in range(1, 7)]
    first = cancel(ruth)
    ticks = iter([0.0] * 6 + [9.0] * 99)  # time for one chunk
    monkeypatch.setattr(bulk_work, "monotonic", lambda: next(ticks))
    work_off_bulk_jobs()
    assert 0 < BulkJob.objects.get(pk=first.pk).done < len(large)
    make_callback(campaign, due=H)
    second = start_bulk(make_user("supervisor"), "skip", {}, "view=all&due_within=120")
    monkeypatch.undo()
    order = []
    real = bulk_work._chunk
    monkeypatch.setattr(
        bulk_work, "_chunk", lambda job, until: order.append(job.pk) or real(job, until)
    )
    work_off_bulk_jobs()
    assert order[0] == second.pk


def test_the_queue_is_told_once_of_a_chunk(campaign, ruth, monkeypatch, transactional_db):
    told = []
    monkeypatch.setattr(notices, "_publish", lambda channel, *_: told.append(channel))
    monkeypatch.setattr(notices, "_wake", told.append)
    for _ in range(5):
        make_callback(campaign)
    start_bulk(ruth, "skip", {}, ALL)
    assert told == [bulk.TASK]
    work_off_bulk_jobs()
    assert sorted(told[1:]) == ["agentdesk.tasks.match_idle_agents", notices.QUEUE]


# --- interrupted, and many at once


class KilledError(BaseException):
    """What a kill -9 leaves behind: no handler runs that the product wrote."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_interrupted_worker_reports_nothing_that_is_not_so(
    campaign, ruth, monkeypatch, transactional_db, moment
):
    callbacks = [make_callback(campaign, due=-n * M) for n in (3, 2, 1)]
    job = cancel(ruth)
    real, calls = bulk_work.do_each, []

    def dies_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2 and moment == "before":
            raise KilledError
        found = real(*args)
        if len(calls) == 2:
            raise KilledError  # done, and not yet written down
        return found

    monkeypatch.setattr(bulk_work, "do_each", dies_at_the_second)
    with pytest.raises(KilledError):
        work_off_bulk_jobs()
    assert counts(job) == ("running", 3, 1, 0)
    assert [story(one)[-1] for one in callbacks] == ["cancel", "request", "request"]
    assert list(lines(job).values()) == [DONE, ("", "", ""), ("", "", "")]
    monkeypatch.undo()
    assert work_off_bulk_jobs() == 2
    assert counts(job) == ("done", 3, 3, 0)
    assert {tuple(story(one)) for one in callbacks} == {("request", "cancel")}


@pytest.mark.django_db(transaction=True)
def test_killed_between_the_last_callback_and_the_end_it_is_finished_by_the_next(
    campaign, ruth, monkeypatch
):
    make_callback(campaign)
    job = cancel(ruth)

    def dies(_):
        raise KilledError

    monkeypatch.setattr(bulk_work, "_finish", dies)
    with pytest.raises(KilledError):
        work_off_bulk_jobs()
    assert counts(job) == ("running", 1, 1, 0)
    monkeypatch.undo()
    assert work_off_bulk_jobs() == 0
    assert counts(job) == ("done", 1, 1, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_workers_share_a_job_and_do_no_callback_twice(campaign, ruth, monkeypatch):
    monkeypatch.setattr(bulk_work, "CHUNK", 4)
    callbacks = [make_callback(campaign) for _ in range(24)]
    job = start_bulk(ruth, "skip", {}, ALL)
    answers = at_once(*[work_off_bulk_jobs] * 3)
    assert errors(answers) == []
    rest = work_off_bulk_jobs()  # a worker that found all of it taken has gone
    assert sum(answers) + rest == 24
    assert counts(job) == ("done", 24, 24, 0)
    assert {tuple(story(one)) for one in callbacks} == {("request", "skip")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_while_agents_claim_every_line_is_true(campaign, ruth):
    callbacks = [make_callback(campaign) for _ in range(30)]
    agents = [make_agent(campaign) for _ in range(10)]
    job = cancel(ruth)

    def claim(some):
        for agent in some:
            if found := queue.claim_next(agent.pk, [campaign.pk]):
                # It may be cancelled before it is accepted: the agent is told so.
                with suppress(RefusedError):
                    offers.accept_offer(
                        callback_id=found.callback_id, agent_id=agent.pk, version=found.version
                    )

    desks = [partial(claim, agents[:5]), partial(claim, agents[5:])]
    answers = at_once(work_off_bulk_jobs, work_off_bulk_jobs, *desks)
    assert errors(answers) == []
    work_off_bulk_jobs()
    found = lines(job)
    for one in callbacks:
        one.refresh_from_db()
        cancelled = story(one)[-1] == "cancel"
        assert (one.state == "cancelled") == cancelled == (found[one.pk][0] == "done")
        if not cancelled:
            assert one.state == "working"
            assert f"{one.agent} has it in hand" in found[one.pk][2]
    done = sum(one[0] == "done" for one in found.values())
    assert counts(job) == ("done", 30, done, 30 - done)
