"""What the customer says while an agent has their callback in hand is not lost (RULES 1, 2, 5)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.panes import desk_of
from callbacks.actions.inbound import customer_called
from callbacks.actions.intake import Wish, request_callback
from callbacks.actions.outcomes import WrapUp, record_outcome, release_work
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from campaigns.models import Disposition
from contacts import clock
from contacts.rules.phone import read_number
from tests.factories import ANY_COUNTRY, in_work, make_attempt, make_request, story

pytestmark = pytest.mark.django_db
M, D = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def callback(campaign, make_callback):
    return make_callback(campaign)


@pytest.fixture
def work(agent, callback):
    return in_work(agent, callback)


def names_a_time(callback, later=3 * D, asked_in=None):
    """The same person asks again, on the web or in the call; answers the instant they named."""
    wall = (clock.now() + later).replace(tzinfo=None, second=0, microsecond=0)
    request = make_request(
        callback.campaign,
        number=read_number(str(callback.number.e164), "GB", ANY_COUNTRY),
        name=callback.contact.name,
        key=uuid4(),
        wish=Wish(wall, "UTC"),
        asked_in_id=asked_in and asked_in.pk,
    )
    receipt = request_callback(request)
    assert (receipt.merged, receipt.callback.pk) == (True, callback.pk)
    return wall.replace(tzinfo=clock.now().tzinfo)


def done(work, callback, code):
    disposition = Disposition.objects.get(campaign=callback.campaign, code=code)
    record_outcome(work, WrapUp(disposition))
    return Callback.objects.get(pk=callback.pk)


def dialled(callback, outcome):
    return make_attempt(callback, outcome, ago=timedelta(0), intended_at=clock.now())


def test_a_retry_waits_for_the_time_that_they_named(work, callback, agent):
    named = names_a_time(callback)
    assert f"{named:%H:%M} in UTC" in desk_of(agent).work.named
    dialled(callback, "voicemail")
    after = done(work, callback, "voicemail")
    assert (after.state, after.due_at, after.promised_from) == ("scheduled", named, named)
    assert (after.retry_number, after.own_time) == (1, True)
    assert after.said_wall == f"{named:%Y-%m-%dT%H:%M}"


def test_without_a_named_time_the_policy_decides(work, callback):
    dialled(callback, "voicemail")
    after = done(work, callback, "voicemail")
    assert (after.promised_from, after.own_time) == (None, False)


def test_work_given_back_waits_for_the_time_that_they_named(work, callback):
    named = names_a_time(callback)
    release_work(work)
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.due_at) == ("scheduled", named)


def test_what_was_asked_for_in_the_very_call_survives_its_answer(work, callback):
    attempt = dialled(callback, "answered")
    named = names_a_time(callback, asked_in=attempt)
    after = done(work, callback, "resolved")
    assert (after.state, after.due_at, after.retry_number) == ("scheduled", named, 0)
    assert after.counts_from > callback.counts_from
    assert story(callback)[-1] == "call_again"


def test_an_answer_settles_what_was_asked_for_before_the_call(work, callback):
    names_a_time(callback)
    dialled(callback, "answered")
    assert done(work, callback, "resolved").state == "completed"


def test_a_policy_that_gives_up_leaves_the_time_that_they_named(work, callback):
    for days in range(1, 4):
        make_attempt(callback, "voicemail", ago=days * D)
    named = names_a_time(callback)
    dialled(callback, "voicemail")
    after = done(work, callback, "voicemail")
    assert (after.state, after.due_at, after.retry_number) == ("scheduled", named, 0)


def test_the_time_that_they_named_last_counts_and_only_for_this_work(work, callback, agent):
    names_a_time(callback, 3 * D)
    named = names_a_time(callback, 5 * D)
    release_work(work)
    assert Callback.objects.get(pk=callback.pk).due_at == named
    Callback.objects.update(callable_from=clock.now())
    again = in_work(agent, callback)
    Callback.objects.update(accepted_at=clock.now() + M)  # later, in another transaction
    make_attempt(callback, "busy", ago=-3 * M, intended_at=clock.now() + 2 * M)
    assert done(again, callback, "busy").due_at < named


def test_an_agent_at_work_is_told_that_the_customer_has_called(work, callback, agent):
    closed = customer_called(callback.number, campaign=callback.campaign, actor=SYSTEM)
    assert closed.callback_ids == []
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, story(callback)[-1]) == ("working", "cancel_asked")
    assert desk_of(agent).work.withdrawn == "The customer has called us themselves"
    told = len(story(callback))
    customer_called(callback.number, campaign=callback.campaign, actor=SYSTEM)
    assert len(story(callback)) == told
