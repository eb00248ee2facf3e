"""Who is next, and by whom: Call now, Reassign, Bump (RULES 3)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from callbacks import notices, queue
from callbacks.actions.calls import NoDialError, Work, start_call
from callbacks.actions.intake import Wish
from callbacks.actions.line import bump, call_now, reassign
from callbacks.actions.manage import cancel, complete, reschedule, skip
from callbacks.actions.offers import release_expired_offers
from callbacks.actions.windows import roll_contact, work_off_hours_changes
from callbacks.models import Attempt, Callback
from callbacks.queue import CALL_NOW, SYSTEM, Actor
from callbacks.rules.gate import BlockedError, Reason
from callbacks.rules.states import RefusedError
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
    offered,
    open_only_in,
    snapshot,
    story,
)

pytestmark = pytest.mark.django_db
M, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BOSS = Actor("supervisor", 77)


def now(callback, agent=None):
    call_now(callback.pk, agent_id=agent and agent.pk, actor=BOSS)
    return Callback.objects.get(pk=callback.pk)


def next_of(agent, campaign):
    claim = queue.claim_next(agent.pk, [campaign.pk])
    return claim and claim.callback_id


def said(told):
    """What the event says, but for what it keeps to be undone by."""
    return {name: value for name, value in told.data.items() if name != "was"}


# --- Call now


@pytest.mark.parametrize("due", [-H, 5 * H, 2 * D])
def test_call_now_goes_ahead_of_all(campaign, agent, due):
    make_callback(campaign, callable_in=-9 * H)
    make_callback(campaign, priority=9)
    make_callback(campaign, reserved_for=agent.user)
    urgent = make_callback(campaign, due=due, callable_in=due)
    after = now(urgent)
    assert (after.priority, after.callable_from) == (CALL_NOW, clock.now())
    assert after.due_at == urgent.due_at  # the promise does not move
    assert next_of(agent, campaign) == urgent.pk


def test_call_now_is_offered_to_the_named_agent_alone(campaign, agent):
    other = make_agent(campaign)
    urgent = make_callback(campaign, due=D, callable_in=D)
    second = make_callback(campaign)
    after = now(urgent, agent)
    assert (after.reserved_for_id, after.reserved_until) == (agent.pk, clock.now() + 15 * M)
    assert next_of(other, campaign) == second.pk
    assert next_of(agent, campaign) == urgent.pk


def test_call_now_to_whoever_is_free_frees_a_personal_one(campaign, agent):
    urgent = make_callback(campaign, reserved_for=agent.user)
    after = now(urgent)
    assert (after.reserved_for_id, after.reserved_until) == (None, None)
    assert next_of(make_agent(campaign), campaign) == urgent.pk


def test_the_story_says_who_called_it_now_and_for_whom(campaign, agent):
    urgent = make_callback(campaign)
    now(urgent, agent)
    told = urgent.events.order_by("id").last()
    assert (told.name, told.from_state, told.to_state) == ("call_now", "scheduled", "scheduled")
    assert (told.actor_kind, told.actor_id, said(told)) == ("supervisor", 77, {"agent": agent.pk})


def closed(callback):
    open_only_in(callback.campaign, 2)


def listed(callback):
    list_do_not_call(callback.number, reason="Asked")


def dead(callback):
    PhoneNumber.objects.filter(pk=callback.number_id).update(invalid_since=clock.now())


def paused(callback):
    pause(callback.campaign, by="Priya Nair")


def nowhere(callback):
    Contact.objects.filter(pk=callback.contact_id).update(zones=[], zone_source="unknown")


def often(callback):
    FrequencyCap.objects.create(campaign=callback.campaign, dials=1, span_hours=24)
    make_attempt(callback, "busy", ago=H)


def live(callback):
    elsewhere = make_callback(make_campaign(), contact=callback.contact)
    make_attempt(elsewhere, "", ago=M, state="connected", ended_at=None)


BLOCKS = [
    (listed, Reason.DO_NOT_CALL, "Must not be called: do not call"),
    (dead, Reason.INVALID_NUMBER, "The number is not in service"),
    (paused, Reason.CAMPAIGN_PAUSED, "Campaign paused"),
    (nowhere, Reason.ZONE_UNKNOWN, "Zone not known: choose one to allow the call"),
    (closed, Reason.CLOSED, r"Not before .*00:00 in London: quiet hours"),
    (often, Reason.FREQUENCY_CAP, r"Not before .* in London: called often enough"),
    (live, Reason.LIVE_CALL, "Another call with this contact is going on"),
]


@pytest.mark.parametrize(("block", "reason", "words"), BLOCKS)
@pytest.mark.parametrize("hands", [None, offered])
def test_the_gate_still_rules_and_says_why(campaign, agent, block, reason, words, hands):
    callback = make_callback(campaign)
    if hands:
        hands(agent, callback)
    block(callback)
    before = snapshot()
    with pytest.raises(BlockedError, match=words) as refused:
        now(callback)
    assert refused.value.verdict.reason is reason
    assert snapshot() == before  # an offer stays with its agent, too


@pytest.mark.parametrize("act", [call_now, reassign])
def test_an_agent_who_does_not_take_the_campaigns_calls_is_refused(campaign, agent, act):
    stranger = make_agent(make_campaign())
    callback = make_callback(campaign)
    offered(agent, callback)
    before = snapshot()
    for agent_id in (stranger.pk, 987_654):
        with pytest.raises(RefusedError, match="does not take calls") as refused:
            act(callback.pk, agent_id=agent_id, actor=BOSS)
        assert refused.value.code == "agent"
    assert snapshot() == before


ACTS = {
    "call_now": lambda pk: call_now(pk, agent_id=None, actor=BOSS),
    "reassign": lambda pk: reassign(pk, agent_id=None, actor=BOSS),
    "bump": lambda pk: bump(pk, up=True, actor=BOSS),
    "skip": lambda pk: skip(pk, actor=BOSS),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_an_offered_one_is_withdrawn_from_its_agent_first(campaign, agent, act, told):
    callback = make_callback(campaign)
    work = offered(agent, callback)
    ACTS[act](callback.pk)
    after = Callback.objects.get(pk=callback.pk)
    assert (after.state, after.agent_id, after.offer_expires_at) == ("scheduled", None, None)
    assert story(callback) == ["request", "offer", "withdraw", act]
    assert after.claim_version == work.version
    assert ("withdrawn", agent.pk) in told


@pytest.fixture
def told(monkeypatch):
    """Whom the actions tell what."""
    heard = []
    monkeypatch.setattr(
        notices, "tell_agent", lambda user_id, name, **facts: heard.append((name, user_id))
    )
    return heard


def ended(callback):
    cancel(callback.pk, actor=SYSTEM)


def handled(callback):
    complete(callback.pk, actor=SYSTEM)


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("state", ["working", "cancelled", "completed"])
def test_what_is_in_work_or_over_is_refused_with_its_state(campaign, agent, act, state):
    callback = make_callback(campaign)
    if state == "working":
        in_work(agent, callback)
    else:
        {"cancelled": ended, "completed": handled}[state](callback)
    before = snapshot()
    with pytest.raises(RefusedError, match=state) as refused:
        ACTS[act](callback.pk)
    assert (refused.value.state, refused.value.code) == (state, "state")
    assert snapshot() == before


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("pk", [987_654, 2**63 - 1, 2**70, -1])
def test_what_does_not_exist_is_refused(campaign, act, pk):
    with pytest.raises(RefusedError, match="no such callback"):
        ACTS[act](pk)


def test_nobody_is_told_that_it_is_early_when_it_was_called_now(campaign, agent, simulator):
    callback = make_callback(campaign, due=D, callable_in=D)
    work = in_work(agent, make_callback(campaign, due=D, callable_in=-M))
    with pytest.raises(NoDialError) as refused:
        start_call(work, key=uuid4())
    assert refused.value.code == "early"
    other = make_agent(campaign)
    now(callback, other)
    claim = queue.claim_next(other.pk, [campaign.pk])
    queue.move(callback.pk, queue.Event.ACCEPT, actor=SYSTEM, version=claim.version)
    attempt = start_call(Work(callback.pk, other.pk, claim.version), key=uuid4())
    assert (attempt.state, attempt.early) == (Attempt.State.DIALING, False)
    assert len(simulator.started()) == 1


def test_one_called_now_stays_ahead_after_the_offer_times_out(campaign, agent):
    callback = make_callback(campaign, due=D, callable_in=D)
    now(callback)
    queue.claim_next(agent.pk, None)
    Callback.objects.update(offer_expires_at=clock.now())
    assert len(release_expired_offers()) == 1
    make_callback(campaign, priority=9)
    assert next_of(make_agent(campaign), campaign) == callback.pk


def changed_hours(callback):
    callback.campaign.hours.create(weekday=0, opens=0, closes=1440)
    for day in range(1, 7):
        callback.campaign.hours.create(weekday=day, opens=0, closes=1440)
    while work_off_hours_changes():
        pass


def rolled_contact(callback):
    roll_contact(callback.contact_id, "Zone of the contact")


@pytest.mark.parametrize("happens", [changed_hours, rolled_contact])
def test_one_called_now_is_not_sent_back_to_its_promise(campaign, agent, happens):
    callback = make_callback(campaign, due=D, callable_in=D)
    now(callback)
    happens(callback)
    assert Callback.objects.get(pk=callback.pk).callable_from == clock.now()
    assert next_of(agent, campaign) == callback.pk


def moved(callback):
    wall = (clock.now() + 2 * D).replace(tzinfo=None, second=0, microsecond=0)
    reschedule(callback.pk, to=Wish(wall, "UTC"), actor=BOSS)


def skipped(callback):
    skip(callback.pk, actor=BOSS)


@pytest.mark.parametrize("another_time", [moved, skipped])
def test_another_time_ends_call_now(campaign, agent, simulator, another_time):
    callback = make_callback(campaign)
    now(callback)
    another_time(callback)
    assert Callback.objects.get(pk=callback.pk).priority == 0
    work = in_work(agent, shifted(callback))
    with pytest.raises(NoDialError) as refused:  # nothing is dialled before its time
        start_call(work, key=uuid4())
    assert refused.value.code == "early"
    assert simulator.started() == []


def shifted(callback):
    """As it is four minutes before its time."""
    due = clock.now() + 4 * M
    Callback.objects.filter(pk=callback.pk).update(due_at=due, callable_from=due - 5 * M)
    callback.refresh_from_db()
    return callback


# --- Reassign


def test_a_reassigned_one_waits_for_that_agent_until_15_minutes_past_its_time(campaign, agent):
    callback = make_callback(campaign, due=H, callable_in=H - 5 * M)
    reassign(callback.pk, agent_id=agent.pk, actor=BOSS)
    after = Callback.objects.get(pk=callback.pk)
    assert (after.reserved_for_id, after.reserved_until) == (agent.pk, after.due_at + 15 * M)
    assert (after.due_at, after.callable_from) == (callback.due_at, callback.callable_from)
    told = callback.events.order_by("id").last()
    assert (told.name, said(told)) == ("reassign", {"from": None, "to": agent.pk})


def test_an_overdue_reassigned_one_waits_15_minutes_from_now(campaign, agent):
    callback = make_callback(campaign, due=-2 * H)
    reassign(callback.pk, agent_id=agent.pk, actor=BOSS)
    assert Callback.objects.get(pk=callback.pk).reserved_until == clock.now() + 15 * M


def test_reassigned_to_nobody_anybody_may_have_it(campaign, agent):
    callback = make_callback(campaign, reserved_for=agent.user)
    other = make_agent(campaign)
    assert next_of(other, campaign) is None
    reassign(callback.pk, agent_id=None, actor=BOSS)
    assert next_of(other, campaign) == callback.pk
    told = callback.events.get(name="reassign")
    assert said(told) == {"from": agent.pk, "to": None}


# --- Bump


def bumped(callback, *, up, times=1):
    for _ in range(times):
        bump(callback.pk, up=up, actor=BOSS)
    return Callback.objects.get(pk=callback.pk).priority


@pytest.mark.parametrize(("up", "priority"), [(True, 1), (False, -1)])
def test_a_bump_is_one_step_in_line(campaign, agent, up, priority):
    callback = make_callback(campaign)
    other = make_callback(campaign, callable_in=-9 * M if up else -3 * M)
    assert bumped(callback, up=up) == priority
    assert next_of(agent, campaign) == (callback.pk if up else other.pk)
    told = callback.events.get(name="bump")
    assert said(told) == {"from": 0, "to": priority}
    assert told.reason == ("Up" if up else "Down")


@pytest.mark.parametrize(("up", "end"), [(True, 9), (False, -9)])
def test_nine_steps_are_the_furthest(campaign, up, end):
    assert bumped(make_callback(campaign), up=up, times=12) == end


def test_call_now_stays_ahead_of_any_bump_and_a_bump_down_ends_it(campaign):
    callback = make_callback(campaign)
    now(callback)
    assert bumped(callback, up=True) == CALL_NOW
    assert bumped(callback, up=False) == 0
