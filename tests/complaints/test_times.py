"""Complaints about times: delays ignored or all alike, the wrong zone, the wrong hours."""

import itertools
from datetime import datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.intake import Wish, request_callback
from callbacks.actions.manage import choose_zone
from callbacks.actions.sweeps import expire_stale
from callbacks.actions.windows import work_off_hours_changes
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from campaigns.models import QuietHours, QuietRule
from contacts import clock
from contacts.actions import lock_number
from contacts.rules.phone import read_number
from tests.conformance.floor import (
    RETRIED,
    ask,
    bill,
    call,
    label,
    later,
    offer,
    row,
    same_number,
    supervisor,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import make_agent, make_callback, make_campaign, make_contact, make_request

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


# --- retry delays were ignored, or could not differ by outcome


def set_policy(campaign, outcome, minutes, most):
    campaign.retry_rules.filter(outcome=outcome).update(delay_minutes=minutes, max_retries=most)


def test_retry_delays_are_kept_and_differ_by_outcome(campaign, agent, simulator):
    delays = {}
    for trigger in RETRIED:
        callback = ask(campaign, trigger.ending)
        attempt = call(simulator, agent, callback, trigger.code)
        delays[trigger.name] = callback.due_at - attempt.ended_at
        assert offer(agent) is None
    assert delays == {
        "Voicemail": 24 * H, "No Answer": 24 * H, "Busy Signal": H, "Network Error": 30 * M,
    }  # fmt: skip


def test_each_campaign_has_its_own_delays_in_steps(campaign, agent, simulator):
    set_policy(campaign, "busy", [5, 60, 240], 4)
    set_policy(campaign, "voicemail", [90], 1)
    callback = ask(campaign)
    seen = []
    for code in ("busy", "busy", "voicemail", "busy", "busy", "voicemail"):
        attempt = call(simulator, agent, callback, code)
        seen.append((callback.due_at - attempt.ended_at, label(callback), callback.state))
        until_due(callback)
    assert seen[:5] == [
        (5 * M, "Retry 1 of 4", "scheduled"),
        (60 * M, "Retry 2 of 4", "scheduled"),
        (90 * M, "Retry 1 of 1", "scheduled"),
        (240 * M, "Retry 3 of 4", "scheduled"),
        (240 * M, "Retry 4 of 4", "scheduled"),  # the last step repeats
    ]
    assert seen[5][2] == "exhausted"
    other = make_campaign()
    untouched = ask(other, "03")
    attempt = call(simulator, make_agent(other), untouched, "busy")
    assert untouched.due_at == attempt.ended_at + H


def test_a_changed_delay_holds_from_the_next_dial_on(campaign, agent, simulator):
    callback = ask(campaign, "03")
    call(simulator, agent, callback, "busy")
    due = callback.due_at
    set_policy(campaign, "busy", [10], 5)
    callback.refresh_from_db()
    assert callback.due_at == due  # a promise that stands is not moved
    until_due(callback)
    attempt = call(simulator, agent, callback, "busy")
    assert callback.due_at == attempt.ended_at + 10 * M


# --- zone, clock changes and hours were wrong


def open_around_now(zone, region="US", minutes=25):
    """People of the region may be called only around the present minute on the zone's clock."""
    here = clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    rule = QuietRule.objects.create(name=f"Around now {zone}", region=region)
    start, end = here - minutes * M, here + minutes * M
    while start < end:
        midnight = datetime.combine(start.date() + D, time())
        part_end = min(end, midnight)
        closes = 1440 if part_end == midnight else part_end.hour * 60 + part_end.minute
        opens = start.hour * 60 + start.minute
        if opens < closes:
            QuietHours.objects.create(
                rule=rule, weekday=start.weekday(), opens=opens, closes=closes
            )
        start = part_end


_american = itertools.count(1000)


def american():
    """A new number in New York."""
    return read_number(f"+1 212 200 {next(_american):04d}", "US", frozenset())


@pytest.mark.parametrize(
    ("zones", "called"),
    [
        ((NEW_YORK,), True),
        ((LOS_ANGELES,), False),
        ((NEW_YORK, LOS_ANGELES), False),  # they may be in either: both have to be open
        ((), False),
    ],
)
def test_a_contact_is_called_when_it_is_a_fair_hour_wherever_they_may_be(
    db, simulator, zones, called
):
    campaign = make_campaign(country="US")
    contact = make_contact(number=lock_number(american()), zones=zones)
    callback = make_callback(campaign, contact=contact)
    open_around_now(NEW_YORK)
    agent = make_agent(campaign)
    assert (offer(agent) is not None) is called
    callback.refresh_from_db()
    assert row(supervisor(), callback)  # it waits in sight
    assert bool(callback.attention) is (len(zones) != 1)  # a person is asked what to do
    if not zones:
        choose_zone(callback.pk, zone=NEW_YORK, actor=SYSTEM)
        assert offer(agent).callback_id == callback.pk


def test_where_the_customer_says_they_are_stands_above_the_browser_and_the_number(db):
    campaign = make_campaign(country="US", allowed_countries=["US"])
    QuietRule.objects.create(name="Open US", region="US").hours.bulk_create(
        QuietHours(rule=QuietRule.objects.get(name="Open US"), weekday=day, opens=0, closes=1440)
        for day in range(7)
    )
    number = american()
    by_number = request_callback(make_request(campaign, number=number, browser_zone=""))
    assert by_number.callback.contact.zones == [NEW_YORK]
    by_browser = request_callback(
        make_request(campaign, number=number, browser_zone="America/Denver")
    )
    assert by_browser.callback.contact.zones == ["America/Denver"]
    said = request_callback(
        make_request(campaign, number=number, browser_zone=NEW_YORK, said_zone=LOS_ANGELES)
    )
    assert said.callback.contact.zones == [LOS_ANGELES]
    later_browser = request_callback(
        make_request(campaign, number=number, browser_zone="America/Denver")
    )
    assert later_browser.callback.contact.zones == [LOS_ANGELES]
    assert Callback.objects.count() == 1


def test_what_moves_into_quiet_hours_meanwhile_is_not_dialled(db, simulator):
    campaign = make_campaign(country="US")
    contact = make_contact(number=lock_number(american()), zones=(NEW_YORK,))
    callback = make_callback(campaign, contact=contact)
    open_around_now(NEW_YORK)
    agent = make_agent(campaign)
    work = take(agent, callback)
    QuietRule.objects.all().delete()
    open_around_now("Asia/Tokyo", minutes=25)  # fair in Tokyo is not fair in New York
    while work_off_hours_changes():
        pass
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.verdict.reason == "closed"
    assert simulator.started() == []


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_a_day_later_is_the_same_time_on_the_customers_wall(campaign, zone):
    tomorrow = clock.now().astimezone(ZoneInfo(zone)).date() + D
    wall = datetime.combine(tomorrow, time(12, 30))
    callback = ask(campaign, wish=Wish(wall, zone), said_zone=zone)
    assert callback.due_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    moved = Wish(wall + D, zone)
    again = request_callback(
        make_request(campaign, number=same_number(callback), wish=moved, said_zone=zone)
    )
    assert again.merged
    there = again.callback.due_at.astimezone(ZoneInfo(zone))
    assert there.replace(tzinfo=None) == wall + D  # 23, 24 or 25 hours: the wall decides


# --- overdue ones were forgotten, or rung days late without a word


def test_what_is_days_old_is_still_seen_and_given_up_only_where_the_campaign_says_so(
    campaign, agent, simulator
):
    strict = make_campaign(expires_stale=True)
    kept, given_up = ask(campaign), ask(strict)
    later(4 * D)
    expire_stale()
    for callback, state in ((kept, "scheduled"), (given_up, "expired")):
        callback.refresh_from_db()
        assert callback.state == state
    assert views(kept) == {"overdue", "all"}
    assert offer(agent).callback_id == kept.pk
    assert offer(make_agent(strict)) is None
    assert bill(simulator, given_up) == 0


def test_the_same_time_said_in_two_zones_is_two_moments(campaign):
    there = ask(campaign, wish=wish(2 * D, "Asia/Tokyo"))
    said = datetime.fromisoformat(there.said_wall)
    here = ask(campaign, wish=Wish(said, "UTC"))
    assert here.due_at - there.due_at == 9 * H
