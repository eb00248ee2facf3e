"""The gate blocks the winner of a claim: it rolls on, ends, waits, or asks a supervisor."""

from datetime import timedelta

import pytest

from callbacks.actions.offers import HeldBackError, hold_back, offer_next
from callbacks.models import Callback
from callbacks.rules.gate import Blocked, Reason
from campaigns.actions import pause
from campaigns.models import Campaign
from contacts import clock
from contacts.actions import list_do_not_call
from contacts.models import PhoneNumber
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    open_only_in,
    snapshot,
    story,
)

D = timedelta(days=1)


def blocked(agent, campaign):
    """The verdict that blocks the next offer; what it held back."""
    from django.db import transaction

    with pytest.raises(HeldBackError) as held, transaction.atomic():
        offer_next(agent_id=agent.pk, campaign_ids=[campaign.pk])
    hold_back(held.value.callback_id, held.value.verdict)
    return held.value.verdict, Callback.objects.get(pk=held.value.callback_id)


def test_what_the_gate_allows_is_offered(campaign, agent):
    callback = make_callback(campaign)
    claim = offer_next(agent_id=agent.pk, campaign_ids=None)
    assert claim.callback_id == callback.pk


def test_a_closed_one_rolls_forward_to_its_next_window(campaign, agent):
    open_only_in(campaign, 2)
    before = make_callback(campaign)
    verdict, after = blocked(agent, campaign)
    opening = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + 2 * D
    assert verdict == Blocked(Reason.CLOSED, opening)
    assert (after.state, after.callable_from) == ("scheduled", opening)
    assert after.callable_until == opening + D
    assert after.due_at == before.due_at  # the promise does not move
    assert story(after) == ["request", "roll"]
    assert offer_next(agent_id=agent.pk, campaign_ids=[campaign.pk]) is None


def test_one_that_is_never_open_asks_a_supervisor(campaign, agent):
    open_only_in(campaign)
    campaign.hours.create(weekday=0, opens=0, closes=1)
    quiet = make_contact(zones=("Europe/London", "Asia/Tokyo"))
    Campaign.objects.update(zone="")  # one minute in London and in Tokyo at once: never
    make_callback(campaign, contact=quiet)
    _, after = blocked(agent, campaign)
    assert (after.state, after.callable_from) == ("scheduled", None)
    assert after.attention == "No calling hours: choose what to do"


def test_a_listed_number_is_cancelled(campaign, agent):
    callback = make_callback(campaign)
    list_do_not_call(callback.number, scope=campaign.slug, reason="Asked")
    verdict, after = blocked(agent, campaign)
    assert verdict.reason is Reason.DO_NOT_CALL
    assert (after.state, after.ended_reason) == ("cancelled", "Do not call")


def test_a_dead_number_is_cancelled(campaign, agent):
    callback = make_callback(campaign)
    PhoneNumber.objects.filter(pk=callback.number_id).update(invalid_since=clock.now())
    verdict, after = blocked(agent, campaign)
    assert verdict.reason is Reason.INVALID_NUMBER
    assert (after.state, after.ended_reason) == ("cancelled", "Number not in service")


def test_without_a_zone_a_supervisor_is_asked(campaign, agent):
    make_callback(campaign, contact=make_contact(zones=()))
    verdict, after = blocked(agent, campaign)
    assert verdict.reason is Reason.ZONE_UNKNOWN
    assert (after.state, after.callable_from) == ("scheduled", None)
    assert after.attention == "Zone not known: choose what to do"


def test_a_paused_campaigns_callback_stays_as_it_is(campaign, agent):
    callback = make_callback(campaign)
    pause(campaign, by="Priya Nair")
    before = snapshot()
    verdict, after = blocked(agent, campaign)
    assert verdict.reason is Reason.CAMPAIGN_PAUSED
    assert snapshot() == before
    assert after.callable_from == callback.callable_from


def test_a_time_the_customer_chose_is_offered_outside_the_window_if_the_campaign_allows_it(agent):
    strict, lenient = make_campaign(), make_campaign(honours_own_time=True)
    for campaign in (strict, lenient):
        open_only_in(campaign, 2)
        until = clock.now() + timedelta(minutes=20)
        make_callback(campaign, own_time=True, promised_until=until)
    assert offer_next(agent_id=agent.pk, campaign_ids=[lenient.pk]) is not None
    Callback.objects.filter(campaign=lenient).update(
        state="scheduled", agent=None, offer_expires_at=None, callable_from=None
    )
    verdict, _ = blocked(agent, strict)
    assert verdict.reason is Reason.CLOSED


@pytest.mark.parametrize("reason", list(Reason))
def test_one_that_somebody_has_in_hand_by_now_is_left_alone(campaign, agent, reason):
    callback = make_callback(campaign)
    in_work(agent, callback)
    before = snapshot()
    hold_back(callback.pk, Blocked(reason))
    assert snapshot() == before


def test_holding_back_twice_is_harmless(campaign, agent):
    callback = make_callback(campaign)
    list_do_not_call(callback.number, reason="Asked")
    verdict, _ = blocked(agent, campaign)
    before = snapshot()
    hold_back(callback.pk, verdict)
    assert snapshot() == before


def test_an_offer_in_hand_is_not_held_back(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    before = snapshot()
    hold_back(callback.pk, Blocked(Reason.CLOSED))
    assert snapshot() == before
