"""The source's rules against calling twice, each through what customers and agents do."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.actions import finish_work
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.inbound import customer_called, undo_customer_called
from callbacks.actions.intake import IntakeRefusedError
from callbacks.actions.offers import accept_offer
from callbacks.actions.sweeps import deduplicate
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from callbacks.rules.states import RefusedError
from tests.conformance.floor import (
    NEVER_RETRIED,
    RETRIED,
    ask,
    asked,
    bill,
    call,
    dial,
    instant,
    label,
    later,
    offer,
    same_number,
    says,
    take,
    until_due,
    views,
    wish,
)
from tests.factories import (
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    make_request,
    snapshot,
)

M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def doubled(first, name=""):
    """Another contact row with the same number and a live callback in the same campaign.

    Requests never make one: it comes from imports and from numbers that were two contacts before.
    """
    contact = make_contact(name or first.contact.name, number=first.number)
    return make_callback(first.campaign, contact=contact, due=2 * H, callable_in=2 * H)


def state(callback):
    callback.refresh_from_db()
    return callback.state


# --- only one active callback per contact per campaign


def waiting(simulator, agent, callback):
    """As it was asked for."""


def in_offer(simulator, agent, callback):
    assert offer(agent)


def in_work(simulator, agent, callback):
    take(agent, callback)


def in_call(simulator, agent, callback):
    dial(simulator, take(agent, callback))


def in_retry(simulator, agent, callback):
    call(simulator, agent, callback, "voicemail")


@pytest.mark.parametrize("brought", [waiting, in_offer, in_work, in_call, in_retry])
@pytest.mark.parametrize("when", [None, 3 * H])
def test_a_second_request_is_merged_into_the_live_one(campaign, agent, simulator, brought, when):
    first = ask(campaign, about="The meter")
    brought(simulator, agent, first)
    at = wish(when) if when else None
    receipt = asked(campaign, number=same_number(first), about="The bill", wish=at)
    assert (receipt.merged, receipt.callback.pk) == (True, first.pk)
    first.refresh_from_db()
    assert first.about == "The meter\n\nThe bill"
    assert Callback.objects.count() == 1


def test_requests_without_end_make_one_dial(campaign, agent, simulator):
    first = ask(campaign)
    for _ in range(8):
        assert asked(campaign, number=same_number(first), key=uuid4()).merged
    call(simulator, agent, first, "resolved")
    later(3 * D)
    assert offer(agent) is None
    assert bill(simulator, first) == 1


def test_the_place_in_line_and_the_promise_stay_unless_a_time_is_named(campaign, agent):
    first = ask(campaign)
    later(3 * M)
    behind = ask(campaign)
    due = Callback.objects.get(pk=first.pk).due_at
    asked(campaign, number=same_number(first))
    first.refresh_from_db()
    assert first.due_at == due
    assert offer(agent).callback_id == first.pk
    at = wish(3 * H)
    asked(campaign, number=same_number(behind), wish=at)
    behind.refresh_from_db()
    assert behind.due_at == instant(at)


def test_another_campaign_is_another_matter(campaign):
    first = ask(campaign)
    receipt = asked(make_campaign(), number=same_number(first))
    assert not receipt.merged
    assert receipt.callback.contact_id == first.contact_id


def test_who_shares_a_telephone_is_somebody_else(campaign):
    first = ask(campaign, name="Ines Carvalho")
    assert not asked(campaign, number=same_number(first), name="Rui Carvalho").merged
    assert asked(campaign, number=same_number(first), name="INÊS  carvalho").merged
    assert Callback.objects.count() == 2


# --- two contact rows with one number: the sweep


def test_the_sweep_makes_one_of_two_before_either_rings(campaign, agent, simulator):
    first = ask(campaign, about="The meter")
    later_one = doubled(first)
    assert deduplicate() == 1
    assert (state(first), state(later_one)) == ("scheduled", "cancelled")
    call(simulator, agent, first, "resolved")
    later(3 * D)
    assert offer(agent) is None
    assert bill(simulator, first) == 1


def test_the_sweep_asks_a_person_about_two_names(campaign):
    first = ask(campaign, name="Ines Carvalho")
    asked(campaign, number=same_number(first), name="Rui Carvalho")
    assert deduplicate() == 0
    assert {one.attention != "" for one in Callback.objects.all()} == {True}


# --- if a contact answers, all pending callbacks are cancelled


@pytest.mark.parametrize("code", ["resolved", "still-open"])
def test_an_answer_cancels_what_else_is_pending_in_the_campaign(campaign, agent, simulator, code):
    first = ask(campaign)
    sibling = doubled(first)
    stranger = doubled(first, name="Rui Carvalho")
    elsewhere = ask(make_campaign(), number=same_number(first))
    call(simulator, agent, first, code)
    assert [state(one) for one in (first, sibling, stranger, elsewhere)] == [
        "completed", "cancelled", "scheduled", "scheduled",
    ]  # fmt: skip
    assert sibling.ended_reason == "The contact answered another call"


def test_an_answer_with_another_time_agreed_cancels_the_others_too(campaign, agent, simulator):
    first = ask(campaign)
    sibling = doubled(first)
    call(simulator, agent, first, "call-again", again=wish(D))
    assert (state(first), state(sibling)) == ("scheduled", "cancelled")


def test_a_campaign_may_widen_it_to_all_campaigns(db, simulator):
    campaign = make_campaign(answer_closes_all=True)
    first = ask(campaign)
    others = [ask(make_campaign(), number=same_number(first)) for _ in range(2)]
    stranger = ask(make_campaign())
    call(simulator, make_agent(campaign), first, "resolved")
    assert [state(one) for one in others] == ["cancelled", "cancelled"]
    assert state(stranger) == "scheduled"


def test_an_offer_of_a_cancelled_one_can_no_longer_be_accepted(db, simulator):
    campaign, other = make_campaign(answer_closes_all=True), make_campaign()
    first = ask(campaign)
    elsewhere = ask(other, number=same_number(first))
    mine, theirs = make_agent(campaign), make_agent(other, presence="not_ready")
    work = take(mine, first)
    dial(simulator, work)
    held = offer(theirs)
    assert held.callback_id == elsewhere.pk
    finish_work(work, says(first, "resolved"))
    with pytest.raises(RefusedError, match="cancelled"):
        accept_offer(callback_id=elsewhere.pk, agent_id=theirs.pk, version=held.version)
    assert bill(simulator, first) == 1


@pytest.mark.parametrize("trigger", RETRIED, ids=str)
def test_without_an_answer_nothing_else_is_cancelled(campaign, agent, simulator, trigger):
    first = ask(campaign, trigger.ending)
    sibling = doubled(first)
    call(simulator, agent, first, trigger.code)
    assert state(sibling) == "scheduled"


@pytest.mark.parametrize("trigger", [RETRIED[0], NEVER_RETRIED[0]], ids=str)
def test_the_customer_may_ask_again_after_any_end(campaign, agent, simulator, trigger):
    first = ask(campaign)
    call(simulator, agent, first, "resolved")
    receipt = asked(campaign, number=same_number(first))
    assert (receipt.merged, receipt.callback.pk != first.pk) == (False, True)
    assert label(receipt.callback) == ""


# --- if a contact requests DNC, all callbacks are cancelled across all campaigns


def told_an_agent(simulator, agent, first):
    call(simulator, agent, first, "do-not-call")


def wrote_to_us(simulator, agent, first):
    forbid_calls(first.number, reason="By letter", actor=SYSTEM)


@pytest.mark.parametrize("request_is_made", [told_an_agent, wrote_to_us])
def test_do_not_call_cancels_everything_everywhere_for_good(
    campaign, agent, simulator, request_is_made
):
    first = ask(campaign)
    others = [ask(make_campaign(), number=same_number(first)) for _ in range(3)]
    sibling, stranger = doubled(first), ask(make_campaign())
    request_is_made(simulator, agent, first)
    dialled = bill(simulator, first)
    assert {state(one) for one in (first, sibling, *others)} == {"cancelled"}
    assert state(stranger) == "scheduled"
    with pytest.raises(IntakeRefusedError) as refused:
        asked(make_campaign(), number=same_number(first))
    assert refused.value.code == "do_not_call"
    everywhere = make_agent(*{one.campaign for one in (first, *others)})
    for _ in range(3):
        later(10 * D)
        assert offer(everywhere) is None
    assert bill(simulator, first) == dialled


def test_a_request_of_a_listed_number_changes_nothing(campaign):
    first = ask(campaign)
    forbid_calls(first.number, reason="By letter", actor=SYSTEM)
    before = snapshot()
    with pytest.raises(IntakeRefusedError):
        asked(campaign, number=same_number(first))
    assert snapshot() == before


def test_for_one_campaign_only_that_one_is_silent(campaign, agent):
    first = ask(campaign)
    elsewhere = ask(make_campaign(), number=same_number(first))
    forbid_calls(first.number, reason="Not for this", actor=SYSTEM, campaign=campaign)
    assert (state(first), state(elsewhere)) == ("cancelled", "scheduled")


# --- the customer reaches us first


@pytest.mark.parametrize("brought", [waiting, in_offer, in_retry])
def test_who_called_us_is_not_rung(campaign, agent, simulator, brought):
    first = ask(campaign)
    elsewhere = ask(make_campaign(), number=same_number(first))
    brought(simulator, agent, first)
    dialled = bill(simulator, first)
    closed = customer_called(first.number, campaign=campaign, actor=SYSTEM)
    assert closed.callback_ids == [first.pk]
    assert (state(first), first.ended_reason) == ("completed", "Customer called")
    assert state(elsewhere) == "scheduled"
    later(3 * D)
    assert offer(agent) is None
    assert bill(simulator, first) == dialled


@pytest.mark.parametrize(("minutes", "undone"), [(0, True), (9.9, True), (10.1, False)])
def test_it_can_be_undone_for_ten_minutes(campaign, agent, minutes, undone):
    first = ask(campaign, wish=wish(5 * H))
    due, label_before = first.due_at, label(first)
    customer_called(first.number, campaign=campaign, actor=SYSTEM)
    later(minutes * M)
    if not undone:
        before = snapshot()
        with pytest.raises(RefusedError) as refused:
            undo_customer_called(first.pk, actor=SYSTEM)
        assert (refused.value.code, snapshot()) == ("too_late", before)
        return
    undo_customer_called(first.pk, actor=SYSTEM)
    assert (state(first), first.due_at) == ("scheduled", due - minutes * M)
    assert (label(first), "all" in views(first)) == (label_before, True)
    until_due(first)
    assert offer(agent).callback_id == first.pk


def test_the_undo_does_not_ring_twice_who_asked_anew(campaign):
    first = ask(campaign)
    customer_called(first.number, campaign=campaign, actor=SYSTEM)
    request = make_request(campaign, number=same_number(first))
    assert not asked(campaign, number=request.number).merged
    before = snapshot()
    with pytest.raises(RefusedError) as refused:
        undo_customer_called(first.pk, actor=SYSTEM)
    assert (refused.value.code, snapshot()) == ("replaced", before)
