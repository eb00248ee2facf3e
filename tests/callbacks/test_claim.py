"""Who is next in line: one statement decides."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from callbacks import queue
from callbacks.models import Callback, CallbackEvent
from callbacks.rules.states import State
from tests.factories import make_agent, make_callback, make_campaign, offered, story

M = timedelta(minutes=1)


def claimed(agent, *campaigns):
    """The id of the callback that the agent is given, or None."""
    ids = [campaign.pk for campaign in campaigns] or None
    claim = queue.claim_next(agent.pk, ids)
    return claim and claim.callback_id


def give_back(callback_id):
    Callback.objects.filter(pk=callback_id).update(
        state=State.CANCELLED, agent=None, offer_expires_at=None, ended_at="2026-11-20T00:00Z"
    )


def line(agent, *campaigns):
    """Everybody in line, in order."""
    found = []
    while (callback_id := claimed(agent, *campaigns)) is not None:
        found.append(callback_id)
        give_back(callback_id)
    return found


@pytest.fixture(params=["every campaign", "some campaigns"])
def arm(request, campaign):
    """Both statements: the pool of an agent of all campaigns, and of some."""
    return () if request.param == "every campaign" else (campaign,)


def test_with_nothing_due_nobody_is_claimed(campaign, agent, arm):
    make_callback(campaign, callable_in=M)  # in a minute
    make_callback(campaign, callable_in=None)  # never by the machine
    assert claimed(agent, *arm) is None
    due = make_callback(campaign, callable_in=-M)
    assert claimed(agent, *arm) == due.pk


def test_call_now_goes_first_then_priority_then_time_then_age(campaign, agent, arm):
    late = make_callback(campaign, callable_in=-5 * M)
    earlier = make_callback(campaign, callable_in=-30 * M)
    same_time = make_callback(campaign, callable_from=earlier.callable_from)
    bumped_down = make_callback(campaign, callable_in=-90 * M, priority=-1)
    bumped_up = make_callback(campaign, callable_in=-2 * M, priority=1)
    call_now = make_callback(campaign, callable_in=-M, priority=queue.CALL_NOW)
    order = [call_now, bumped_up, earlier, same_time, late, bumped_down]
    assert line(agent, *arm) == [callback.pk for callback in order]


def test_what_waits_for_an_agent_personally_is_offered_to_nobody_else(campaign, agent, arm):
    other = make_agent(campaign)
    mine = make_callback(campaign, reserved_for=agent.user)
    assert claimed(other, *arm) is None
    assert claimed(agent, *arm) == mine.pk


def test_of_equals_the_personal_one_goes_first(campaign, agent, arm):
    pool = make_callback(campaign, callable_in=-30 * M)
    mine = make_callback(campaign, callable_in=-M, reserved_for=agent.user)
    assert line(agent, *arm) == [mine.pk, pool.pk]


def test_call_now_goes_before_what_waits_personally(campaign, agent, arm):
    mine = make_callback(campaign, reserved_for=agent.user)
    urgent = make_callback(campaign, priority=queue.CALL_NOW)
    assert line(agent, *arm) == [urgent.pk, mine.pk]


def test_an_agent_of_some_campaigns_gets_theirs_alone(campaign, agent):
    theirs, other = make_campaign(), make_campaign()
    make_callback(other, priority=queue.CALL_NOW)
    second = make_callback(theirs, callable_in=-5 * M)
    first = make_callback(campaign, callable_in=-9 * M)
    assert line(agent, campaign, theirs) == [first.pk, second.pk]


def test_a_personal_callback_of_a_campaign_that_is_not_mine_now_waits(campaign, agent):
    paused = make_campaign()
    make_callback(paused, reserved_for=agent.user)
    assert claimed(agent, campaign) is None
    assert claimed(agent, campaign, paused) is not None


def test_without_a_campaign_nobody_is_claimed(campaign, agent):
    make_callback(campaign)
    assert queue.claim_next(agent.pk, []) is None
    assert queue.claim_next(agent.pk, [campaign.pk]) is not None


@pytest.mark.parametrize(
    ("age", "passed_over"),
    [(timedelta(0), True), (9 * M, True), (11 * M, False)],  # ten minutes
)
def test_what_the_agent_rejected_within_ten_minutes_is_passed_over(
    campaign, agent, arm, age, passed_over
):
    rejected = make_callback(campaign, callable_in=-30 * M)
    second = make_callback(campaign, callable_in=-M)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO callback_event (callback_id, name, from_state, to_state, actor_kind, "
            "actor_id, reason, data, claim_version, at) VALUES (%s, 'reject', 'offered', "
            "'scheduled', 'agent', %s, '', '{}', 1, now() - %s)",
            [rejected.pk, agent.pk, age],
        )
    assert claimed(agent, *arm) == (second.pk if passed_over else rejected.pk)


def test_a_reject_by_another_agent_does_not_count(campaign, agent, arm):
    other = make_agent(campaign)
    callback = make_callback(campaign)
    work = offered(other, callback)
    queue.move(
        callback.pk, queue.Event.REJECT, actor=queue.Actor("agent", other.pk), version=work.version
    )
    assert claimed(other, *arm) is None
    assert claimed(agent, *arm) == callback.pk


def test_a_claim_leases_for_as_long_as_the_campaign_says(agent):
    campaign = make_campaign(offer_seconds=45)
    callback = make_callback(campaign)
    claim = queue.claim_next(agent.pk, None)
    callback.refresh_from_db()
    assert callback.offer_expires_at - callback.offered_at == timedelta(seconds=45)
    assert claim == queue.Claim(callback.pk, campaign.pk, 1, callback.offer_expires_at)
    assert (callback.state, callback.agent_id) == ("offered", agent.pk)


def test_every_claim_raises_the_version_and_writes_one_event(campaign, agent):
    callback = make_callback(campaign)
    for number in (1, 2, 3):
        claim = queue.claim_next(agent.pk, None)
        assert claim.version == number
        queue.move(callback.pk, queue.Event.TIME_OUT, actor=queue.SYSTEM)
    assert story(callback) == ["request"] + ["offer", "time_out"] * 3
    offers = CallbackEvent.objects.filter(callback=callback, name="offer").order_by("id")
    assert list(offers.values_list("claim_version", "actor_id", "from_state", "to_state")) == [
        (number, agent.pk, "scheduled", "offered") for number in (1, 2, 3)
    ]


def test_an_agent_who_holds_one_cannot_be_given_a_second(campaign, agent):
    for _ in range(2):
        make_callback(campaign)
    assert claimed(agent) is not None
    with pytest.raises(IntegrityError, match="callback_one_per_agent"):
        claimed(agent)


@pytest.mark.parametrize("state", ["offered", "working", "cancelled"])
def test_only_waiting_callbacks_are_claimed(campaign, agent, state):
    other = make_agent(campaign)
    callback = make_callback(campaign)
    work = offered(other, callback)
    if state == "working":
        queue.move(callback.pk, queue.Event.ACCEPT, actor=queue.SYSTEM, version=work.version)
    if state == "cancelled":
        queue.move(callback.pk, queue.Event.CANCEL, actor=queue.SYSTEM)
    assert Callback.objects.get(pk=callback.pk).state == state
    assert claimed(agent) is None
