"""Do not call: on the list and out of every queue, in one transaction."""

from datetime import timedelta

import pytest

from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.dnc import forbid_calls
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor
from contacts.actions import dnc_hash, list_do_not_call
from contacts.models import Contact, DoNotCall, PhoneNumber
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    snapshot,
    story,
)


def states(*callbacks):
    found = dict(Callback.objects.values_list("pk", "state"))
    return [found[callback.pk] for callback in callbacks]


def test_forbidding_calls_cancels_everything_everywhere_and_says_how_many(campaign, agent):
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    offered(agent, callback)
    stranger = make_callback(campaign)
    assert forbid_calls(callback.number, reason="Asked", actor=SYSTEM) == 2
    states = dict(Callback.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in (callback, elsewhere, stranger)] == [
        "cancelled", "cancelled", "scheduled",
    ]  # fmt: skip


def test_everybody_who_shares_the_number_is_left_in_peace(campaign):
    callback = make_callback(campaign)
    other = make_callback(campaign, contact=make_contact("Rui", number=callback.number))
    assert forbid_calls(callback.number, reason="Asked", actor=SYSTEM) == 2
    assert states(callback, other) == ["cancelled", "cancelled"]


def test_work_in_hand_is_not_taken_away_but_cannot_dial(campaign, agent, simulator):
    callback = make_callback(campaign, due=timedelta(minutes=-1))
    work = in_work(agent, callback)
    assert forbid_calls(callback.number, reason="Asked", actor=SYSTEM) == 0
    assert states(callback) == ["working"]
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=callback.public_id)
    assert refused.value.verdict.reason == "do_not_call"
    assert simulator.started() == []


def test_the_story_says_who_forbade_it(campaign, agent):
    callback = make_callback(campaign)
    forbid_calls(callback.number, reason="Asked", actor=Actor("supervisor", agent.pk))
    told = callback.events.order_by("id").last()
    assert (told.name, told.actor_kind, told.reason) == ("cancel", "supervisor", "Do not call")


def test_forbidding_twice_changes_nothing_more(campaign):
    callback = make_callback(campaign)
    forbid_calls(callback.number, reason="Asked", actor=SYSTEM)
    before = snapshot()
    assert forbid_calls(callback.number, reason="Asked again", actor=SYSTEM) == 0
    assert snapshot() == before
    assert story(callback) == ["request", "cancel"]


def test_the_list_outlives_the_contact_and_the_number(campaign):
    contact = make_contact()
    number = contact.numbers.get()
    list_do_not_call(number, reason="Asked")
    Contact.objects.all().delete()
    PhoneNumber.objects.all().delete()
    assert DoNotCall.objects.get().number_hash == dnc_hash(str(number.e164))


def test_the_list_does_not_tell_the_number(settings, campaign):
    number = make_contact().numbers.get()
    entry = list_do_not_call(number, reason="Asked")
    assert str(number.e164)[1:] not in entry.number_hash
    before = dnc_hash(str(number.e164))
    settings.DNC_KEY = "another key"
    assert dnc_hash(str(number.e164)) != before  # keyed: nobody can try all numbers


def test_a_campaigns_own_list_leaves_other_campaigns_alone(campaign):
    other = make_campaign()
    number = make_contact().numbers.get()
    list_do_not_call(number, scope=campaign.slug, reason="Asked")
    list_do_not_call(number, scope=campaign.slug, reason="Asked twice")
    assert list(DoNotCall.objects.values_list("scope", "reason")) == [(campaign.slug, "Asked")]
    assert other.slug != campaign.slug
