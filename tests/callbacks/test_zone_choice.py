"""Nobody knows where the contact is: a supervisor says so (RULES 4, "Zone of the contact")."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks import queue
from callbacks.actions.intake import IntakeRefusedError, request_callback
from callbacks.actions.manage import choose_zone
from callbacks.models import Callback
from callbacks.queue import Actor
from callbacks.rules.attention import ZONE_UNKNOWN
from callbacks.rules.states import RefusedError
from contacts import clock
from contacts.models import Contact
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    make_number,
    make_request,
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, D = timedelta(minutes=1), timedelta(days=1)
BOSS = Actor("supervisor", 77)


@pytest.fixture
def lost(campaign):
    """A callback of somebody who may be anywhere."""
    return make_callback(
        campaign, contact=make_contact(zones=()), callable_in=None, attention=ZONE_UNKNOWN
    )


def choose(callback, zone="Europe/London"):
    choose_zone(callback.pk, zone=zone, actor=BOSS)
    callback.refresh_from_db()
    return callback


def test_their_callbacks_come_into_line(campaign, agent, lost):
    elsewhere = make_callback(
        make_campaign(), contact=lost.contact, callable_in=None, attention=ZONE_UNKNOWN
    )
    assert queue.claim_next(agent.pk, None) is None
    after = choose(lost)
    assert (after.callable_from, after.attention) == (lost.due_at - 5 * M, "")
    assert after.due_at == lost.due_at
    elsewhere.refresh_from_db()
    assert elsewhere.callable_from is not None
    told = lost.events.order_by("id").last()
    assert (told.name, told.reason, told.actor_kind, told.actor_id) == (
        "roll", "Zone chosen: Europe/London", "supervisor", 77,
    )  # fmt: skip
    assert queue.claim_next(agent.pk, [campaign.pk]).callback_id == lost.pk


def test_the_contact_remembers_who_said_it(lost):
    choose(lost)
    contact = Contact.objects.get(pk=lost.contact_id)
    assert (contact.zones, contact.zone_source) == (["Europe/London"], "supervisor")


def test_a_supervisor_may_correct_a_supervisor(lost):
    choose(lost)
    choose(lost, "Asia/Tokyo")
    assert Contact.objects.get(pk=lost.contact_id).zones == ["Asia/Tokyo"]


@pytest.mark.parametrize("source", ["browser", "number"])
def test_what_was_only_guessed_is_corrected(campaign, source):
    callback = make_callback(campaign)
    Contact.objects.update(zone_source=source)
    choose(callback, "Asia/Tokyo")
    contact = Contact.objects.get(pk=callback.contact_id)
    assert (contact.zones, contact.zone_source) == (["Asia/Tokyo"], "supervisor")


@pytest.mark.parametrize("source", ["said", "address"])
def test_what_the_customer_said_themselves_stands_above_it(campaign, source):
    callback = make_callback(campaign)
    Contact.objects.update(zone_source=source)
    before = snapshot()
    with pytest.raises(IntakeRefusedError, match="said themselves") as refused:
        choose(callback, "Asia/Tokyo")
    assert (refused.value.field, refused.value.code) == ("zone", "known")
    assert snapshot() == before


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "utc ", "+01:00", "../Europe/London", "\0"])
def test_a_zone_that_does_not_exist_is_refused(lost, zone):
    before = snapshot()
    with pytest.raises(IntakeRefusedError) as refused:
        choose(lost, zone)
    assert (refused.value.field, refused.value.code) == ("zone", "zone")
    assert snapshot() == before


def test_what_does_not_exist_has_no_zone(campaign):
    before = snapshot()
    with pytest.raises(RefusedError, match="no such callback"):
        choose_zone(987_654, zone="Europe/London", actor=BOSS)
    assert snapshot() == before


@pytest.mark.parametrize("hands", [offered, in_work])
def test_a_callback_in_somebodys_hands_keeps_its_place(campaign, agent, hands):
    callback = make_callback(campaign, contact=make_contact(zones=()))
    hands(agent, callback)
    before = story(callback)
    choose(callback)
    assert story(callback) == before
    assert Contact.objects.get(pk=callback.contact_id).zone_source == "supervisor"


def test_chosen_a_zone_where_it_is_closed_now_it_waits(campaign, lost):
    open_only_in(campaign, 2)
    after = choose(lost)
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert (after.callable_from, after.attention) == (midnight + 2 * D, "")


@pytest.mark.parametrize(
    ("later", "zones", "source"),
    [
        ({"said_zone": "Asia/Tokyo"}, ["Asia/Tokyo"], "said"),
        ({"browser_zone": "Asia/Tokyo"}, ["Europe/Lisbon"], "supervisor"),
        ({"browser_zone": ""}, ["Europe/Lisbon"], "supervisor"),
    ],
)
def test_what_the_customer_says_later_wins_and_a_guess_does_not(campaign, later, zones, source):
    request = make_request(campaign, number=make_number(), browser_zone="Europe/London")
    callback = request_callback(request).callback
    choose(callback, "Europe/Lisbon")
    request_callback(replace(request, key=uuid4(), **{"browser_zone": "", **later}))
    contact = Contact.objects.get(pk=callback.contact_id)
    assert (contact.zones, contact.zone_source) == (zones, source)
    assert Callback.objects.count() == 1
