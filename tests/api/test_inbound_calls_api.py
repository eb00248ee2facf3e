"""/v1/inbound-calls: the customer reached us first; told twice it is done once, and can go back."""

from datetime import datetime, timedelta

import pytest

from callbacks.models import Callback, InboundCall
from contacts import clock
from contacts.models import Intent
from tests.api.program import Program, fields, problem
from tests.callbacks.race import at_once
from tests.factories import (
    make_callback,
    make_campaign,
    make_contact,
    make_number,
    snapshot,
    story,
)

CALLS = "/v1/inbound-calls"


def state(callback):
    return Callback.objects.get(pk=callback.pk).state


def body(callback, call_id="call-1", **fields):
    campaign = {} if "intent_id" in fields else {"campaign": callback.campaign.slug}
    return {"call_id": call_id, "number": str(callback.number.e164), **campaign, **fields}


def intent_of(contact, slug):
    return Intent.objects.create(
        contact=contact, name="Refund", campaign_slug=slug, opened_at=clock.now()
    )


def test_what_waits_in_that_campaign_is_closed(program, campaign):
    callback = make_callback(campaign)
    other = make_callback(make_campaign(), contact=callback.contact)
    stranger = make_callback(campaign)
    response = program.post(CALLS, body(callback))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["call_id"], answer["closed"]) == ("call-1", [callback.reference])
    left = datetime.fromisoformat(answer["undo_until"]) - clock.now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert [state(one) for one in (callback, other, stranger)] == [
        "completed", "scheduled", "scheduled",
    ]  # fmt: skip
    told = callback.events.latest("pk")
    assert (told.actor_kind, told.reason) == ("api", "Customer called")


def test_an_intent_names_the_campaign_and_whose_callbacks(program, campaign):
    callback = make_callback(campaign)
    flatmate = make_callback(campaign, contact=make_contact("Rui", number=callback.number))
    intent = intent_of(callback.contact, campaign.slug)
    answer = program.post(CALLS, body(callback, intent_id=intent.pk)).json()
    assert answer["closed"] == [callback.reference]
    assert state(flatmate) == "scheduled"
    everybody = program.post(CALLS, body(callback, "call-2")).json()
    assert everybody["closed"] == [flatmate.reference]


def test_the_same_call_again_gets_the_same_answer(program, campaign):
    callback = make_callback(campaign)
    first = program.post(CALLS, body(callback)).json()
    make_callback(campaign, contact=callback.contact)  # asked for since: it stays
    before = snapshot()
    assert program.post(CALLS, body(callback)).json() == first
    assert snapshot() == before


def test_the_same_call_with_another_body_is_refused(program, campaign):
    callback, other = make_callback(campaign), make_callback(campaign)
    program.post(CALLS, body(callback))
    before = snapshot()
    response = program.post(CALLS, body(other))
    assert (response.status_code, problem(response)) == (422, "repeated")
    assert snapshot() == before
    assert program.post(CALLS, body(other, "call-2")).json()["closed"] == [other.reference]


def test_a_number_that_nobody_knows_closes_nothing(program, campaign):
    make_callback(campaign)
    before = snapshot()
    sent = {"call_id": "c", "number": make_number().e164, "campaign": campaign.slug}
    assert program.post(CALLS, sent).json()["closed"] == []
    assert snapshot() == before


def test_the_way_back(program, campaign):
    callback = make_callback(campaign)
    was = Callback.objects.values("due_at", "priority", "promised_from").get()
    program.post(CALLS, body(callback, "a/b c"))
    response = program.post(f"{CALLS}/a%2Fb%20c/undo")
    answer = {"call_id": "a/b c", "reopened": [callback.reference], "refused": []}
    assert (response.status_code, response.json()) == (200, answer)
    assert story(callback)[:3] == ["request", "complete", "reopen"]
    assert state(callback) == "scheduled"
    assert Callback.objects.values("due_at", "priority", "promised_from").get() == was
    before = snapshot()
    assert program.post(f"{CALLS}/a%2Fb%20c/undo").json() == answer
    assert snapshot() == before


def test_after_ten_minutes_there_is_no_way_back(program, campaign):
    callback = make_callback(campaign)
    program.post(CALLS, body(callback))
    told = callback.events.get(name="complete")
    told.delete()  # stories are not edited, so it is told anew
    told.at -= timedelta(minutes=10, seconds=1)
    told.save(force_insert=True)
    before = snapshot()
    response = program.post(f"{CALLS}/call-1/undo")
    assert (response.status_code, problem(response)) == (409, "too_late")
    assert snapshot() == before
    assert InboundCall.objects.get().reopened is None


def test_a_callback_asked_for_since_stays_the_only_one(program, campaign):
    """Of two that the call closed one comes back; the other says why not."""
    callback = make_callback(campaign)
    flatmate = make_callback(campaign, contact=make_contact("Rui", number=callback.number))
    program.post(CALLS, body(callback))
    make_callback(campaign, contact=callback.contact)
    answer = program.post(f"{CALLS}/call-1/undo").json()
    assert answer["reopened"] == [flatmate.reference]
    refused = [(one["reference"], one["code"]) for one in answer["refused"]]
    assert refused == [(callback.reference, "replaced")]
    assert (state(callback), state(flatmate)) == ("completed", "scheduled")


def test_where_nothing_can_come_back_the_problem_says_why(program, campaign):
    callback = make_callback(campaign)
    program.post(CALLS, body(callback))
    make_callback(campaign, contact=callback.contact)
    before = snapshot()
    response = program.post(f"{CALLS}/call-1/undo")
    assert (response.status_code, problem(response)) == (409, "replaced")
    assert snapshot() == before


def test_a_call_that_closed_nothing_has_nothing_to_undo(program, campaign):
    sent = {"call_id": "c", "number": make_number().e164, "campaign": campaign.slug}
    program.post(CALLS, sent)
    assert program.post(f"{CALLS}/c/undo").json()["reopened"] == []


@pytest.mark.parametrize("call_id", ["nobody", "x" * 500, "%00"])
def test_undoing_a_call_that_nobody_reported_is_not_found(program, campaign, call_id):
    response = program.post(f"{CALLS}/{call_id}/undo")
    assert (response.status_code, problem(response)) == (404, "not_found")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"call_id": None}, [("#/call_id", "null")]),
        ({"call_id": ""}, [("#/call_id", "blank")]),
        ({"call_id": "x" * 129}, [("#/call_id", "max_length")]),
        ({"number": "020 7946 0134"}, [("#/number", "impossible")]),
        ({"campaign": "none"}, [("#/campaign", "unknown")]),
        ({"campaign": None}, [("#/campaign", "null")]),
        ({"intent_id": 1}, [("#/intent_id", "unknown")]),
        ({"intent_id": 0}, [("#/intent_id", "unknown")]),
        ({"intent_id": "x"}, [("#/intent_id", "invalid")]),
        ({"intent_id": 10**30}, [("#/intent_id", "unknown")]),
    ],
)
def test_what_is_wrong_is_said_field_by_field(program, campaign, change, found):
    callback = make_callback(campaign)
    before = snapshot()
    assert fields(program.post(CALLS, {**body(callback), **change})) == found
    assert snapshot() == before
    assert not InboundCall.objects.exists()


def test_either_campaign_or_intent_and_a_matter_of_somebody_there(program, campaign):
    callback = make_callback(campaign)
    mine = intent_of(callback.contact, campaign.slug).pk
    foreign = intent_of(make_contact("Rui"), campaign.slug).pk
    homeless = intent_of(callback.contact, "").pk
    before = snapshot()
    both = {**body(callback), "intent_id": mine}
    assert fields(program.post(CALLS, both)) == [("#", "exactly_one")]
    neither = {"call_id": "c", "number": str(callback.number.e164)}
    assert fields(program.post(CALLS, neither)) == [("#", "exactly_one")]
    for intent_id, code in ((foreign, "other_contact"), (homeless, "no_campaign")):
        response = program.post(CALLS, body(callback, intent_id=intent_id))
        assert fields(response) == [("#/intent_id", code)]
    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_one_call_reported_many_times_at_once_is_done_once(key):
    campaign = make_campaign()
    callback = make_callback(campaign)
    token, sent = key[1], body(callback)
    answers = at_once(*[lambda: Program(token).post(CALLS, sent).json()] * 6)
    assert [answer["closed"] for answer in answers] == [[callback.reference]] * 6
    assert len({answer["undo_until"] for answer in answers}) == 1
    assert story(callback) == ["request", "complete"]
