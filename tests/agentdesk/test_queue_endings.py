"""Customer called and its undo, a zone that nobody knew, do not call: from the queue."""

from datetime import timedelta

import pytest
from django.urls import reverse

from callbacks.models import Callback, CallbackEvent
from contacts import clock
from contacts.models import DoNotCall
from tests.agentdesk.pages import act, words
from tests.factories import (
    make_callback,
    make_campaign,
    make_contact,
    snapshot,
)

H = timedelta(hours=1)


def leila(campaign, **fields):
    return make_callback(campaign, contact=make_contact("Leila Osei"), **fields)


# --- customer called, and its undo


def test_customer_called_can_be_undone_for_ten_minutes(campaign, supervisor):
    callback = leila(campaign, due=H)
    promised = callback.due_at
    done = act(supervisor, "customer-called", callback)
    assert reverse("queue-undo") in done.content.decode()
    undone = act(supervisor, "undo", callback)
    assert (undone.status_code, "Leila Osei waits again" in words(undone)) == (200, True)
    callback.refresh_from_db()
    assert (callback.state, callback.due_at) == ("scheduled", promised)


@pytest.mark.parametrize("why", ["too late", "ended another way", "replaced"])
def test_an_undo_that_comes_too_late_says_why(campaign, supervisor, why):
    callback = leila(campaign)
    act(supervisor, "complete" if why == "ended another way" else "customer-called", callback)
    if why == "too late":
        age(callback, 601)
    if why == "replaced":
        make_callback(campaign, contact=callback.contact)
    before = snapshot()
    response = act(supervisor, "undo", callback)
    assert response.status_code == 409
    said = {
        "too late": "This can be undone for ten minutes",
        "ended another way": "It was not closed by a call of the customer",
        "replaced": "The contact has a new callback by now",
    }
    assert said[why] in words(response)
    assert snapshot() == before


def age(callback, seconds):
    """Make the last thing that happened older: the story refuses updates, so it is told anew."""
    last = callback.events.order_by("id").last()
    CallbackEvent.objects.create(
        callback=callback, name=last.name, from_state=last.from_state, to_state=last.to_state,
        actor_kind="system", reason=last.reason, at=clock.now() - timedelta(seconds=seconds),
    )  # fmt: skip


# --- zone and do not call


def test_a_zone_that_nobody_knew_is_chosen(campaign, supervisor):
    contact = make_contact("Sam Ito", zones=())
    callback = make_callback(campaign, contact=contact, callable_in=None)
    response = act(supervisor, "zone", callback, zone="Europe/Lisbon")
    assert "Sam Ito is in Lisbon now" in words(response)
    contact.refresh_from_db()
    assert (contact.zones, contact.zone_source) == (["Europe/Lisbon"], "supervisor")
    callback.refresh_from_db()
    assert callback.callable_from is not None


@pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "Etc/UTC", "../../etc/passwd"])
def test_a_zone_that_is_none_is_said_beside_the_field(campaign, supervisor, zone):
    callback = make_callback(campaign, contact=make_contact(zones=()), callable_in=None)
    before = snapshot()
    response = act(supervisor, "zone", callback, zone=zone)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#ask-zone")
    assert 'id="ask-zone_error"' in response.content.decode()
    assert snapshot() == before


def test_what_the_customer_said_themselves_is_not_overruled(campaign, supervisor):
    callback = leila(campaign)  # in London, as she said
    before = snapshot()
    response = act(supervisor, "zone", callback, zone="Asia/Tokyo")
    assert response.status_code == 422
    assert "The customer said themselves where they are" in words(response)
    assert snapshot() == before


@pytest.mark.parametrize(("scope", "cancelled"), [("everywhere", 2), ("campaign", 1)])
def test_do_not_call_reaches_as_far_as_was_said(campaign, supervisor, scope, cancelled):
    callback = leila(campaign)
    make_callback(make_campaign(), contact=callback.contact)
    response = act(supervisor, "do-not-call", callback, scope=scope, reason="By e-mail")
    assert f"{cancelled} callback" in words(response)
    assert Callback.objects.filter(state="cancelled").count() == cancelled
    listed = DoNotCall.objects.get()
    assert (listed.scope, listed.source, listed.reason) == (
        campaign.slug if scope == "campaign" else "", "supervisor", "By e-mail",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"scope": "everywhere", "reason": ""}, "ask-reason_error"),
        ({"scope": "everywhere", "reason": "x" * 201}, "ask-reason_error"),
        ({"scope": "everywhere", "reason": "a\x00b"}, "ask-reason_error"),
        ({"scope": "", "reason": "By e-mail"}, "ask-scope_error"),
        ({"scope": "nowhere", "reason": "By e-mail"}, "ask-scope_error"),
    ],
)
def test_do_not_call_wants_a_scope_and_a_reason(campaign, supervisor, fields, place):
    callback = leila(campaign)
    before = snapshot()
    response = act(supervisor, "do-not-call", callback, **fields)
    assert response.status_code == 422
    assert f'id="{place}"' in response.content.decode()
    assert snapshot() == before
