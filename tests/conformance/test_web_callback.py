"""The source's web callback interaction, step by step, as the agent's desk shows it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from agentdesk.actions import finish_work, release_expired_offers, set_ready
from agentdesk.matching import match_idle_agents
from agentdesk.models import Agent
from agentdesk.panes import desk_of
from callbacks.actions.calls import hang_up, hold, start_call
from callbacks.actions.offers import accept_offer, reject_offer
from callbacks.actions.outcomes import WrapUp, WrapUpError
from callbacks.models import Attempt, Callback
from callbacks.rules.states import RefusedError
from contacts.models import Interaction
from tests.conformance.floor import (
    ask,
    dial,
    held,
    instant,
    later,
    offer,
    page,
    says,
    take,
    wish,
)
from tests.factories import make_agent, make_callback, make_campaign, snapshot
from tests.telephony import heard

S, M = timedelta(seconds=1), timedelta(minutes=1)


def status(agent):
    """The state of the call in the words of the desk."""
    return desk_of(Agent.objects.get(pk=agent.pk)).call.word


def mode(agent):
    return desk_of(Agent.objects.get(pk=agent.pk)).mode


# --- prerequisites: Ready for the channel, and the selected target


@pytest.mark.parametrize("presence", ["not_ready", "wrap_up"])
def test_who_is_not_ready_is_no_target(campaign, presence):
    ends = {"wrap_up_until": "2999-01-01T00:00Z"} if presence == "wrap_up" else {}
    agent = make_agent(campaign, presence="not_ready")
    Agent.objects.filter(pk=agent.pk).update(presence=presence, **ends)
    ask(campaign)
    assert match_idle_agents() == 0
    assert mode(agent) == "idle"
    set_ready(agent.pk)
    assert match_idle_agents() == 1
    assert mode(agent) == "offered"


def test_only_the_target_of_the_campaign_gets_the_notice(campaign, agent):
    other = make_agent(make_campaign())
    ask(campaign)
    match_idle_agents()
    assert (mode(agent), mode(other)) == ("offered", "idle")


# --- step 1: the preview


def test_the_preview_says_who_which_number_and_what_they_wrote_on_the_form(campaign, agent):
    callback = make_callback(campaign, case={"Order": "RB-1077"}, about="Charged twice")
    assert offer(agent)
    said = page(agent)
    number = str(callback.number.e164).removeprefix("+")
    assert number in said.replace(" ", "")
    for part in ("Ines Carvalho", "Charged twice", "Order RB-1077", "Accept", "Reject",
                 "Attempt 1", campaign.name, "Callable now"):  # fmt: skip
        assert part in said


# --- step 2: accept, reject, or nothing


def test_reject_returns_it_to_the_queue(campaign, agent):
    callback = ask(campaign)
    work = offer(agent)
    reject_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version, reason="not_now")
    callback.refresh_from_db()
    assert (callback.state, mode(agent)) == ("scheduled", "idle")
    assert Agent.objects.get(pk=agent.pk).presence == "ready"  # without penalty
    assert offer(agent) is None  # not to the same agent at once
    assert offer(make_agent(campaign)).callback_id == callback.pk


def test_doing_nothing_times_out_and_redirects_it(campaign, agent):
    callback = ask(campaign)
    assert offer(agent)
    assert release_expired_offers() == 0
    later(20 * S)
    assert release_expired_offers() == 1
    gone = Agent.objects.get(pk=agent.pk)
    assert (gone.presence, gone.reason, mode(agent)) == ("not_ready", "Missed an offer", "idle")
    assert offer(make_agent(campaign)).callback_id == callback.pk


# --- step 3: Ready to Call, Call this contact, Establishing


def test_accepted_it_is_ready_to_call_and_nothing_has_been_dialled(campaign, agent, simulator):
    take(agent, ask(campaign, about="Charged twice"))
    assert (mode(agent), status(agent)) == ("working", "Ready to Call")
    assert simulator.started() == []
    said = page(agent)
    assert "Charged twice" in said  # the subject of the call
    assert "Call this contact" in said


@pytest.mark.parametrize(("ending", "how"), [("03", "busy"), ("02", "no_answer")])
def test_busy_or_unanswered_it_is_ready_to_call_again(campaign, agent, simulator, ending, how):
    work = take(agent, ask(campaign, ending))
    attempt = start_call(work, key=uuid4())
    assert status(agent) == "Establishing"
    assert heard(simulator, attempt, "ended").outcome == how
    assert status(agent) == "Ready to Call"
    again = dial(simulator, work)  # the same work, the same button
    assert (again.outcome, len(simulator.started())) == (how, 2)
    assert Callback.objects.get().state == "working"


# --- step 4: Connected, On Hold, Connected, ended


def test_the_call_goes_through_every_state_of_the_source(campaign, agent, simulator):
    work = take(agent, ask(campaign, "00"))  # talks until somebody ends it
    seen = [status(agent)]
    attempt = start_call(work, key=uuid4())
    seen.append(status(agent))
    heard(simulator, attempt, "connected")
    seen.append(status(agent))
    hold(work, on=True)
    heard(simulator, attempt, "on_hold")
    seen.append(status(agent))
    hold(work, on=False)
    heard(simulator, attempt, "connected")
    seen.append(status(agent))
    hang_up(work)
    heard(simulator, attempt, "ended")
    seen.append(status(agent))
    assert seen == [
        "Ready to Call", "Establishing", "Connected", "On Hold", "Connected", "Ready to Call",
    ]  # fmt: skip
    assert mode(agent) == "working"  # only Done closes it


def test_the_contact_may_end_the_call_too(campaign, agent, simulator):
    work = take(agent, ask(campaign, "07"))  # the line drops after three seconds
    attempt = start_call(work, key=uuid4())
    assert heard(simulator, attempt, "ended").outcome == "answered"
    assert (mode(agent), status(agent)) == ("working", "Ready to Call")


# --- step 5: the disposition and the note, step 6: Done, step 7: after-call work, then Ready


def test_without_a_disposition_done_is_refused_where_it_is_required(campaign, agent, simulator):
    callback = ask(campaign)
    work = take(agent, callback)
    dial(simulator, work)
    before = snapshot()
    with pytest.raises(WrapUpError) as refused:
        finish_work(work, WrapUp(None))
    assert (refused.value.field, snapshot()) == ("code", before)
    assert finish_work(work, says(callback, "resolved")) == "completed"


def test_done_writes_the_note_into_the_history_and_begins_after_call_work(
    campaign, agent, simulator
):
    callback = ask(campaign)
    work = take(agent, callback)
    dial(simulator, work)
    finish_work(work, says(callback, "resolved", note="The refund is booked"))
    assert Interaction.objects.get().summary == "The refund is booked"
    after = Agent.objects.get(pk=agent.pk)
    assert (after.presence, mode(agent), held(agent)) == ("wrap_up", "idle", None)
    later(45 * S)
    match_idle_agents()
    assert Agent.objects.get(pk=agent.pk).presence == "ready"


def test_the_time_may_be_changed_from_the_work(campaign, agent, simulator):
    callback = ask(campaign)
    work = take(agent, callback)
    dial(simulator, work)
    at = wish(timedelta(days=2))
    finish_work(work, says(callback, "call-again", again=at, personal=True))
    callback.refresh_from_db()
    assert (callback.state, callback.due_at) == ("scheduled", instant(at))
    assert callback.reserved_for_id == agent.pk


def test_while_a_call_is_live_done_is_refused(campaign, agent, simulator):
    callback = ask(campaign, "00")
    work = take(agent, callback)
    attempt = start_call(work, key=uuid4())
    heard(simulator, attempt, "connected")
    before = snapshot()
    with pytest.raises(WrapUpError):
        finish_work(work, says(callback, "resolved"))
    assert snapshot() == before
    assert Attempt.objects.get().state == "connected"


def test_a_second_accept_of_the_same_offer_is_refused(campaign, agent):
    callback = ask(campaign)
    work = take(agent, callback)
    before = snapshot()
    with pytest.raises(RefusedError):
        accept_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version)
    assert snapshot() == before
