"""The customers' form: a promise, or a message beside the field and nothing changed."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from callbacks.actions.intake import withdraw_request
from callbacks.models import Callback
from campaigns.models import Campaign
from contacts import clock
from contacts.actions import list_do_not_call, lock_number
from contacts.rules.phone import read_number
from tests.factories import in_work, make_callback, make_campaign, open_only_in, snapshot

H, D = timedelta(hours=1), timedelta(days=1)
ABOUT, NAME, PHONE = "The meter <reading> & bill", "Inês O'Neill", "020 7946 0134"


def slot(later, zone="Europe/London"):
    return (clock.now() + later).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def ask(path="/", client=None, **fields):
    answers = {"about": ABOUT, "name": NAME, "phone": PHONE, "when": "soon", "slot": "",
               "zone": "Europe/London", "browser_zone": "", "key": str(uuid4())}  # fmt: skip
    return (client or Client()).post(path, {**answers, **fields})


def page_of(response):
    return unescape(response.content.decode())


def refused(campaign, field, **fields):
    """The form again: the message beside its field, all that was typed, nothing changed."""
    before = snapshot()
    response = ask(**fields)
    assert response.status_code == 422
    assert snapshot() == before
    html = response.content.decode()
    if field in ("about", "phone", "name"):
        control = re.search(rf'<(?:input|textarea)[^>]*id="{field}"[^>]*>', html)[0]
        assert f"{field}-error" in control
        assert 'aria-invalid="true"' in control
    if field:
        assert f'id="{field}-error"' in html
    assert 'class="error-summary" role="alert"' in html
    page = page_of(response)
    for value in (ABOUT, NAME, PHONE):
        if value not in fields.values() and not {"about", "name", "phone"} & set(fields):
            assert value in page
    return page


def test_the_form_asks_three_questions(campaign):
    response = Client().get("/")
    assert response.status_code == 200
    assert "We will call you" in page_of(response)
    assert "error-summary" not in page_of(response)
    assert "no-store" in response["Cache-Control"]  # it carries a nonce


def test_a_valid_form_leads_to_the_page_of_the_promise(campaign):
    response = ask()
    callback = Callback.objects.get()
    assert (response.status_code, response["Location"]) == (
        302, reverse("status", args=[callback.public_id]),
    )  # fmt: skip
    assert (callback.about, callback.contact.name) == (ABOUT, NAME)
    page = page_of(Client().get(response["Location"]))
    assert callback.reference in page
    assert "0134" in page
    assert "+442079460134" not in page  # the whole number is nobody's business


def test_a_second_request_is_told_that_it_was_merged(campaign):
    ask()
    response = ask(about="Also the bill")
    assert response["Location"].endswith("?merged")
    assert "You already had a call" in page_of(Client().get(response["Location"]))


def test_the_same_form_sent_twice_is_done_once(campaign):
    key = str(uuid4())
    first, second = ask(key=key), ask(key=key)
    assert first["Location"] == second["Location"]
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "fields", "message"),
    [
        ("phone", {"phone": "12"}, "Enter a phone number we can call, such as"),
        ("phone", {"phone": ""}, "Enter the number that we should call"),
        ("phone", {"phone": "9" * 50}, "Enter a phone number we can call"),
        ("phone", {"phone": "0901 234 5678"}, "premium-rate"),
        ("phone", {"phone": "+351 21 234 5678"}, "cannot call numbers of this country"),
        ("phone", {"phone": "\x00"}, "ull"),  # null characters are not allowed
        ("about", {"about": "x" * 1_000_000}, "at most 2000 characters, not 1000000"),
        ("name", {"name": "x" * 121}, "at most 120 characters"),
        ("zone", {"zone": "Mars/Olympus"}, "Choose a time zone"),
        ("zone", {"zone": "../../etc/passwd"}, "Choose a time zone"),
        ("when", {"when": ""}, "Choose when we should call"),
        ("when", {"when": "never"}, "never"),
        ("slot", {"when": "slot"}, "Choose a time"),
        ("slot", {"when": "slot", "slot": "garbage"}, "Choose a time"),
        ("slot", {"when": "slot", "slot": "2026-13-45T99:99"}, "Choose a time"),
        ("slot", {"when": "slot", "slot": "2001-01-01T10:00"}, "This time has passed"),
        ("slot", {"when": "slot", "slot": "2200-01-01T10:00"}, ""),
        ("slot", {"when": "slot", "slot": "2027-03-28T01:30"}, "does not exist in London"),
        ("slot", {"when": "slot", "slot": "9999-12-31T23:59", "zone": "America/New_York"}, "year"),
        ("slot", {"when": "slot", "slot": "0001-01-01T00:00", "zone": "Asia/Tokyo"}, "year"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(campaign, field, fields, message):
    assert message in refused(campaign, field, **fields)


def test_a_time_outside_the_hours_is_refused(campaign):
    open_only_in(campaign, 0, 1)
    page = refused(campaign, "slot", when="slot", slot=slot(3 * D, "UTC"), zone="UTC")
    assert "We are closed at this time" in page


def test_as_soon_as_possible_is_refused_while_closed(campaign):
    open_only_in(campaign, 2)
    assert "We are closed now" in refused(campaign, "when")


def test_a_number_on_the_list_is_refused(campaign):
    number = lock_number(read_number(PHONE, "GB", frozenset()))
    list_do_not_call(number, reason="Asked")
    assert "asked not to call this number" in refused(campaign, "phone")


def test_the_same_key_with_another_number_is_a_conflict(campaign):
    key = str(uuid4())
    ask(key=key)
    before = snapshot()
    response = ask(key=key, phone="020 7946 0135")
    assert response.status_code == 409
    assert "Start a new request" in page_of(response)
    assert snapshot() == before


def test_a_key_that_is_none_is_refused(campaign):
    before = snapshot()
    assert ask(key="not a key").status_code == 422
    assert snapshot() == before


def test_intake_that_is_closed_refuses(campaign):
    Campaign.objects.update(takes_requests=False)
    assert "not taking requests" in refused(campaign, "")


def test_several_mistakes_are_said_at_once(campaign):
    page = refused(campaign, "phone", phone="12", when="slot", slot="garbage")
    assert "2 things to put right" in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_campaign_is_not_found(campaign, method):
    offline = make_campaign(on_the_web=False)
    for slug in ("no-such-campaign", offline.slug):
        assert getattr(Client(), method)(reverse("ask-campaign", args=[slug])).status_code == 404
    assert (
        getattr(Client(), method)(reverse("ask-campaign", args=[campaign.slug])).status_code != 404
    )


def test_without_any_campaign_there_is_no_form(db):
    assert Client().get("/").status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_only_get_and_post_are_answered(campaign, method):
    assert getattr(Client(), method)("/").status_code == 405


def test_nothing_is_asked_or_cancelled_without_the_csrf_token(campaign):
    callback = make_callback(campaign)
    strict = Client(enforce_csrf_checks=True)
    before = snapshot()
    assert ask(client=strict).status_code == 403
    assert strict.post(reverse("cancel-call", args=[callback.public_id])).status_code == 403
    assert snapshot() == before


def test_a_customer_cancels_and_is_told(campaign):
    callback = make_callback(campaign)
    response = Client().post(reverse("cancel-call", args=[callback.public_id]), follow=True)
    assert "This call is cancelled" in page_of(response)
    assert Callback.objects.get().state == "cancelled"


def test_during_the_work_the_customer_is_told_that_somebody_knows(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    response = Client().post(reverse("cancel-call", args=[callback.public_id]), follow=True)
    assert "You asked to cancel" in page_of(response)
    assert Callback.objects.get().state == "working"


def test_cancelling_twice_is_a_conflict_that_says_so(campaign):
    callback = make_callback(campaign)
    withdraw_request(callback.pk)
    before = snapshot()
    response = Client().post(reverse("cancel-call", args=[callback.public_id]))
    assert response.status_code == 409
    assert "This call is cancelled" in page_of(response)
    assert snapshot() == before


def test_a_strangers_link_is_not_found(campaign):
    make_callback(campaign)
    assert Client().get(reverse("status", args=[uuid4()])).status_code == 404


def test_slots_are_offered_only_while_open_and_on_the_named_clock(campaign):
    open_only_in(campaign, 2)
    opening = (clock.now() + 2 * D).strftime("%Y-%m-%d")
    page = page_of(Client().get("/", {"zone": "UTC", "part": "slots"}))
    assert f'value="{opening}T00:00"' in page
    assert f'value="{opening}T23:30"' in page
    days = set(re.findall(r'name="slot" value="(\d{4}-\d\d-\d\d)T', page))
    assert days <= {opening, (clock.now() + 9 * D).strftime("%Y-%m-%d")}
    assert "All times are UTC time" in page


def test_the_promise_is_honest_when_it_is_late(campaign):
    callback = make_callback(campaign, due=-2 * H, promised_from=clock.now() - 2 * H,
                             promised_until=clock.now() - H)  # fmt: skip
    page = page_of(Client().get(reverse("status", args=[callback.public_id])))
    assert "We are late" in page
