"""/v1/do-not-call: on the list, out of every queue, and asked for by number."""

from datetime import datetime

import pytest

from callbacks.actions.calls import NoDialError, start_call
from callbacks.actions.intake import IntakeRefusedError, request_callback
from config.logs import mask_numbers
from contacts.actions import dnc_hash
from contacts.models import Contact, DoNotCall, PhoneNumber
from tests.api.program import fields
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_number,
    make_request,
    snapshot,
    story,
)

LIST = "/v1/do-not-call"


def test_a_number_is_listed_everywhere_and_its_callbacks_are_cancelled(program, campaign):
    callback = make_callback(campaign)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    stranger = make_callback(campaign)
    e164 = str(callback.number.e164)
    response = program.post(LIST, {"number": e164, "reason": "Wrote to us"})
    assert response.status_code == 201
    assert response.json() == {
        "number": f"{e164[:3]}…{e164[-2:]}", "campaign": None, "cancelled": 2,
    }  # fmt: skip
    assert [story(one)[-1] for one in (callback, elsewhere, stranger)] == [
        "cancel", "cancel", "request",
    ]  # fmt: skip
    told = callback.events.latest("pk")
    assert (told.actor_kind, told.reason) == ("api", "Do not call")
    entry = DoNotCall.objects.get()
    assert (entry.number_hash, entry.scope, entry.source, entry.reason) == (
        dnc_hash(e164), "", "api", "Wrote to us",
    )  # fmt: skip


def test_listing_twice_is_200_and_changes_nothing(program, campaign):
    body = {"number": str(make_callback(campaign).number.e164)}
    assert program.post(LIST, body).status_code == 201
    before = snapshot()
    again = program.post(LIST, {**body, "reason": "again"})
    assert (again.status_code, again.json()["cancelled"]) == (200, 0)
    assert snapshot() == before


def test_for_one_campaign_the_others_go_on(program, campaign):
    callback = make_callback(campaign)
    other = make_callback(make_campaign(), contact=callback.contact)
    body = {"number": str(callback.number.e164), "campaign": campaign.slug}
    response = program.post(LIST, body)
    assert (response.status_code, response.json()["campaign"]) == (201, campaign.slug)
    assert (story(callback)[-1], story(other)) == ("cancel", ["request"])
    everywhere = program.post(LIST, {**body, "campaign": None})
    assert (everywhere.status_code, everywhere.json()["cancelled"]) == (201, 1)


def test_an_unknown_number_leaves_only_a_hash_and_is_refused_later(program, campaign):
    number = make_number()
    assert program.post(LIST, {"number": number.e164}).status_code == 201
    assert not PhoneNumber.objects.exists()
    assert not Contact.objects.exists()
    before = snapshot()
    with pytest.raises(IntakeRefusedError) as refused:
        request_callback(make_request(campaign, number=number))
    assert refused.value.code == "do_not_call"
    assert snapshot() == before


def test_no_dial_starts_after_the_answer(program, campaign, agent, simulator):
    callback = make_callback(campaign)
    work = in_work(agent, callback)
    response = program.post(LIST, {"number": str(callback.number.e164)})
    assert response.json()["cancelled"] == 0  # it stays in the agent's hands
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=callback.public_id)
    assert refused.value.verdict.reason == "do_not_call"
    assert simulator.started() == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("#/number", "required")]),
        ({"number": None}, [("#/number", "null")]),
        ({"number": ""}, [("#/number", "blank")]),
        ({"number": "020 7946 0134"}, [("#/number", "impossible")]),  # which country's?
        ({"number": "+44 1"}, [("#/number", "impossible")]),
        ({"number": "+442079460134 ext 5"}, [("#/number", "impossible")]),
        ({"number": "+" + "4" * 50}, [("#/number", "impossible")]),
        ({"number": "+44\0207946"}, [("#/number", "impossible")]),
        ({"number": "\ud800"}, [("#/number", "impossible")]),
        ({"number": "+442079460134", "reason": "\0"},
         [("#/reason", "null_characters_not_allowed")]),
        ({"number": "+442079460134", "campaign": "\0"}, [("#/campaign", "unknown")]),
        ({"number": "+442079460134", "campaign": "\ud800"}, [("#/campaign", "unknown")]),
        ({"number": {"a": 1}}, [("#/number", "invalid")]),
        ({"number": "+442079460134", "campaign": "none"}, [("#/campaign", "unknown")]),
        ({"number": "+442079460134", "campaign": ""}, [("#/campaign", "blank")]),
        ({"number": "+442079460134", "reason": "x" * 201}, [("#/reason", "max_length")]),
        ({"number": "1", "campaign": "none"},
         [("#/number", "impossible"), ("#/campaign", "unknown")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_field_by_field(program, body, found):
    before = snapshot()
    assert fields(program.post(LIST, body)) == found
    assert snapshot() == before


def test_whether_a_number_is_listed_and_where(program, campaign):
    number = make_number().e164
    path = f"{LIST}/{number}"
    assert program.get(path).json() == {
        "number": f"{number[:3]}…{number[-2:]}", "listed": False, "everywhere": False,
        "entries": [],
    }  # fmt: skip
    program.post(LIST, {"number": number, "campaign": campaign.slug})
    scoped = program.get(path).json()
    assert (scoped["listed"], scoped["everywhere"]) == (True, False)
    program.post(LIST, {"number": number})
    found = program.get(f"{LIST}/%2B{number[1:]}").json()
    assert (found["listed"], found["everywhere"]) == (True, True)
    assert [(one["campaign"], one["source"]) for one in found["entries"]] == [
        (campaign.slug, "api"), (None, "api"),
    ]  # fmt: skip
    assert datetime.fromisoformat(found["entries"][0]["since"]).utcoffset() is not None


@pytest.mark.parametrize("plus", ["+", "%2B", "%2b"])
def test_the_number_in_the_address_is_masked_in_logs(plus):
    event = {"event": f"GET {LIST}/{plus}442079460134 HTTP/1.1"}
    told = mask_numbers(None, "", event)["event"]
    assert "2079460134" not in told
    assert told.endswith("…34 HTTP/1.1")


@pytest.mark.parametrize("text", ["x", "0207946", "+44", "%00", "+" + "4" * 200])
def test_asking_for_what_is_no_number_is_a_problem(program, text):
    assert [pointer for pointer, _ in fields(program.get(f"{LIST}/{text}"))] == ["#/number"]
