"""Another time agreed, work given back, dials that do not count, work left behind."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.actions.intake import Wish
from callbacks.actions.outcomes import WrapUp, WrapUpError, record_outcome, release_work
from callbacks.actions.unattended import schedule_retries
from callbacks.models import Attempt, Callback
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign, Disposition
from contacts import clock
from contacts.rules.timezones import NonexistentTimeError
from tests.factories import (
    in_work,
    make_attempt,
    make_callback,
    make_campaign,
    open_only_in,
    snapshot,
    story,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def says(callback, code, **more):
    return WrapUp(Disposition.objects.get(campaign=callback.campaign, code=code), **more)


def dialled(callback, outcome, **fields):
    return make_attempt(callback, outcome, ago=0 * M, intended_at=clock.now(), **fields)


def wall(later):
    local = (clock.now() + later).astimezone(ZoneInfo("Europe/London"))
    return local.replace(tzinfo=None, microsecond=0)


def wish(later):
    return Wish(wall(later), "Europe/London")


@pytest.fixture
def worked(campaign, agent):
    callback = make_callback(campaign)
    return callback, in_work(agent, callback)


def test_a_time_agreed_with_the_contact_replaces_the_policys(worked):
    callback, work = worked
    dialled(callback, "answered")
    again = wish(3 * D)
    assert record_outcome(work, says(callback, "call-again", again=again)) == "scheduled"
    after = Callback.objects.get(pk=callback.pk)
    assert after.due_at == again.wall.replace(tzinfo=ZoneInfo("Europe/London"))
    assert after.callable_from == after.due_at - 5 * M
    assert (after.retry_number, after.reserved_for_id) == (0, None)
    assert story(callback)[-1] == "call_again"


def test_it_may_wait_for_the_same_agent(worked, agent):
    callback, work = worked
    dialled(callback, "answered")
    record_outcome(work, says(callback, "call-again", again=wish(D), personal=True))
    assert Callback.objects.get(pk=callback.pk).reserved_for_id == agent.pk


def test_after_an_answer_counting_begins_anew(worked):
    callback, work = worked
    for number in (1, 2, 3):
        make_attempt(callback, "busy", ago=number * H)
    dialled(callback, "answered")
    record_outcome(work, says(callback, "call-again", again=wish(D)))
    assert Callback.objects.get(pk=callback.pk).counts_from == clock.now()


def test_without_an_answer_counting_goes_on(worked):
    callback, work = worked
    Disposition.objects.filter(code="busy").update(needs_time=True)
    dialled(callback, "busy")
    record_outcome(work, says(callback, "busy", again=wish(D)))
    assert Callback.objects.get(pk=callback.pk).counts_from == callback.counts_from


@pytest.mark.parametrize(
    ("again", "code"), [(None, "required"), (-1 * H, "past"), (1 * D, "closed")]
)
def test_a_time_that_is_missing_past_or_closed_is_refused(worked, campaign, again, code):
    callback, work = worked
    open_only_in(campaign, 0, 2, 6)
    dialled(callback, "answered")
    before = snapshot()
    time = Wish((clock.now() + again).replace(tzinfo=None), "UTC") if again else None
    with pytest.raises(WrapUpError) as refused:
        record_outcome(work, says(callback, "call-again", again=time))
    assert snapshot() == before
    assert (refused.value.field, refused.value.code) == ("again_time", code)


def test_a_time_that_the_clock_jumps_over_is_refused(worked):
    callback, work = worked
    gap = Wish(
        wall(D).replace(year=2027, month=3, day=28, hour=1, minute=30, second=0), "Europe/London"
    )
    before = snapshot()
    with pytest.raises(NonexistentTimeError):
        record_outcome(work, says(callback, "call-again", again=gap))
    assert snapshot() == before


def test_work_given_back_keeps_its_place_and_promise(campaign, agent):
    callback = make_callback(
        campaign, priority=7, retry_number=2, retry_max=3, attention="Rejected 3×: Not now"
    )
    release_work(in_work(agent, callback))
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.agent_id) == ("scheduled", None)
    kept = ("due_at", "callable_from", "priority", "retry_number", "retry_max", "attention")
    for column in kept:
        assert getattr(after, column) == getattr(callback, column), column
    assert story(callback) == ["request", "offer", "accept", "release"]


def test_work_given_back_still_waits_for_the_agent_it_was_promised_to(campaign, agent):
    callback = make_callback(campaign, reserved_for=agent.user)
    release_work(in_work(agent, callback))
    assert Callback.objects.get(pk=callback.pk).reserved_for_id == agent.pk


def test_work_is_given_back_once(worked):
    _, work = worked
    release_work(work)
    before = snapshot()
    with pytest.raises(RefusedError):
        release_work(work)
    assert snapshot() == before


def test_a_dial_that_the_agent_stopped_counts_against_nothing(worked):
    callback, work = worked
    Campaign.objects.update(dial_cap=2)
    for number in range(5):
        make_attempt(callback, "cancelled_by_agent", ago=(number + 1) * H)
    dialled(callback, "busy")  # the first of its kind, and the first that counts for the cap
    assert record_outcome(work, says(callback, "busy")) == "scheduled"
    assert Callback.objects.get(pk=callback.pk).retry_number == 1


def test_a_cap_that_is_reached_ends_the_callback(worked):
    callback, work = worked
    Campaign.objects.update(dial_cap=2)
    make_attempt(callback, "voicemail", ago=D)
    dialled(callback, "busy")
    assert record_outcome(work, says(callback, "busy")) == "exhausted"
    assert "at most 2 times" in Callback.objects.get(pk=callback.pk).ended_reason


def test_work_whose_dial_was_stopped_goes_back_with_its_place(worked):
    callback, work = worked
    Campaign.objects.update(needs_disposition=False)
    dialled(callback, "cancelled_by_agent")
    assert record_outcome(work, WrapUp(None)) == "scheduled"
    after = Callback.objects.get(pk=callback.pk)
    assert (after.due_at, after.retry_number) == (callback.due_at, 0)


@pytest.mark.parametrize("other", ["earlier", "campaign", "blocked"])
def test_dials_before_counting_began_elsewhere_or_never_made_do_not_count(worked, other):
    callback, work = worked
    fields = {"campaign_id": make_campaign().pk} if other == "campaign" else {}
    fields |= {"dialed_at": None} if other == "blocked" else {}
    for number in range(3):
        ago = (20 * D if other == "earlier" else D) + number * H
        make_attempt(callback, "voicemail", ago=ago, **fields)
    dialled(callback, "voicemail")
    assert record_outcome(work, says(callback, "voicemail")) == "scheduled"
    assert Callback.objects.get(pk=callback.pk).retry_number == 1


def left_behind(callback, outcome="busy", ended=6 * M, **fields):
    """Work whose call ended some time ago with nobody at the desk."""
    Callback.objects.filter(pk=callback.pk).update(accepted_at=clock.now() - 30 * M)
    return make_attempt(callback, outcome, ago=ended, **fields)


def test_work_left_behind_gets_the_retry_that_done_would_give(worked, agent):
    callback, _ = worked
    attempt = left_behind(callback)
    assert schedule_retries([agent.pk]) == 1
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.due_at) == ("scheduled", attempt.ended_at + H)
    assert (after.retry_number, after.trigger_outcome) == (1, "busy")
    assert after.events.order_by("id").last().actor_kind == "system"


def test_sweeping_twice_is_harmless(worked, agent):
    callback, _ = worked
    left_behind(callback)
    schedule_retries([agent.pk])
    before = snapshot()
    assert schedule_retries([agent.pk]) == 0
    assert snapshot() == before


@pytest.mark.parametrize(
    "case",
    [
        {"ended": 4 * M},  # not five minutes ago yet
        {"outcome": "", "state": "connected", "ended_at": None},  # still talking
    ],
)
def test_work_that_may_still_go_on_is_left_alone(worked, agent, case):
    callback, _ = worked
    left_behind(callback, **case)
    before = snapshot()
    assert schedule_retries([agent.pk]) == 0
    assert snapshot() == before
    Attempt.objects.all().delete()
    left_behind(callback)
    assert schedule_retries([agent.pk]) == 1


def test_work_of_an_agent_who_is_there_is_left_alone(worked, agent):
    callback, _ = worked
    left_behind(callback)
    before = snapshot()
    assert schedule_retries([]) == 0
    assert snapshot() == before


def test_a_contact_who_answered_an_agent_who_left_is_done(worked, agent):
    callback, _ = worked
    left_behind(callback, "answered")
    assert schedule_retries([agent.pk]) == 1
    assert Callback.objects.get(pk=callback.pk).state == "completed"
