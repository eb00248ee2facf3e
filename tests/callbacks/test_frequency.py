"""How often one contact is dialled, over all campaigns (RULES 4, "Frequency caps")."""

from datetime import timedelta

import pytest
from django.db import transaction

from agentdesk.matching import match_idle_agents
from callbacks import cases
from callbacks.actions.offers import HeldBackError, hold_back, offer_next
from callbacks.actions.windows import work_off_hours_changes
from callbacks.models import Callback
from callbacks.rules.gate import Allowed, Blocked, Reason
from campaigns.models import FrequencyCap, HoursChange, QuietRule
from contacts import clock
from tests.factories import (
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_contact,
    open_only_in,
    story,
)

pytestmark = pytest.mark.django_db
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DIAL = timedelta(seconds=30)  # a dial of the factory begins so long before its end


def cap(dials, hours, **owner):
    return FrequencyCap.objects.create(dials=dials, span_hours=hours, **owner)


def dialled(callback, *ago, outcome="no_answer"):
    for age in ago:
        make_attempt(callback, outcome, ago=age)


def verdict(callback):
    return cases.gate(cases.case(callback.pk))


def test_without_a_cap_there_is_no_end(campaign):
    callback = make_callback(campaign)
    dialled(callback, *(n * M for n in range(1, 30)))
    assert isinstance(verdict(callback), Allowed)


def test_blocked_until_the_moment_the_count_falls_below(campaign):
    cap(3, 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(callback, 20 * H, 5 * H)
    assert isinstance(verdict(callback), Allowed)
    dialled(callback, H)
    assert verdict(callback) == Blocked(Reason.FREQUENCY_CAP, clock.now() + 4 * H - DIAL)


@pytest.mark.parametrize(("age", "free"), [(24 * H - DIAL, True), (24 * H - DIAL - M, False)])
def test_a_dial_stops_counting_when_it_is_exactly_one_span_old(campaign, age, free):
    cap(1, 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(callback, age)
    assert isinstance(verdict(callback), Allowed) == free


def test_dials_of_every_campaign_and_outcome_count(campaign):
    cap(3, 24, campaign=campaign)
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    dialled(elsewhere, 3 * H, outcome="answered")
    dialled(elsewhere, 2 * H, outcome="cancelled_by_agent")
    dialled(callback, H)
    assert verdict(callback).reason is Reason.FREQUENCY_CAP
    assert isinstance(verdict(elsewhere), Allowed)  # a campaign's cap is its own


def test_what_the_gate_stopped_never_rang_and_does_not_count(campaign):
    cap(1, 24, campaign=campaign)
    callback = make_callback(campaign)
    make_attempt(callback, "", ago=H, dialed_at=None)
    assert isinstance(verdict(callback), Allowed)


def test_dials_to_somebody_else_do_not_count(campaign):
    cap(1, 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(make_callback(campaign), H)
    assert isinstance(verdict(callback), Allowed)


def test_the_law_of_the_place_caps_too_and_the_strictest_wins(campaign):
    rule = QuietRule.objects.create(name="A cap", region="GB")
    cap(2, 24, rule=rule)
    cap(5, 7 * 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(callback, 3 * H, 2 * H)
    assert verdict(callback) == Blocked(Reason.FREQUENCY_CAP, clock.now() + 21 * H - DIAL)
    dialled(callback, 30 * H, 40 * H, 6 * D)
    assert verdict(callback) == Blocked(Reason.FREQUENCY_CAP, clock.now() + D - DIAL)
    QuietRule.objects.filter(pk=rule.pk).update(in_use=False)
    assert verdict(callback) == Blocked(Reason.FREQUENCY_CAP, clock.now() + D - DIAL)


@pytest.mark.parametrize(
    ("dates", "capped"),
    [({"first_day": 1}, False), ({"last_day": -1}, False), ({"first_day": 0, "last_day": 0}, True)],
)
def test_a_cap_holds_while_its_rule_is_in_force(campaign, dates, capped):
    contact = make_contact(zones=("UTC",))
    today = clock.now().date()
    days = {name: today + offset * D for name, offset in dates.items()}
    cap(1, 24, rule=QuietRule.objects.create(name="A cap", region="GB", **days))
    callback = make_callback(campaign, contact=contact)
    dialled(callback, H)
    assert isinstance(verdict(callback), Blocked) == capped


def test_a_cap_that_is_saved_holds_at_once(campaign):
    callback = make_callback(campaign)
    dialled(callback, H)
    assert isinstance(verdict(callback), Allowed)
    one = cap(1, 24, campaign=campaign)
    assert verdict(callback).reason is Reason.FREQUENCY_CAP
    one.delete()
    assert isinstance(verdict(callback), Allowed)


def held(agent, campaign):
    with pytest.raises(HeldBackError) as blocked, transaction.atomic():
        offer_next(agent_id=agent.pk, campaign_ids=[campaign.pk])
    hold_back(blocked.value.callback_id, blocked.value.verdict)
    return Callback.objects.get(pk=blocked.value.callback_id)


def test_it_is_held_back_until_then_and_the_promise_stays(campaign, agent):
    cap(1, 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(callback, 20 * H)
    after = held(agent, campaign)
    assert after.callable_from == clock.now() + 4 * H - DIAL
    assert (after.due_at, after.state, after.attention) == (callback.due_at, "scheduled", "")
    told = callback.events.order_by("id").last()
    assert (told.name, told.reason) == ("roll", "Called often enough for now")
    assert offer_next(agent_id=agent.pk, campaign_ids=[campaign.pk]) is None


def test_freed_at_night_it_waits_for_the_window(campaign, agent):
    open_only_in(campaign, 0, 3)
    contact = make_contact(zones=("UTC",))
    cap(1, 48, campaign=campaign)
    callback = make_callback(campaign, contact=contact)
    dialled(callback, H)
    after = held(agent, campaign)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert after.callable_from == midnight + 3 * D


def test_hours_that_change_meanwhile_do_not_lead_to_a_dial(campaign, agent):
    cap(1, 24, campaign=campaign)
    callback = make_callback(campaign)
    dialled(callback, 20 * H)
    held(agent, campaign)
    HoursChange.objects.create(campaign=campaign, reason="Something")
    while HoursChange.objects.filter(finished_at=None).exists():
        work_off_hours_changes()
    make_agent(campaign)
    assert match_idle_agents() == 0
    assert story(callback)[-1] == "roll"


def test_a_live_call_through_another_campaign_holds_it_back_for_a_minute(campaign, agent):
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    make_attempt(elsewhere, "", ago=M, state="connected", ended_at=None)
    assert verdict(callback) == Blocked(Reason.LIVE_CALL)
    after = held(agent, campaign)
    assert after.callable_from == clock.now() + M
    told = callback.events.order_by("id").last()
    assert told.reason == "Another call with this contact"


def test_a_time_moved_on_meanwhile_is_not_taken_back(campaign):
    """A supervisor moved it to tomorrow between the claim and its holding back."""
    callback = make_callback(campaign, due=D, callable_in=D - 5 * M)
    hold_back(callback.pk, Blocked(Reason.FREQUENCY_CAP, clock.now() + H))
    hold_back(callback.pk, Blocked(Reason.LIVE_CALL))
    assert Callback.objects.get(pk=callback.pk).callable_from == callback.callable_from
