"""Done: the outcome, the next time and the end of the work in one transaction."""

from datetime import timedelta

import pytest

from callbacks.actions import outcomes
from callbacks.actions.outcomes import WrapUp, WrapUpError, record_outcome, release_work
from callbacks.models import Attempt, Callback
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign, Disposition
from contacts import clock
from contacts.models import DoNotCall, Intent, Interaction, PhoneNumber
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    open_only_in,
    snapshot,
    story,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOTHING = timedelta(0)


def says(callback, code, **more):
    return WrapUp(Disposition.objects.get(campaign=callback.campaign, code=code), **more)


def dialled(callback, outcome, **fields):
    """The dial that the agent has just made."""
    return make_attempt(callback, outcome, ago=NOTHING, intended_at=clock.now(), **fields)


@pytest.fixture
def worked(campaign, agent):
    """A callback in work, after a call, and the claim."""
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    return callback, work


def refused(work, wrap_up, error=WrapUpError):
    before = snapshot()
    with pytest.raises(error) as found:
        record_outcome(work, wrap_up)
    assert snapshot() == before
    return found.value


RETRIES = [
    ("voicemail", "voicemail", 24 * H, 3),
    ("no-answer", "no_answer", 24 * H, 3),
    ("busy", "busy", 1 * H, 5),
    ("network-error", "network_error", 30 * M, 3),
]


@pytest.mark.parametrize(("code", "outcome", "delay", "maximum"), RETRIES)
def test_who_was_not_reached_is_called_again_after_the_delay(worked, code, outcome, delay, maximum):
    callback, work = worked
    attempt = dialled(callback, outcome)
    assert record_outcome(work, says(callback, code)) == "scheduled"
    after = Callback.objects.get(pk=callback.pk)
    assert after.due_at == attempt.ended_at + delay
    assert after.callable_from == after.due_at - 5 * M  # the lead
    assert (after.retry_number, after.retry_max, after.trigger_outcome) == (1, maximum, outcome)
    assert (after.state, after.agent_id, after.claim_version) == ("scheduled", None, 1)
    assert story(callback)[-1] == "retry"


@pytest.mark.parametrize(("code", "outcome", "delay", "maximum"), RETRIES)
def test_the_dial_after_the_last_retry_gives_up(worked, code, outcome, delay, maximum):
    callback, work = worked
    for number in range(maximum):
        make_attempt(callback, outcome, ago=(number + 1) * D)
    dialled(callback, outcome)  # max retries 3: this is the fourth dial
    assert record_outcome(work, says(callback, code)) == "exhausted"
    after = Callback.objects.get(pk=callback.pk)
    assert after.ended_reason == f"All {maximum} retries are used up"
    assert after.ended_at is not None


def test_the_last_retry_is_not_the_end(worked):
    callback, work = worked
    for number in (1, 2):
        make_attempt(callback, "voicemail", ago=number * D)
    dialled(callback, "voicemail")  # the third dial
    assert record_outcome(work, says(callback, "voicemail")) == "scheduled"
    assert Callback.objects.get(pk=callback.pk).retry_number == 3


def test_the_next_time_is_moved_into_the_window(worked, campaign):
    callback, work = worked
    open_only_in(campaign, 0, 2)  # tomorrow is closed
    attempt = dialled(callback, "voicemail")
    record_outcome(work, says(callback, "voicemail"))
    midnight = attempt.ended_at.replace(hour=0, minute=0, second=0, microsecond=0)
    after = Callback.objects.get(pk=callback.pk)
    assert after.due_at == after.callable_from == midnight + 2 * D
    assert after.callable_until == midnight + 3 * D
    told = after.events.order_by("id").last()
    assert told.data["policy_time"].startswith(f"{attempt.ended_at + D:%Y-%m-%d %H:%M}")


def test_a_campaign_without_any_window_asks_a_supervisor(worked, campaign):
    callback, work = worked
    open_only_in(campaign)
    campaign.hours.create(weekday=0, opens=0, closes=1)
    Campaign.objects.update(zone="")
    type(callback.contact).objects.update(zones=["Europe/London", "Asia/Tokyo"])
    dialled(callback, "busy")
    assert record_outcome(work, says(callback, "busy")) == "scheduled"
    after = Callback.objects.get(pk=callback.pk)
    assert (after.callable_from, after.attention) == (None, "No calling hours: choose what to do")


def test_a_promise_of_the_customers_own_time_is_over_after_the_dial(worked):
    callback, work = worked
    Callback.objects.update(
        own_time=True, said_wall="2026-11-20T09:00", promised_from=callback.due_at
    )
    dialled(callback, "busy")
    record_outcome(work, says(callback, "busy"))
    after = Callback.objects.get(pk=callback.pk)
    assert (after.own_time, after.said_wall, after.promised_from) == (False, "", None)


@pytest.mark.parametrize(
    ("code", "state", "event"),
    [
        ("resolved", "completed", "done"),
        ("still-open", "completed", "done"),
        ("wrong-number", "cancelled", "give_up"),
        ("do-not-call", "cancelled", "give_up"),
    ],
)
def test_these_endings_end_the_callback(worked, code, state, event):
    callback, work = worked
    dialled(callback, "answered")
    assert record_outcome(work, says(callback, code)) == state
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.agent_id) == (state, None)
    assert story(callback)[-1] == event


def test_a_wrong_number_is_remembered(worked):
    callback, work = worked
    dialled(callback, "answered")
    assert PhoneNumber.objects.get().invalid_since is None
    record_outcome(work, says(callback, "wrong-number"))
    assert PhoneNumber.objects.get().invalid_since == clock.now()


def test_a_do_not_call_request_cancels_everything_of_the_contact_everywhere(worked):
    callback, work = worked
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    stranger = make_callback(make_campaign())
    dialled(callback, "answered")
    record_outcome(work, says(callback, "do-not-call"))
    states = dict(Callback.objects.values_list("pk", "state"))
    assert states == {
        callback.pk: "cancelled", elsewhere.pk: "cancelled", stranger.pk: "scheduled",
    }  # fmt: skip
    assert DoNotCall.objects.get().number_hash == callback.number.dnc_hash


@pytest.mark.parametrize("code", ["do-not-call", "voicemail", "resolved"])
def test_all_of_done_happens_or_nothing(worked, monkeypatch, code):
    callback, work = worked
    dialled(callback, "no_answer")
    make_callback(make_campaign(), contact=callback.contact)
    before = snapshot()

    def breaks():
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(outcomes.notices, "tell_queue", breaks)
        with pytest.raises(ConnectionError):
            record_outcome(work, says(callback, code))
    assert snapshot() == before
    record_outcome(work, says(callback, code))
    assert snapshot() != before


def test_what_the_agent_says_counts_more_than_what_the_carrier_heard(worked):
    callback, work = worked
    attempt = dialled(callback, "answered")  # a machine picked up
    record_outcome(work, says(callback, "voicemail"))
    attempt.refresh_from_db()
    assert attempt.outcome == "voicemail"
    assert Callback.objects.get(pk=callback.pk).retry_number == 1


@pytest.mark.parametrize("code", ["voicemail", "no-answer", "busy", "network-error"])
def test_nobody_can_say_that_a_call_failed_who_has_not_called(worked, code):
    callback, work = worked
    error = refused(work, says(callback, code))
    assert (error.field, error.code) == ("code", "not_dialled")
    assert record_outcome(work, says(callback, "resolved")) == "completed"


def test_how_it_ended_has_to_be_said(worked, campaign):
    callback, work = worked
    dialled(callback, "busy")
    error = refused(work, WrapUp(None))
    assert (error.field, error.code) == ("code", "required")


def test_where_it_need_not_be_said_the_carriers_word_counts(worked):
    callback, work = worked
    Campaign.objects.update(needs_disposition=False)
    dialled(callback, "busy")
    assert record_outcome(work, WrapUp(None)) == "scheduled"
    assert Callback.objects.get(pk=callback.pk).trigger_outcome == "busy"


@pytest.mark.parametrize("outcome", ["unknown", ""])
def test_an_unknown_outcome_makes_the_agent_choose(worked, outcome):
    callback, work = worked
    Campaign.objects.update(needs_disposition=False)
    dialled(callback, outcome, state="unknown", ended_at=None)
    assert refused(work, WrapUp(None)).code == "required"
    assert record_outcome(work, says(callback, "no-answer")) == "scheduled"
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.outcome) == ("ended", "no_answer")


def test_a_note_is_required_where_the_ending_needs_one(worked):
    callback, work = worked
    Disposition.objects.filter(code="resolved").update(needs_note=True)
    error = refused(work, says(callback, "resolved", note="  "))
    assert (error.field, error.code) == ("note", "required")
    assert record_outcome(work, says(callback, "resolved", note="Read: 4711")) == "completed"


def test_during_the_call_the_work_cannot_be_closed(worked):
    callback, work = worked
    dialled(callback, "", state="connected", ended_at=None)
    assert refused(work, says(callback, "resolved")).code == "live"
    before = snapshot()
    with pytest.raises(WrapUpError, match="End the call first"):
        release_work(work)
    assert snapshot() == before


def test_somebody_elses_work_cannot_be_closed(worked, campaign):
    callback, work = worked
    other = make_agent(campaign)
    stale = type(work)(work.callback_id, work.agent_id, work.version - 1)
    foreign = type(work)(work.callback_id, other.pk, work.version)
    assert refused(stale, says(callback, "resolved"), RefusedError).code == "stale"
    assert refused(foreign, says(callback, "resolved"), RefusedError).code == "holder"


def test_done_twice_is_done_once(worked):
    callback, work = worked
    record_outcome(work, says(callback, "resolved"))
    assert refused(work, says(callback, "resolved"), RefusedError).state == "completed"


def test_history_and_open_matters_are_written(worked):
    callback, work = worked
    at = clock.now()
    other = make_callback(make_campaign()).contact
    mine = Intent.objects.create(contact=callback.contact, name="refund", opened_at=at)
    theirs = Intent.objects.create(contact=other, name="refund", opened_at=at)
    dialled(callback, "answered", answered_at=at - 90 * timedelta(seconds=1))
    wrap_up = says(
        callback,
        "resolved",
        note="Read: 4711",
        intents={mine.pk: "resolved", theirs.pk: "resolved"},
    )
    record_outcome(work, wrap_up)
    told = Interaction.objects.get()
    assert (told.summary, told.seconds, told.with_whom) == ("Read: 4711", 90, "Ada")
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.status, mine.attempt_count, mine.closed_at) == ("resolved", 1, at)
    assert (theirs.status, theirs.attempt_count) == ("open", 0)  # not this contact's
