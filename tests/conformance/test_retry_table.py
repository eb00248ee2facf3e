"""The source's table of retries, row by row: trigger, delay, most retries.

Each row is walked dial by dial, as agents and customers would live through it.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.actions import finish_work
from agentdesk.models import Agent
from agentdesk.tasks import schedule_retries
from callbacks.actions.calls import hang_up, start_call
from callbacks.actions.outcomes import WrapUp
from contacts import clock
from tests.conformance.floor import (
    NEVER_RETRIED,
    RETRIED,
    ask,
    bill,
    call,
    dial,
    label,
    later,
    offer,
    row,
    same_number,
    says,
    supervisor,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent, make_campaign, open_only_in, story
from tests.telephony import heard

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEAD = 5 * M

retried = pytest.mark.parametrize("trigger", RETRIED, ids=str)


def exhausted(simulator, agent, callback, trigger):
    """Dial until the policy gives up; the next round begins where the last one left off."""
    while callback.state == "scheduled":
        call(simulator, agent, callback, trigger.code)
        if callback.state == "scheduled":
            until_due(callback)
    return callback


@retried
def test_the_row_is_kept_from_the_first_dial_to_the_last(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    for retry in range(1, trigger.maximum + 1):
        attempt = call(simulator, agent, callback, trigger.code)
        assert callback.due_at == attempt.ended_at + trigger.delay
        assert label(callback) == f"Retry {retry} of {trigger.maximum}"
        assert (callback.state, bill(simulator, callback)) == ("scheduled", retry)
        until_due(callback)
    call(simulator, agent, callback, trigger.code)  # the last of the retries
    assert callback.state == "exhausted"
    assert bill(simulator, callback) == trigger.maximum + 1


@retried
def test_what_is_used_up_is_never_dialled_again(campaign, agent, simulator, trigger):
    callback = exhausted(simulator, agent, ask(campaign, trigger.ending), trigger)
    for _ in range(3):
        later(10 * D)
        assert offer(agent) is None
    assert views(callback) == set()
    assert bill(simulator, callback) == trigger.maximum + 1


@retried
def test_nothing_is_offered_before_the_delay_is_over(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    later(callback.due_at - clock.now() - LEAD - timedelta(microseconds=1))
    assert offer(agent) is None
    later(timedelta(microseconds=1))  # the preview may open five minutes early, to read
    assert offer(agent).callback_id == callback.pk
    assert bill(simulator, callback) == 1


@pytest.mark.parametrize("trigger", NEVER_RETRIED, ids=str)
def test_no_retry_follows(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    assert (callback.state, label(callback)) == ("cancelled", "")
    for _ in range(3):
        later(10 * D)
        assert offer(agent) is None
    assert bill(simulator, callback) == 1


@retried
def test_the_queue_words_the_retry_and_the_outcome_it_follows(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    call(simulator, agent, callback, trigger.code)
    said = {"Busy Signal": "Busy", "No Answer": "No answer", "Network Error": "Network error"}
    line = row(supervisor(), callback)
    assert said.get(trigger.name, trigger.name) in line
    assert f"Retry 1 of {trigger.maximum}" in line


@retried
def test_a_new_campaign_starts_at_zero_after_another_is_exhausted(
    campaign, agent, simulator, trigger
):
    first = exhausted(simulator, agent, ask(campaign, trigger.ending), trigger)
    other = make_campaign()
    second = ask(other, number=same_number(first))
    assert second.contact_id == first.contact_id
    call(simulator, make_agent(other), second, trigger.code)
    assert (second.state, label(second)) == ("scheduled", f"Retry 1 of {trigger.maximum}")


@retried
def test_two_campaigns_at_once_count_apart(campaign, agent, simulator, trigger):
    first = ask(campaign, trigger.ending)
    other = make_campaign()
    second = ask(other, number=same_number(first))
    call(simulator, agent, first, trigger.code)
    call(simulator, make_agent(other), second, trigger.code)
    assert {label(first), label(second)} == {f"Retry 1 of {trigger.maximum}"}


@retried
def test_who_asks_anew_after_the_end_starts_at_zero(campaign, agent, simulator, trigger):
    first = exhausted(simulator, agent, ask(campaign, trigger.ending), trigger)
    later(M)
    again = ask(campaign, number=same_number(first))
    assert again.pk != first.pk
    call(simulator, agent, again, trigger.code)
    assert label(again) == f"Retry 1 of {trigger.maximum}"


def test_after_an_answer_counting_starts_at_zero(campaign, agent, simulator):
    callback = ask(campaign)
    call(simulator, agent, callback, "voicemail")
    until_due(callback)
    call(simulator, agent, callback, "call-again", again=wish(2 * H))
    until_due(callback)
    call(simulator, agent, callback, "voicemail")
    assert label(callback) == "Retry 1 of 3"


def test_each_outcome_is_counted_by_itself(campaign, agent, simulator):
    callback = ask(campaign)
    seen = []
    for code in ("voicemail", "busy", "voicemail", "no-answer", "busy", "voicemail", "voicemail"):
        call(simulator, agent, callback, code)
        seen.append((label(callback), callback.state))
        until_due(callback)
    assert seen == [
        ("Retry 1 of 3", "scheduled"),
        ("Retry 1 of 5", "scheduled"),
        ("Retry 2 of 3", "scheduled"),
        ("Retry 1 of 3", "scheduled"),
        ("Retry 2 of 5", "scheduled"),
        ("Retry 3 of 3", "scheduled"),
        ("Retry 3 of 3", "exhausted"),  # the fourth voicemail, the third retry of it
    ]


@retried
def test_a_dial_that_the_agent_stops_uses_up_no_retry(db, simulator, trigger):
    campaign = make_campaign(needs_disposition=False)
    agent = make_agent(campaign)
    callback = ask(campaign, "02")  # rings for a while
    work = take(agent, callback)
    attempt = start_call(work, key=uuid4())
    hang_up(work)
    assert heard(simulator, attempt, "ended").outcome == "cancelled_by_agent"
    assert finish_work(work, WrapUp(None)) == "scheduled"
    later(M)
    callback.refresh_from_db()
    assert label(callback) == ""
    call(simulator, agent, callback, trigger.code)
    assert label(callback) == f"Retry 1 of {trigger.maximum}"


@retried
def test_the_row_is_the_same_when_nobody_is_at_the_desk(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    attempt = dial(simulator, take(agent, callback))
    schedule_retries()
    callback.refresh_from_db()
    assert callback.state == "working"  # somebody is there
    later(6 * M)
    Agent.objects.filter(pk=agent.pk).update(seen_at=clock.now() - 6 * M)  # the browser is gone
    schedule_retries()
    callback.refresh_from_db()
    attempt.refresh_from_db()
    assert (callback.state, callback.due_at) == ("scheduled", attempt.ended_at + trigger.delay)
    assert label(callback) == f"Retry 1 of {trigger.maximum}"
    schedule_retries()
    assert story(callback).count("retry") == 1


def test_an_invalid_number_is_not_rung_for_any_other_campaign(campaign, agent, simulator):
    first = ask(campaign, "05")
    other = make_campaign()
    second = ask(other, number=same_number(first))
    call(simulator, agent, first, "wrong-number")
    assert offer(make_agent(other)) is None
    second.refresh_from_db()
    assert (second.state, second.ended_reason) == ("cancelled", "Number not in service")
    assert bill(simulator, first) == 1


@retried
def test_a_retry_is_moved_forward_into_the_next_window(campaign, agent, simulator, trigger):
    callback = ask(campaign, trigger.ending)
    work = take(agent, callback)
    attempt = dial(simulator, work)
    open_only_in(campaign, 3)  # closed today and tomorrow
    finish_work(work, says(callback, trigger.code))
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    callback.refresh_from_db()
    assert attempt.ended_at + trigger.delay < callback.due_at == midnight + 3 * D
    assert callback.callable_from == callback.due_at
