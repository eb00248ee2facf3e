"""“Do not call me again”, from the page of a promise: asked twice, done everywhere at once."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.dnc import opt_out
from callbacks.models import Callback
from contacts.actions import dnc_hash
from contacts.models import DoNotCall
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    snapshot,
    story,
)


def address(callback):
    return reverse("do-not-call", args=[callback.public_id])


def words(response):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def page(callback, part=""):
    return Client().get(reverse("status", args=[callback.public_id]) + part)


def opted_out(callback):
    response = Client().post(address(callback))
    assert (response.status_code, response["Location"]) == (
        302, reverse("status", args=[callback.public_id]),
    )  # fmt: skip


def test_the_page_of_a_call_leads_to_the_question(campaign):
    callback = make_callback(campaign)
    assert f'href="{address(callback)}"' in page(callback).content.decode()
    asked = Client().get(address(callback))
    assert asked.status_code == 200
    assert "Shall we never call you again?" in words(asked)
    assert f"ending {str(callback.number.e164)[-4:]} " in words(asked)
    assert str(callback.number.e164) not in asked.content.decode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_link_that_is_only_opened_opts_nobody_out(campaign, method):
    callback = make_callback(campaign)
    before = snapshot()
    response = getattr(Client(), method)(address(callback), headers={"Purpose": "prefetch"})
    assert response.status_code in (200, 405)
    assert snapshot() == before


@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_other_methods_do_nothing(campaign, method):
    callback = make_callback(campaign)
    before = snapshot()
    assert getattr(Client(), method)(address(callback)).status_code == 405
    assert snapshot() == before


def test_it_is_not_posted_from_another_site(campaign):
    callback = make_callback(campaign)
    before = snapshot()
    assert Client(enforce_csrf_checks=True).post(address(callback)).status_code == 403
    assert snapshot() == before


def test_the_form_on_the_page_works_with_its_token(campaign):
    callback = make_callback(campaign)
    client = Client(enforce_csrf_checks=True)
    html = client.get(address(callback)).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)[1]
    assert client.post(address(callback), {"csrfmiddlewaretoken": token}).status_code == 302
    assert story(callback) == ["request", "cancel"]


def test_a_link_that_does_not_exist_is_not_found(db):
    path = reverse("do-not-call", args=[uuid4()])
    assert Client().get(path).status_code == 404
    assert Client().post(path).status_code == 404
    assert not DoNotCall.objects.exists()


def test_everything_to_the_number_is_cancelled_and_the_number_listed(campaign):
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    flatmate = make_callback(campaign, contact=make_contact("Rui", number=callback.number))
    stranger = make_callback(campaign)
    opted_out(callback)
    assert [story(one)[-1] for one in (callback, elsewhere, flatmate, stranger)] == [
        "cancel", "cancel", "cancel", "request",
    ]  # fmt: skip
    told = callback.events.latest("pk")
    assert (told.actor_kind, told.reason) == ("customer", "Do not call")
    entry = DoNotCall.objects.get()
    assert (entry.number_hash, entry.scope, entry.source) == (
        dnc_hash(str(callback.number.e164)), "", "form",
    )  # fmt: skip


def test_the_page_says_so_and_offers_nothing_more(campaign):
    callback = make_callback(campaign)
    opted_out(callback)
    for shown in (page(callback), page(callback, "?merged"), page(callback, "?part=state")):
        text = words(shown)
        assert "We will not call you again" in text
        assert f"ending {str(callback.number.e164)[-4:]} is on our do-not-call list" in text
        for gone in ("Ask for a new call", "Cancel the call", "Do not call me again", "your place"):
            assert gone not in text


def test_pressing_twice_changes_nothing_more(campaign):
    callback = make_callback(campaign)
    opted_out(callback)
    before = snapshot()
    opted_out(callback)
    assert snapshot() == before
    again = Client().get(address(callback))
    assert (again.status_code, again["Location"]) == (
        302, reverse("status", args=[callback.public_id]),
    )  # fmt: skip


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_it_works_after_the_call_has_ended_too(campaign, state):
    callback = make_callback(campaign)
    waiting = make_callback(make_campaign(), contact=callback.contact)
    Callback.objects.filter(pk=callback.pk).update(state=state, ended_at=callback.created_at)
    assert "Do not call me again" in words(page(callback))
    opted_out(callback)
    assert story(waiting) == ["request", "cancel"]
    assert Callback.objects.get(pk=callback.pk).state == state


def test_an_offer_is_taken_off_the_screen(campaign, agent):
    callback = make_callback(campaign)
    offered(agent, callback)
    opted_out(callback)
    assert Callback.objects.get().state == "cancelled"


def test_an_agent_at_work_is_told_and_no_further_dial_starts(campaign, agent, simulator):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    opted_out(callback)
    row = Callback.objects.get()
    assert (row.state, story(callback)[-1]) == ("working", "cancel_asked")
    assert row.cancel_asked_at is not None
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.verdict.reason == "do_not_call"
    assert simulator.started() == []
    text = words(page(callback))
    assert "We will not call you again" in text
    assert "The person who has your matter open knows" in text
    desk = Client()
    desk.force_login(agent.user)
    pane = words(desk.get(reverse("desk-call")))
    assert "The customer asked not to be called again" in pane
    assert "Must not be called: do not call" in pane


def test_telling_an_agent_twice_is_one_entry_in_the_story(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    opt_out(callback.pk)
    before = snapshot()
    opt_out(callback.pk)
    assert snapshot() == before


def test_a_number_on_the_list_of_one_campaign_is_not_on_the_list_everywhere(campaign):
    callback = make_callback(campaign)
    number_hash = dnc_hash(str(callback.number.e164))
    DoNotCall.objects.create(number_hash=number_hash, scope=campaign.slug)
    text = words(page(callback))
    assert "We will not call you again" not in text
    assert "Do not call me again" in text
    opted_out(callback)
    assert DoNotCall.objects.filter(number_hash=number_hash).count() == 2
