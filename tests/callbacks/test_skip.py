"""Skip uses up a retry; without one it is the next calling day (RULES 2 and 3, decision 9)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks import cases
from callbacks.actions.manage import skip
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor
from callbacks.rules.states import State
from campaigns.models import Campaign, Disposition, RetryRule
from campaigns.rules.retry import Outcome
from contacts import clock
from tests.factories import (
    in_work,
    make_attempt,
    make_callback,
    make_contact,
    open_only_in,
    story,
)

pytestmark = pytest.mark.django_db
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def retrying(campaign, outcome="no_answer", number=1, maximum=3, dials=1, **fields):
    """A callback that waits for a retry, with its dials behind it."""
    callback = make_callback(
        campaign, trigger_outcome=outcome, retry_number=number, retry_max=maximum, **fields
    )
    for dial in range(dials):
        make_attempt(callback, outcome, ago=(dial + 1) * D)
    return callback


def due_now(callback):
    """As it is when its time has come."""
    now = clock.now()
    Callback.objects.filter(pk=callback.pk).update(due_at=now, callable_from=now - 5 * M)
    return callback


def skipped(callback, **more):
    state = skip(callback.pk, actor=Actor("supervisor", 77), **more)
    after = Callback.objects.get(pk=callback.pk)
    assert after.state == state
    return after


@pytest.mark.parametrize("due", [-2 * H, 3 * H])
def test_the_next_retry_follows_the_later_of_its_time_and_now(campaign, due):
    callback = retrying(campaign, due=due)
    after = skipped(callback)
    assert after.due_at == max(callback.due_at, clock.now()) + D
    assert (after.retry_number, after.retry_max, after.trigger_outcome) == (2, 3, "no_answer")
    assert after.callable_from == after.due_at - 5 * M


def test_the_delay_is_the_next_step_of_the_policy(campaign):
    RetryRule.objects.filter(campaign=campaign, outcome="busy").update(delay_minutes=[60, 240, 600])
    callback = retrying(campaign, "busy", maximum=5)
    steps = []
    for _ in range(4):
        before = Callback.objects.get(pk=callback.pk).due_at
        after = skipped(callback)
        steps.append((after.retry_number, after.due_at - max(before, clock.now())))
    assert steps == [(2, 4 * H), (3, 10 * H), (4, 10 * H), (5, 10 * H)]


def test_skipping_the_last_retry_gives_up(campaign):
    callback = retrying(campaign, number=3, dials=3)
    after = skipped(callback)
    assert (after.state, after.ended_reason) == ("exhausted", "All 3 retries are used up")
    assert story(callback) == ["request", "exhaust"]


def test_of_three_retries_the_third_skip_gives_up(campaign):
    callback = retrying(campaign)
    states = [skipped(callback).state for _ in range(3)]
    assert states == ["scheduled", "scheduled", "exhausted"]
    assert story(callback) == ["request", "skip", "skip", "exhaust"]


def test_the_reason_that_a_supervisor_gives_is_kept(campaign):
    callback = retrying(campaign, number=3, dials=3)
    after = skipped(callback, reason="On holiday")
    assert after.ended_reason == "On holiday"
    other = retrying(campaign)
    skipped(other, reason="On holiday")
    told = other.events.order_by("id").last()
    assert (told.reason, told.actor_kind, told.actor_id) == ("On holiday", "supervisor", 77)
    assert told.data["outcome"] == "no_answer"
    assert told.data["from"] < told.data["to"]


def test_a_skip_counts_like_a_dial_when_the_next_one_ends(campaign, agent):
    callback = retrying(campaign)
    skipped(callback)  # the first retry is used up: the next one is the second
    work = in_work(agent, due_now(callback))
    make_attempt(callback, "no_answer", ago=timedelta(0), intended_at=clock.now())
    no_answer = Disposition.objects.get(campaign=campaign, code="no-answer")
    assert record_outcome(work, WrapUp(no_answer)) is State.SCHEDULED
    after = Callback.objects.get(pk=callback.pk)
    assert (after.retry_number, after.retry_max) == (3, 3)  # two dials and one skip


def test_a_skip_after_the_last_dial_but_one_exhausts_at_the_next_outcome(campaign, agent):
    callback = retrying(campaign, number=2, dials=2)
    skipped(callback)
    work = in_work(agent, due_now(callback))
    make_attempt(callback, "no_answer", ago=timedelta(0), intended_at=clock.now())
    no_answer = Disposition.objects.get(campaign=campaign, code="no-answer")
    assert record_outcome(work, WrapUp(no_answer)) is State.EXHAUSTED


def test_skips_count_for_their_own_outcome_alone(campaign, agent):
    callback = retrying(campaign)
    skipped(callback)
    skipped(callback)
    one = cases.case(callback.pk)
    counted = [one.so_far(outcome) for outcome in (Outcome.NO_ANSWER, Outcome.BUSY)]
    assert [(so_far.with_this_outcome, so_far.in_all) for so_far in counted] == [(3, 1), (0, 1)]


def test_a_skip_is_no_dial_for_the_overall_cap(campaign):
    Campaign.objects.filter(pk=campaign.pk).update(dial_cap=2)
    callback = retrying(campaign)  # one dial of two
    assert [skipped(callback).state for _ in range(2)] == ["scheduled", "scheduled"]


def test_skips_before_counting_began_anew_do_not_count(campaign):
    callback = retrying(campaign, dials=0)
    skipped(callback)
    Callback.objects.update(counts_from=clock.now() + M)
    assert cases.case(callback.pk).so_far(Outcome.NO_ANSWER).with_this_outcome == 0
    Callback.objects.update(counts_from=clock.now())
    assert cases.case(callback.pk).so_far(Outcome.NO_ANSWER).with_this_outcome == 1


def test_the_next_retry_moves_into_the_calling_window(campaign):
    open_only_in(campaign, 0, 4)
    after = skipped(retrying(campaign))
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert after.due_at == after.callable_from == midnight + 4 * D


def test_an_outcome_that_is_not_retried_any_more_gives_up(campaign):
    callback = retrying(campaign)
    RetryRule.objects.filter(campaign=campaign, outcome="no_answer").delete()
    after = skipped(callback)
    assert (after.state, after.ended_reason) == (
        "exhausted", "The policy has no retry for this outcome",
    )  # fmt: skip


# --- without a retry to use up


def wall(callback, zone="UTC"):
    return callback.due_at.astimezone(ZoneInfo(zone)).time()


def day(callback, zone="UTC"):
    return callback.due_at.astimezone(ZoneInfo(zone)).date()


@pytest.mark.parametrize("due", [-3 * D, -M, 30 * H])
def test_without_a_retry_it_is_the_same_wall_time_on_the_next_calling_day(campaign, due):
    callback = make_callback(campaign, contact=make_contact(zones=("UTC",)), due=due)
    after = skipped(callback)
    latest = max(callback.due_at, clock.now()).date()
    assert (day(after), wall(after)) == (latest + D, wall(callback))
    assert (after.retry_number, after.trigger_outcome) == (0, "")
    assert callback.events.get(name="skip").data["outcome"] == ""


def test_days_without_hours_are_passed_over(campaign):
    open_only_in(campaign, 0, 3)
    contact = make_contact(zones=("UTC",))
    callback = make_callback(campaign, contact=contact)
    after = skipped(callback)
    assert (day(after, "UTC") - day(callback, "UTC"), wall(after, "UTC")) in (
        (3 * D, wall(callback, "UTC")), (4 * D, wall(callback, "UTC")),
    )  # fmt: skip


def test_the_wall_time_is_that_of_the_contact(campaign):
    contact = make_contact(zones=("Asia/Tokyo",))
    callback = make_callback(campaign, contact=contact, due=3 * H)
    after = skipped(callback)
    assert wall(after, "Asia/Tokyo") == wall(callback, "Asia/Tokyo")
    assert day(after, "Asia/Tokyo") - day(callback, "Asia/Tokyo") == D


def test_a_retry_number_without_an_outcome_is_no_retry(campaign):
    after = skipped(make_callback(campaign, trigger_outcome="no_answer"))
    assert (after.state, after.retry_number) == ("scheduled", 0)
    assert after.due_at - clock.now() > 22 * H


def test_an_unused_retry_keeps_who_it_waits_for(campaign, agent):
    callback = retrying(campaign, reserved_for=agent.user)
    after = skipped(callback)
    assert (after.reserved_for_id, after.reserved_until) == (agent.pk, after.due_at + 15 * M)


def test_a_skip_ends_the_customers_own_time_and_the_promise(campaign):
    now = clock.now()
    callback = make_callback(
        campaign, own_time=True, promised_from=now, promised_until=now + H, said_wall="x"
    )
    after = skipped(callback)
    assert (after.own_time, after.promised_from, after.promised_until, after.said_wall) == (
        False, None, None, "",
    )  # fmt: skip


def test_nowhere_known_it_is_a_day_later_and_asks_a_person(campaign):
    callback = make_callback(campaign, contact=make_contact(zones=()), callable_in=None)
    after = skipped(callback)
    assert (after.due_at, after.callable_from) == (clock.now() + D, None)
    assert after.attention != ""


def test_two_skips_of_one_callback_are_two_days(campaign):
    callback = make_callback(campaign, contact=make_contact(zones=("UTC",)))
    skip(callback.pk, actor=SYSTEM)
    first = Callback.objects.get(pk=callback.pk)
    skip(callback.pk, actor=SYSTEM)
    second = Callback.objects.get(pk=callback.pk)
    assert (day(second) - day(first), wall(second)) == (D, wall(first))
