"""The public form was abused: costly numbers, floods, other people's numbers, forged fields."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from callbacks.actions.dnc import forbid_calls
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from campaigns.actions import close_intake
from contacts.models import Contact
from tests.conformance.floor import ask, bill, call, later, offer
from tests.factories import make_campaign, snapshot

H, D = timedelta(hours=1), timedelta(days=1)


def send(page="/", **fields):
    answers = {
        "about": "",
        "name": "",
        "phone": "07400 123455",
        "when": "soon",
        "slot": "",
        "zone": "Europe/London",
        "browser_zone": "Europe/London",
        "key": str(uuid4()),
    }
    return Client().post(page, {**answers, **fields})  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "+44 909 879 0000"},  # premium rate
        {"phone": "+44 843 410 0000"},  # shared cost
        {"phone": "+44 70 1234 5678"},  # a personal number that redirects anywhere
        {"phone": "+1 212 555 0123"},  # a country that the campaign does not call
        {"phone": "+882 16 5555 0123"},  # a satellite
        {"phone": "999"},
        {"phone": "'; DROP TABLE callback; --"},
        {"phone": "07400 123455 ext. 9"},
        {"about": "x" * 2001},
        {"name": "x" * 121},
        {"zone": "Mars/Olympus"},
        {"when": "slot", "slot": "2001-01-01T09:00"},
        {"when": "slot", "slot": "2999-01-01T09:00"},
        {"key": "not a key"},
    ],
    ids=lambda fields: next(iter(fields.values()))[:24],
)
def test_the_form_cannot_be_abused(campaign, simulator, fields):
    before = snapshot()
    assert send(**fields).status_code == 422
    assert snapshot() == before
    assert send().status_code == 302  # while an honest request is taken
    assert simulator.started() == []


def test_a_flood_from_one_number_is_one_call(campaign, agent, simulator):
    for number in range(12):
        assert send(about=f"Matter {number % 3}").status_code == 302
    callback = Callback.objects.get()
    assert Contact.objects.count() == 1
    call(simulator, agent, callback, "resolved")
    later(D)
    assert offer(agent) is None
    assert bill(simulator, callback) == 1


def test_somebody_elses_number_can_be_silenced_for_good(campaign, agent, simulator):
    assert send().status_code == 302  # a prank
    forbid_calls(Callback.objects.get().number, reason="Was not me", actor=SYSTEM)
    for _ in range(3):
        before = snapshot()
        assert send().status_code == 422
        assert snapshot() == before
    assert offer(agent) is None
    assert simulator.started() == []


def test_without_the_token_of_the_page_nothing_is_taken(campaign):
    strict = Client(enforce_csrf_checks=True)
    before = snapshot()
    assert strict.post("/", {"phone": "07400 123455", "when": "soon"}).status_code == 403
    assert snapshot() == before


def test_what_they_write_is_text_for_the_agent_and_never_markup(campaign, agent):
    send(about="<script>alert(1)</script>", name="<b>Rui</b>")
    assert offer(agent)
    client = Client()
    client.force_login(agent.user)
    desk = client.get(reverse("desk")).content.decode()
    assert "&lt;script&gt;alert(1)" in desk
    assert "<script>alert(1)" not in desk
    assert "<b>Rui</b>" not in desk


def test_closed_intake_takes_nothing_and_still_calls_what_was_promised(campaign, agent):
    promised = ask(campaign)
    close_intake(campaign)
    before = snapshot()
    assert send().status_code == 422
    assert snapshot() == before
    assert offer(agent).callback_id == promised.pk


def test_a_campaign_that_is_not_on_the_web_cannot_be_asked_for(campaign):
    hidden = make_campaign(on_the_web=False)
    before = snapshot()
    page = reverse("ask-campaign", args=[hidden.slug])
    assert Client().get(page).status_code == 404
    assert send(page).status_code == 404
    assert snapshot() == before
    assert Client().get(reverse("ask-campaign", args=[campaign.slug])).status_code == 200
