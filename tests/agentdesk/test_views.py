"""The agent's desk as it answers over HTTP: what it shows, what it does, what it refuses."""

import json
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk.models import Agent
from callbacks.actions.intake import withdraw_request
from callbacks.models import Attempt, Callback
from campaigns.actions import pause
from campaigns.models import Campaign, Disposition
from contacts import clock
from contacts.models import Intent, Interaction
from tests.factories import (
    in_work,
    make_attempt,
    make_callback,
    make_contact,
    offered,
    snapshot,
)

M, D = timedelta(minutes=1), timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(agent):
    client = Client()
    client.force_login(agent.user)
    return client


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def press(client, name, work=None, headers=None, **fields):
    args = [work.callback_id, work.version] if work else []
    return client.post(reverse(f"desk-{name}", args=args), fields, headers=headers)


def test_an_idle_desk_says_what_the_agent_is(desk, agent):
    assert "Ready" in words(desk.get(reverse("desk")))
    Agent.objects.update(presence="not_ready", reason="Missed an offer")
    assert "You missed an offer" in words(desk.get(reverse("desk")))


def test_for_htmx_the_desk_is_a_fragment(desk):
    whole = desk.get(reverse("desk")).content.decode()
    part = desk.get(reverse("desk"), headers=HTMX).content.decode()
    assert "<html" in whole
    assert "<html" not in part
    assert '<main class="desk"' in part


def test_pages_are_never_cached(desk):
    assert "no-store" in desk.get(reverse("desk"))["Cache-Control"]


def test_an_offer_shows_all_that_is_known_before_the_answer(desk, campaign, agent):
    contact = make_contact("Leila Osei", zones=("Europe/Lisbon",))
    at = clock.now() - 3 * D
    Intent.objects.create(contact=contact, name="Refund for October", opened_at=at)
    Interaction.objects.create(contact=contact, channel="chat", at=at, summary="Waits for Billing")
    callback = make_callback(campaign, contact=contact, due=-26 * M, case={"Account": "LE-88213"})
    offered(agent, callback)
    page = words(desk.get(reverse("desk")))
    for part in ("Leila Osei", "The meter reading", "Lisbon", "Attempt 1", "Overdue 26 min",
                 "Callable now", "Refund for October", "3 days", "Waits for Billing", "Chat",
                 "LE-88213", callback.reference, "1 contact"):  # fmt: skip
        assert part in page


def test_an_offer_is_accepted(desk, campaign, agent):
    work = offered(agent, make_callback(campaign))
    response = press(desk, "accept", work)
    assert "Ready to Call" in words(response)
    assert Callback.objects.get().state == "working"


@pytest.mark.parametrize("reason", ["not_now", "skill", "must_not"])
def test_an_offer_is_rejected_with_a_reason(desk, campaign, agent, reason):
    work = offered(agent, make_callback(campaign))
    assert press(desk, "reject", work, reason=reason).status_code == 200
    callback = Callback.objects.get()
    assert (callback.state, callback.reject_count) == ("scheduled", 1)


def test_a_reason_that_is_none_is_refused(desk, campaign, agent):
    work = offered(agent, make_callback(campaign))
    before = snapshot()
    assert press(desk, "reject", work, reason="boring").status_code == 422
    assert snapshot() == before


@pytest.mark.parametrize("name", ["accept", "reject"])
def test_an_offer_that_is_gone_is_said_and_is_no_error_page(desk, campaign, agent, name):
    work = offered(agent, make_callback(campaign))
    withdraw_request(work.callback_id)
    response = press(desk, name, work, headers=HTMX)
    assert response.status_code == 409
    assert "Expired. This callback is cancelled now." in words(response)
    assert 'role="alert"' in response.content.decode()


def test_the_contact_is_called_once_for_the_button_that_was_pressed(
    desk, campaign, agent, simulator
):
    work = in_work(agent, make_callback(campaign))
    key = str(uuid4())
    for _ in range(2):
        assert "Establishing" in words(press(desk, "dial", work, key=key))
    assert len(simulator.started()) == 1


@pytest.mark.parametrize("key", ["", "not a key", "\x00"])
def test_a_press_without_a_key_dials_nobody(desk, campaign, agent, simulator, key):
    work = in_work(agent, make_callback(campaign))
    before = snapshot()
    assert press(desk, "dial", work, key=key).status_code == 422
    assert snapshot() == before
    assert simulator.started() == []


def test_before_the_promise_the_first_press_asks_and_the_second_calls(
    desk, campaign, agent, simulator
):
    work = in_work(agent, make_callback(campaign, due=4 * M))
    first = press(desk, "dial", work, key=str(uuid4()))
    assert first.status_code == 409
    assert "It is not time yet" in words(first)
    assert "Call early" in words(first)
    assert simulator.started() == []
    assert press(desk, "dial", work, key=str(uuid4()), early="yes").status_code == 200
    assert Attempt.objects.get().early


def test_a_block_is_said_in_the_words_of_the_gate(desk, campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    pause(campaign, by="Priya Nair")
    response = press(desk, "dial", work, key=str(uuid4()))
    assert response.status_code == 409
    assert "Campaign paused" in words(response)
    assert simulator.started() == []


def test_the_call_part_shows_that_the_customer_wants_to_cancel(desk, campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    withdraw_request(work.callback_id)
    assert "The customer asked to cancel" in words(desk.get(reverse("desk-call")))


def test_a_telephone_without_work_asks_the_desk_to_draw_itself(desk, agent):
    response = desk.get(reverse("desk-call"))
    assert (response.status_code, json.loads(response["HX-Trigger"])) == (204, {"gone": {}})
    page = desk.get(reverse("desk")).content.decode()
    assert "gone" in re.search(r'id="desk"[^>]*hx-trigger="([^"]*)"', page)[1]


def test_a_call_is_ended_from_the_desk(desk, campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="00"))
    press(desk, "dial", work, key=str(uuid4()))
    assert press(desk, "end", work).status_code == 200
    assert '"op": "hang_up"' in simulator.log.read_text()


def test_nobody_is_held_who_has_not_answered(desk, campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign))
    response = press(desk, "hold", work, on="yes")
    assert response.status_code == 409
    assert "Nobody is on the line" in words(response)


def dialled(callback, outcome="answered"):
    return make_attempt(callback, outcome, ago=0 * M, intended_at=clock.now())


def test_done_closes_the_work_and_begins_the_wrap_up(desk, campaign, agent):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    intent = Intent.objects.create(contact=callback.contact, name="refund", opened_at=clock.now())
    dialled(callback)
    fields = {"code": "resolved", "note": "Read: 4711", f"intent_{intent.pk}": "resolved"}
    assert "Wrap-up" in words(press(desk, "done", work, **fields))
    assert Callback.objects.get().state == "completed"
    assert Interaction.objects.get().summary == "Read: 4711"
    intent.refresh_from_db()
    assert intent.status == "resolved"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "Choose how the call ended"),
        ({"code": "no-such-code"}, "Choose how the call ended"),
        ({"code": "call-again"}, "Say when to call again"),
        ({"code": "call-again", "again_day": "2026-11-20"}, "Say when to call again"),
        ({"code": "call-again", "again_day": "soon", "again_time": "later"}, "Enter a day"),
        ({"code": "call-again", "again_day": "2001-01-01", "again_time": "10:00"}, "has passed"),
        (
            {"code": "call-again", "again_day": "2027-03-28", "again_time": "01:30"},
            "does not exist",
        ),
        ({"code": "call-again", "again_day": "9999-12-31", "again_time": "23:59"}, "no year"),
        ({"code": "resolved"}, "Write a note"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(desk, campaign, agent, fields, message):
    Disposition.objects.filter(code="resolved").update(needs_note=True)
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    dialled(callback)
    before = snapshot()
    response = press(desk, "done", work, headers=HTMX, **fields)
    assert response.status_code == 422
    assert message in words(response)
    assert response["HX-Retarget"].startswith("#wrong")  # the typed note is not replaced
    assert snapshot() == before


def test_a_note_may_hold_any_character(desk, campaign, agent):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    dialled(callback)
    assert press(desk, "done", work, code="resolved", note="a\x00b \U0001f4de").status_code == 200
    assert Interaction.objects.get().summary == "ab \U0001f4de"


@pytest.mark.parametrize(
    "name", ["intent_", "intent_x", "intent_0", "intent_99999999999999999999", "intent_²"]
)
def test_a_forged_matter_is_passed_over(desk, campaign, agent, name):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    dialled(callback)
    assert press(desk, "done", work, code="resolved", **{name: "resolved"}).status_code == 200
    assert Intent.objects.count() == 0


def test_another_campaigns_ending_is_none(desk, campaign, agent):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    dialled(callback)
    Disposition.objects.filter(code="resolved").update(
        campaign=Campaign.objects.create(name="X", slug="x")
    )
    before = snapshot()
    assert press(desk, "done", work, code="resolved").status_code == 422
    assert snapshot() == before


def test_a_call_is_agreed_for_another_day_on_the_contacts_clock(desk, campaign, agent):
    callback = make_callback(campaign, contact=make_contact(zones=("Asia/Tokyo",)))
    work = in_work(agent, callback)
    dialled(callback)
    day = f"{clock.now() + 2 * D:%Y-%m-%d}"
    fields = {"code": "call-again", "again_day": day, "again_time": "10:30", "again_who": "me"}
    assert press(desk, "done", work, **fields).status_code == 200
    after = Callback.objects.get()
    assert f"{after.due_at:%Y-%m-%d %H:%M}" == f"{day} 01:30"  # UTC+9
    assert after.reserved_for_id == agent.pk


def test_work_is_released_from_the_desk(desk, campaign, agent):
    work = in_work(agent, make_callback(campaign))
    assert press(desk, "release", work).status_code == 200
    assert Callback.objects.get().state == "scheduled"
    agent.refresh_from_db()
    assert agent.presence == "not_ready"


def test_during_a_call_work_is_not_released(desk, campaign, agent, simulator):
    work = in_work(agent, make_callback(campaign, ending="00"))
    press(desk, "dial", work, key=str(uuid4()))
    before = snapshot()
    response = press(desk, "release", work)
    assert (response.status_code, "End the call first" in words(response)) == (422, True)
    assert snapshot() == before


def test_what_the_customer_wrote_is_text_and_never_markup(desk, campaign, agent):
    contact = make_contact("<img src=x onerror=alert(1)>")
    offered(agent, make_callback(campaign, contact=contact, about="<script>alert(2)</script>"))
    page = desk.get(reverse("desk")).content.decode()
    assert "<img src=x" not in page
    assert "<script>alert(2)" not in page
    assert "&lt;script&gt;alert(2)" in page
