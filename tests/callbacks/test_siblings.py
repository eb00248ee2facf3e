"""The contact answered: nobody rings them again about what waited beside it (RULES 5)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.models import Agent
from callbacks import notices
from callbacks.actions.intake import Wish, request_callback
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.actions.unattended import schedule_retries
from callbacks.models import Callback
from campaigns.models import Campaign, Disposition
from contacts import clock
from contacts.rules.phone import read_number
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_contact,
    make_request,
    offered,
    story,
)

pytestmark = pytest.mark.django_db
M = timedelta(minutes=1)
WHY = "The contact answered another call"


def another(callback, name="Ines Carvalho", campaign=None, **fields):
    """A callback of another contact row at the same number."""
    contact = make_contact(name, number=callback.number)
    return make_callback(campaign or callback.campaign, contact=contact, **fields)


def dialled(agent, callback, outcome="answered"):
    work = in_work(agent, callback)
    attempt = make_attempt(callback, outcome, ago=timedelta(0), intended_at=clock.now())
    return work, attempt


def done(work, code="resolved"):
    campaign = Callback.objects.get(pk=work.callback_id).campaign
    return record_outcome(work, WrapUp(Disposition.objects.get(campaign=campaign, code=code)))


def answered(agent, callback):
    work, attempt = dialled(agent, callback)
    done(work)
    return attempt


def state(callback):
    return Callback.objects.get(pk=callback.pk).state


def test_rang_again_after_an_answer(campaign, agent):
    callback = make_callback(campaign)
    sibling, stranger = another(callback), make_callback(campaign)
    answered(agent, callback)
    assert [state(one) for one in (callback, sibling, stranger)] == [
        "completed", "cancelled", "scheduled",
    ]  # fmt: skip
    after = Callback.objects.get(pk=sibling.pk)
    assert after.ended_reason == WHY
    told = sibling.events.order_by("id").last()
    assert (told.name, told.reason, told.actor_kind) == ("cancel", WHY, "system")


@pytest.mark.parametrize("code", ["voicemail", "no-answer", "busy", "network-error"])
def test_without_an_answer_the_others_wait_on(campaign, agent, code):
    callback = make_callback(campaign)
    sibling = another(callback)
    work, _ = dialled(agent, callback, "no_answer")
    done(work, code)
    assert state(sibling) == "scheduled"
    assert story(sibling) == ["request"]


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Ines Carvalho", "cancelled"),
        ("  INÊS  carvalho ", "cancelled"),
        ("", "cancelled"),
        ("Rui Carvalho", "scheduled"),  # two people who share a telephone
    ],
)
def test_the_same_number_and_the_same_or_no_name_is_one_person(campaign, agent, name, left):
    callback = make_callback(campaign)
    sibling = another(callback, name)
    answered(agent, callback)
    assert state(sibling) == left


def test_one_without_a_name_is_everybody_at_the_number(campaign, agent):
    callback = make_callback(campaign, contact=make_contact(""))
    sibling = another(callback, "Rui Carvalho")
    answered(agent, callback)
    assert state(sibling) == "cancelled"


@pytest.mark.parametrize(("closes_all", "left"), [(False, "scheduled"), (True, "cancelled")])
def test_other_campaigns_keep_theirs_unless_the_campaign_closes_all(agent, closes_all, left):
    campaign = make_campaign(answer_closes_all=closes_all)
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    double = another(callback, campaign=elsewhere.campaign)
    answered(agent, callback)
    assert [state(elsewhere), state(double)] == [left, left]


def test_it_is_the_campaign_of_the_answered_call_that_decides(campaign, agent):
    wide = make_campaign(answer_closes_all=True)
    callback = make_callback(campaign)
    elsewhere = make_callback(wide, contact=callback.contact)
    answered(agent, callback)
    assert state(elsewhere) == "scheduled"


def test_what_was_asked_for_in_that_very_call_survives(agent):
    campaign, other = make_campaign(answer_closes_all=True), make_campaign()
    callback = make_callback(campaign)
    before = make_callback(make_campaign(), contact=callback.contact)
    work, attempt = dialled(agent, callback)
    number = read_number(str(callback.number.e164), "GB", frozenset())
    asked = request_callback(make_request(other, number=number, asked_in_id=attempt.pk)).callback
    assert asked.contact_id == callback.contact_id
    done(work)
    assert [state(one) for one in (callback, before, asked)] == [
        "completed", "cancelled", "scheduled",
    ]  # fmt: skip


def test_what_was_asked_for_in_an_earlier_call_does_not(agent):
    campaign = make_campaign(answer_closes_all=True)
    callback = make_callback(campaign)
    earlier = make_attempt(callback, "no_answer", ago=60 * M)
    asked = make_callback(make_campaign(), contact=callback.contact, asked_in_id=earlier.pk)
    answered(agent, callback)
    assert state(asked) == "cancelled"


def test_cut_off_and_dialled_again_it_is_still_that_call(agent):
    campaign = make_campaign(answer_closes_all=True)
    callback = make_callback(campaign)
    work, first = dialled(agent, callback)
    asked = make_callback(make_campaign(), contact=callback.contact, asked_in_id=first.pk)
    make_attempt(callback, "answered", ago=timedelta(0), intended_at=clock.now())
    done(work)
    assert state(asked) == "scheduled"


def test_an_offered_one_is_withdrawn_from_its_agent_and_work_is_left(campaign, agent, monkeypatch):
    told = []
    monkeypatch.setattr(
        notices, "tell_agent", lambda user, name, **facts: told.append((user, name, facts))
    )
    callback = make_callback(campaign)
    shown, held = another(callback), another(callback)
    other, busy = make_agent(campaign), make_agent(campaign)
    offered(other, shown)
    in_work(busy, held)
    answered(agent, callback)
    assert [state(shown), state(held)] == ["cancelled", "working"]
    assert (other.pk, "withdrawn", {"why": WHY}) in told
    assert not [name for user, name, _ in told if user == busy.pk and name == "withdrawn"]


def test_agreed_to_call_again_the_agreed_call_stays_and_the_others_go(campaign, agent):
    callback = make_callback(campaign)
    sibling = another(callback)
    work, _ = dialled(agent, callback)
    wall = (clock.now() + timedelta(days=1)).replace(tzinfo=None, second=0, microsecond=0)
    code = Disposition.objects.get(campaign=campaign, code="call-again")
    record_outcome(work, WrapUp(code, again=Wish(wall, "UTC")))
    assert [state(callback), state(sibling)] == ["scheduled", "cancelled"]


def test_answered_with_nobody_at_the_desk_the_others_go_too(campaign, agent):
    callback = make_callback(campaign)
    sibling = another(callback)
    work = in_work(agent, callback)
    Callback.objects.filter(pk=callback.pk).update(accepted_at=clock.now() - 30 * M)
    make_attempt(callback, "answered", ago=10 * M)
    Agent.objects.update(seen_at=clock.now() - 30 * M)
    assert schedule_retries([work.agent_id]) == 1
    assert [state(callback), state(sibling)] == ["completed", "cancelled"]


def test_done_without_a_call_that_says_answered_closes_the_others(campaign, agent):
    callback = make_callback(campaign)
    sibling = another(callback)
    done(in_work(agent, callback))  # spoken to another way, as the agent says
    assert state(sibling) == "cancelled"


def test_a_request_for_a_new_matter_afterwards_is_a_new_callback(campaign, agent):
    request = make_request(campaign)
    first = request_callback(request).callback
    Callback.objects.filter(pk=first.pk).update(callable_from=clock.now())
    answered(agent, first)
    again = request_callback(make_request(campaign, number=request.number, key=uuid4()))
    assert not again.merged
    assert Campaign.objects.get(pk=campaign.pk).dials
    assert state(again.callback) == "scheduled"
