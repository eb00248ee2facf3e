"""What administrators see and set of a contact: where the zone comes from, and the opt-out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk.models import User
from callbacks.rules.attention import ZONE_UNKNOWN
from campaigns.models import QuietHours, QuietRule
from contacts import clock
from contacts.actions import list_do_not_call
from tests.campaigns.test_admin import errors_at, save, words
from tests.factories import make_callback, make_contact, snapshot, story

H = timedelta(hours=1)


@pytest.fixture
def admin(db):
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com"))
    return client


def page_of(contact):
    return reverse("admin:contacts_contact_change", args=[contact.pk])


def test_the_opt_outs_of_a_contact_are_shown(admin):
    contact = make_contact()
    assert "Do not call: May be called" in words(admin.get(page_of(contact)))
    list_do_not_call(contact.numbers.get(), reason="asked")
    list_do_not_call(contact.numbers.get(), reason="asked", scope="refunds")
    text = words(admin.get(page_of(contact)))
    assert "everywhere, since" in text
    assert "refunds, since" in text
    number = reverse("admin:contacts_phonenumber_change", args=[contact.numbers.get().pk])
    assert "everywhere, since" in words(admin.get(number))


def test_another_contacts_opt_out_is_not_shown(admin):
    list_do_not_call(make_contact().numbers.get(), reason="asked")
    assert "Do not call: May be called" in words(admin.get(page_of(make_contact())))


def test_a_zone_that_does_not_exist_is_refused_at_its_field(admin):
    contact = make_contact()
    before = snapshot()
    response = save(admin, page_of(contact), zones="Europe/London,Europe/Atlantis")
    assert "“Europe/Atlantis” is no time zone" in errors_at(response, "zones")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("zones", "source"), [("Europe/Lisbon", "supervisor"), ("", "unknown"), (None, "said")]
)
def test_a_zone_typed_in_comes_from_a_person(admin, zones, source):
    contact = make_contact()
    changes = {} if zones is None else {"zones": zones}
    assert save(admin, page_of(contact), **changes).status_code == 302
    contact.refresh_from_db()
    assert contact.zone_source == source


def test_the_source_can_be_said_along_with_the_zone(admin):
    contact = make_contact()
    save(admin, page_of(contact), zones="Europe/Lisbon", zone_source="address")
    contact.refresh_from_db()
    assert (contact.zones, contact.zone_source) == (["Europe/Lisbon"], "address")


def test_waiting_callbacks_follow_into_another_zone(admin, campaign):
    callback = make_callback(campaign, due=5 * H)
    page = page_of(callback.contact)
    save(admin, page, name="Sarah Miller")
    assert story(callback) == ["request"]
    save(admin, page, zones="")
    callback.refresh_from_db()
    assert (callback.callable_from, callback.attention) == (None, ZONE_UNKNOWN)
    save(admin, page, zones="Europe/Lisbon")
    callback.refresh_from_db()
    assert (callback.callable_from is None, callback.attention) == (False, "")
    assert story(callback) == ["request", "roll", "roll"]
    rolls = callback.events.filter(name="roll")
    assert {one.actor.email for one in rolls} == {"root@example.com"}


def test_waiting_callbacks_follow_to_a_place_with_other_quiet_hours(admin, campaign):
    rule = QuietRule.objects.create(name="Scotland", region="GB", place="GB-SCT")
    weekday = (clock.now().weekday() + 3) % 7
    QuietHours.objects.create(rule=rule, weekday=weekday, opens=600, closes=720)
    callback = make_callback(campaign, due=H)
    save(admin, page_of(callback.contact), place="GB-SCT")
    callback.refresh_from_db()
    assert callback.callable_from is not None
    assert (callback.callable_from.weekday(), story(callback)) == (weekday, ["request", "roll"])


def test_a_new_contact_can_be_entered(admin):
    assert admin.get(reverse("admin:contacts_contact_add")).status_code == 200
