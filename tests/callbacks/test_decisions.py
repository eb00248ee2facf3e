"""Every dial and every refusal at dial time is stored with its inputs (RULES 4)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from callbacks import cases
from callbacks.actions import calls
from callbacks.actions.calls import NoDialError, start_call
from callbacks.models import Attempt, DialDecision
from callbacks.rules.gate import Blocked, Reason
from campaigns.actions import pause
from campaigns.models import FrequencyCap
from contacts import clock
from contacts.actions import list_do_not_call
from contacts.models import Contact, PhoneNumber
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    open_only_in,
)

pytestmark = pytest.mark.django_db
M, H = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def work(campaign, agent):
    return in_work(agent, make_callback(campaign))


def listed(callback):
    list_do_not_call(callback.number, reason="Asked")


def dead(callback):
    PhoneNumber.objects.filter(pk=callback.number_id).update(invalid_since=clock.now())


def paused(callback):
    pause(callback.campaign, by="Priya")


def nowhere(callback):
    Contact.objects.filter(pk=callback.contact_id).update(zones=[])


def closed(callback):
    open_only_in(callback.campaign, 2)


def often(callback):
    FrequencyCap.objects.create(campaign=callback.campaign, dials=2, span_hours=24)
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    make_attempt(callback, "busy", ago=3 * H)
    make_attempt(elsewhere, "busy", ago=2 * H)


def live(callback):
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    make_attempt(elsewhere, "", ago=M, state="connected", ended_at=None)


def allow(callback):
    """Nothing stands in the way."""


BLOCKS = [
    (listed, Reason.DO_NOT_CALL), (dead, Reason.INVALID_NUMBER), (paused, Reason.CAMPAIGN_PAUSED),
    (nowhere, Reason.ZONE_UNKNOWN), (closed, Reason.CLOSED), (often, Reason.FREQUENCY_CAP),
    (live, Reason.LIVE_CALL),
]  # fmt: skip


def callback_of(work):
    from callbacks.models import Callback

    return Callback.objects.select_related("campaign", "number").get(pk=work.callback_id)


@pytest.mark.parametrize(("block", "reason"), BLOCKS)
def test_a_refusal_at_the_first_gate_is_stored_and_nobody_is_asked(work, simulator, block, reason):
    block(callback_of(work))
    dials = Attempt.objects.count()
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.code == ("live" if reason is Reason.LIVE_CALL else "gate")
    assert refused.value.verdict.reason is reason
    told = DialDecision.objects.get()
    assert (told.callback_id, told.attempt_id, told.allowed, told.reason) == (
        work.callback_id, None, False, reason,
    )  # fmt: skip
    assert told.until == refused.value.until
    assert (Attempt.objects.count(), simulator.started()) == (dials, [])


@pytest.mark.parametrize(("block", "reason"), BLOCKS[:-1])
def test_a_refusal_at_the_second_gate_is_stored_with_its_attempt(
    work, simulator, monkeypatch, block, reason
):
    begin = calls._begin

    def late(attempt):
        block(callback_of(work))
        return begin(attempt)

    monkeypatch.setattr(calls, "_begin", late)
    start_call(work, key=uuid4())
    attempt = Attempt.objects.get(callback=work.callback_id, outcome="")
    told = DialDecision.objects.get()
    assert (told.attempt_id, told.allowed, told.reason) == (attempt.pk, False, reason)
    assert (attempt.state, attempt.dialed_at, attempt.cause) == (
        "ended", None, f"Blocked: {reason}",
    )  # fmt: skip
    assert simulator.started() == []


def test_a_dial_is_stored_once_with_all_that_was_looked_at(work, simulator):
    callback = callback_of(work)
    FrequencyCap.objects.create(campaign=callback.campaign, dials=2, span_hours=24)
    earlier = make_attempt(callback, "busy", ago=3 * H)
    key = uuid4()
    attempt = start_call(work, key=key)
    start_call(work, key=key)  # the same press again
    told = DialDecision.objects.get()
    assert (told.callback_id, told.attempt_id, told.allowed, told.reason) == (
        callback.pk, attempt.pk, True, "",
    )  # fmt: skip
    assert told.at >= attempt.dialed_at
    seen = told.inputs
    assert (seen["do_not_call"], seen["number_valid"], seen["campaign_dials"]) == (
        False, True, True,
    )  # fmt: skip
    assert (seen["live_call"], seen["own_time"], seen["country"]) == (False, False, "")
    assert seen["caps"] == [[2, 24 * 3600]]
    assert [text[:19].replace("T", " ") for text in seen["dialled_at"]] == [
        str(earlier.dialed_at)[:19]
    ]
    assert [zone["zone"] for zone in seen["zones"]] == ["Europe/London"]
    assert seen["zones"][0]["profiles"] == ["Open GB"]
    assert seen["zones"][0]["quiet_hours"] == [[0, 1440]]


def test_an_own_dial_that_is_still_live_is_no_decision_of_the_gate(work, simulator):
    start_call(work, key=uuid4())
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.code == "live"
    assert DialDecision.objects.filter(allowed=True).count() == 1
    assert len(simulator.started()) == 1


def test_what_was_decided_is_not_edited(work, simulator):
    start_call(work, key=uuid4())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DialDecision.objects.update(allowed=False)
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE dial_decision SET reason = 'x'")
    assert DialDecision.objects.get().allowed


# --- one case for the gate, and how each fact gets into it


@pytest.mark.parametrize(("block", "reason"), [*BLOCKS, (allow, None)])
def test_the_case_and_the_gate_agree_on_each_fact(work, block, reason):
    block(callback_of(work))
    one = cases.case(work.callback_id)
    facts = cases.gate_facts(one)
    assert (facts.do_not_call, not facts.number_valid, not facts.campaign_dials) == (
        reason is Reason.DO_NOT_CALL, reason is Reason.INVALID_NUMBER,
        reason is Reason.CAMPAIGN_PAUSED,
    )  # fmt: skip
    assert (not facts.window.zones, facts.live_call) == (
        reason is Reason.ZONE_UNKNOWN, reason is Reason.LIVE_CALL,
    )  # fmt: skip
    assert (facts.window.span_at(facts.now) is None) == (
        reason in (Reason.CLOSED, Reason.ZONE_UNKNOWN)
    )
    assert len(facts.dialled_at) == (2 if reason is Reason.FREQUENCY_CAP else 0)
    verdict = cases.gate(one)
    assert (verdict.reason if isinstance(verdict, Blocked) else None) == reason
    assert cases.verdicts([work.callback_id]) == {work.callback_id: verdict}


@pytest.mark.parametrize(
    ("state", "is_live"),
    [("intended", True), ("dialing", True), ("ringing", True), ("connected", True),
     ("on_hold", True), ("unknown", True), ("ended", False)],
)  # fmt: skip
def test_any_call_that_may_be_live_through_another_campaign_blocks(work, state, is_live):
    elsewhere = make_callback(make_campaign(), contact=callback_of(work).contact)
    ended = {} if state == "ended" else {"ended_at": None}
    make_attempt(elsewhere, "", ago=M, state=state, **ended)
    verdict = cases.gate(cases.case(work.callback_id))
    assert (verdict == Blocked(Reason.LIVE_CALL)) == is_live


def test_a_live_call_with_somebody_else_does_not_block(work, campaign):
    busy = make_agent(campaign)
    other = make_callback(campaign)
    in_work(busy, other)
    make_attempt(other, "", ago=M, state="connected", ended_at=None)
    assert not isinstance(cases.gate(cases.case(work.callback_id)), Blocked)


@pytest.mark.parametrize(("scope", "blocks"), [("", True), ("mine", True), ("other", False)])
def test_do_not_call_holds_everywhere_or_in_its_campaign(work, scope, blocks):
    callback = callback_of(work)
    slug = {"": "", "mine": callback.campaign.slug, "other": make_campaign().slug}[scope]
    list_do_not_call(callback.number, scope=slug, reason="Asked")
    assert cases.case(work.callback_id).do_not_call == blocks
