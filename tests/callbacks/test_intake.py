"""A customer asks to be called: once, merged, or refused with nothing changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from callbacks.actions.intake import IntakeRefusedError, Wish, request_callback, withdraw_request
from callbacks.models import Callback, IntakeRequest
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign
from contacts import clock
from contacts.actions import list_do_not_call, lock_number
from contacts.models import Contact, PhoneNumber
from contacts.rules.timezones import NonexistentTimeError
from tests.factories import (
    in_work,
    make_campaign,
    make_number,
    make_request,
    offered,
    open_only_in,
    snapshot,
    story,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON = "Europe/London"


def wish(later, zone=LONDON):
    wall = (clock.now() + later).astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0)
    return Wish(wall.replace(microsecond=0), zone)


def refused(request, error=IntakeRefusedError):
    before = snapshot()
    with pytest.raises(error) as found:
        request_callback(request)
    assert snapshot() == before
    return found.value


def test_a_request_becomes_a_promise_in_the_queue(campaign):
    request = make_request(campaign)
    receipt = request_callback(request)
    callback = receipt.callback
    now = clock.now()
    assert not receipt.merged
    assert (callback.state, callback.kind, callback.about) == (
        "scheduled", "customer", "The meter reading",
    )  # fmt: skip
    assert (callback.callable_from, callback.due_at) == (now, now + 15 * M)  # nobody ahead: 15 min
    assert str(callback.number.e164) == request.number.e164
    assert (callback.contact.name, callback.contact.zones) == ("Ines Carvalho", [LONDON])
    assert story(callback) == ["request"]
    assert callback.events.get().actor_kind == "customer"


def test_a_wish_is_kept_in_the_customers_words(campaign):
    wanted = wish(3 * H)
    callback = request_callback(make_request(campaign, wish=wanted)).callback
    due = wanted.wall.replace(tzinfo=ZoneInfo(LONDON))
    assert callback.due_at == due
    assert callback.callable_from == due - 5 * M  # the lead
    assert (callback.promised_from, callback.promised_until) == (due, due + 30 * M)
    assert (callback.said_wall, callback.said_zone) == (f"{wanted.wall:%Y-%m-%dT%H:%M}", LONDON)
    assert callback.own_time


def test_the_same_key_is_answered_twice_and_done_once(campaign):
    request = make_request(campaign)
    first = request_callback(request)
    before = snapshot()
    second = request_callback(request)
    assert (second.callback.pk, second.merged) == (first.callback.pk, False)
    assert snapshot() == before


def test_the_same_key_answers_also_after_the_callback_has_ended(campaign):
    request = make_request(campaign)
    first = request_callback(request)
    withdraw_request(first.callback.pk)
    assert request_callback(request).callback.pk == first.callback.pk
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"about": "The bill"}, {"name": "Rui"}, {"wish": "later"}, {"number": "another"}]
)
def test_the_same_key_with_another_content_is_refused(campaign, other):
    request = make_request(campaign)
    request_callback(request)
    other = {"wish": wish(3 * H)} if "wish" in other else other
    other = {"number": make_number()} if "number" in other else other
    assert refused(replace(request, **other)).code == "repeated"


def test_a_second_request_merges_and_keeps_its_place_and_promise(campaign):
    request = make_request(campaign, wish=wish(3 * H))
    first = request_callback(request).callback
    again = replace(request, key=uuid4(), wish=None, about="Also the bill")
    receipt = request_callback(again)
    assert (receipt.callback.pk, receipt.merged) == (first.pk, True)
    merged = Callback.objects.get(pk=first.pk)
    assert merged.about == "The meter reading\n\nAlso the bill"
    for column in ("due_at", "callable_from", "promised_until", "said_wall", "priority"):
        assert getattr(merged, column) == getattr(first, column)
    assert story(first) == ["request", "merge"]
    assert (Callback.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_repeated_merge_is_answered_as_a_merge(campaign):
    request = make_request(campaign)
    request_callback(request)
    again = replace(request, key=uuid4(), about="Also the bill")
    assert request_callback(again).merged
    before = snapshot()
    assert request_callback(again).merged
    assert snapshot() == before


def test_a_named_time_replaces_the_earlier_one(campaign):
    request = make_request(campaign, wish=wish(3 * H))
    first = request_callback(request).callback
    request_callback(replace(request, key=uuid4(), wish=wish(5 * H)))
    merged = Callback.objects.get(pk=first.pk)
    assert merged.due_at == first.due_at + 2 * H
    assert merged.callable_from == first.callable_from + 2 * H


def test_a_named_time_withdraws_the_offer(campaign, agent):
    request = make_request(campaign)
    callback = request_callback(request).callback
    offered(agent, callback)
    request_callback(replace(request, key=uuid4(), wish=wish(5 * H)))
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) == ("scheduled", None)
    assert story(callback) == ["request", "offer", "withdraw", "merge"]


def test_a_request_without_a_time_leaves_the_offer_where_it_is(campaign, agent):
    request = make_request(campaign)
    callback = request_callback(request).callback
    offered(agent, callback)
    request_callback(replace(request, key=uuid4(), about="Also the bill"))
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) == ("offered", agent.pk)
    assert "Also the bill" in callback.about


def test_a_request_during_the_work_is_added_and_moves_nothing(campaign, agent):
    request = make_request(campaign)
    callback = request_callback(request).callback
    in_work(agent, callback)
    receipt = request_callback(replace(request, key=uuid4(), wish=wish(5 * H), about="The bill"))
    assert receipt.merged
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.due_at) == ("working", callback.due_at)
    assert "The bill" in after.about


@pytest.mark.parametrize(
    ("name", "contacts"),
    [
        ("Ines Carvalho", 1),
        ("INÊS CARVALHO", 1),  # the same after folding
        ("", 1),  # no name: may be the same
        ("Rui Carvalho", 2),  # they share a telephone
    ],
)
def test_whoever_may_be_the_same_person_is_one_contact(campaign, name, contacts):
    request = make_request(campaign)
    request_callback(request)
    request_callback(replace(request, key=uuid4(), name=name))
    assert Contact.objects.count() == contacts
    assert Callback.objects.count() == contacts
    assert PhoneNumber.objects.count() == 1


def test_after_the_end_a_new_request_is_a_new_callback_that_counts_anew(campaign):
    request = make_request(campaign)
    first = request_callback(request).callback
    withdraw_request(first.pk)
    second = request_callback(replace(request, key=uuid4()))
    assert not second.merged
    assert second.callback.contact_id == first.contact_id
    assert second.callback.counts_from == clock.now()


@pytest.mark.parametrize("scope", ["", "this campaign"])
def test_a_number_on_the_list_is_refused(campaign, scope):
    request = make_request(campaign)
    number = lock_number(request.number)
    list_do_not_call(number, scope=scope and campaign.slug, reason="Asked")
    assert refused(request).code == "do_not_call"


def test_another_campaigns_list_does_not_count(campaign):
    request = make_request(campaign)
    list_do_not_call(lock_number(request.number), scope=make_campaign().slug, reason="Asked")
    assert request_callback(request).callback.state == "scheduled"


def test_intake_that_is_closed_refuses(campaign):
    Campaign.objects.update(takes_requests=False)
    assert refused(make_request(Campaign.objects.get())).code == "intake_closed"


def test_a_paused_campaign_still_takes_requests(campaign):
    Campaign.objects.update(dials=False)
    assert request_callback(make_request(Campaign.objects.get())).callback.state == "scheduled"


@pytest.mark.parametrize(
    ("later", "code"),
    [(-2 * M, "past"), (-3 * D, "past"), (14 * D + 2 * M, "too_far"), (400 * D, "too_far")],
)
def test_a_time_that_has_passed_or_is_too_far_is_refused(campaign, later, code):
    error = refused(make_request(campaign, wish=wish(later)))
    assert (error.code, error.field) == (code, "slot")


def test_two_weeks_ahead_is_the_furthest(campaign):
    assert request_callback(make_request(campaign, wish=wish(14 * D - 2 * M))).callback.due_at


def test_a_closed_time_is_refused_and_an_open_one_is_not(campaign):
    open_only_in(campaign, 0, 1)
    assert refused(make_request(campaign, wish=wish(3 * D, "UTC"))).code == "closed"
    assert request_callback(make_request(campaign, wish=wish(D, "UTC"))).callback.own_time


def test_as_soon_as_possible_is_refused_while_closed(campaign):
    open_only_in(campaign, 2)
    error = refused(make_request(campaign))
    assert (error.code, error.field) == ("closed", "when")


def test_a_time_that_the_clock_jumps_over_is_refused(campaign):
    gap = Wish(datetime(2027, 3, 28, 1, 30), LONDON)  # noqa: DTZ001
    assert "does not exist in London" in str(
        refused(make_request(campaign, wish=gap), NonexistentTimeError)
    )


def test_a_caller_who_may_be_anywhere_cannot_be_called_as_soon_as_possible(campaign):
    nowhere = replace(make_number(), e164="+881612345678")  # a satellite: its prefix says nothing
    error = refused(make_request(campaign, number=nowhere, browser_zone=""))
    assert error.code == "closed"


def test_the_customer_withdraws_what_waits(campaign):
    callback = request_callback(make_request(campaign)).callback
    assert withdraw_request(callback.pk) is True
    callback.refresh_from_db()
    assert (callback.state, callback.ended_reason) == ("cancelled", "Cancelled by the customer")


def test_during_the_work_the_wish_to_cancel_is_recorded_and_the_work_goes_on(campaign, agent):
    callback = request_callback(make_request(campaign)).callback
    in_work(agent, callback)
    assert withdraw_request(callback.pk) is False
    callback.refresh_from_db()
    assert (callback.state, callback.agent_id) == ("working", agent.pk)
    assert callback.cancel_asked_at is not None
    assert story(callback)[-1] == "cancel_asked"


def test_what_has_ended_cannot_be_withdrawn(campaign):
    callback = request_callback(make_request(campaign)).callback
    withdraw_request(callback.pk)
    before = snapshot()
    with pytest.raises(RefusedError, match="cancelled"):
        withdraw_request(callback.pk)
    assert snapshot() == before


def test_intake_remembers_each_request_by_its_key(campaign):
    request = make_request(campaign)
    receipt = request_callback(request)
    entry = IntakeRequest.objects.get(key=request.key)
    assert entry.callback_id == receipt.callback.pk
    assert entry.created_at.tzinfo is UTC
