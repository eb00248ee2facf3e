"""Two beats are harmless: a sweep that runs again does nothing more, and each row is done once."""

from datetime import timedelta
from functools import partial

import pytest

from agentdesk import actions as desk
from agentdesk.matching import match_idle_agents
from agentdesk.models import Agent
from callbacks.actions import sweeps, unattended, windows
from callbacks.models import Attempt, Callback, CallbackEvent
from campaigns.models import Campaign, HoursChange
from contacts import clock
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_contact,
    offered,
    open_only_in,
    snapshot,
)

pytestmark = RACES
M, D = timedelta(minutes=1), timedelta(days=1)
ROWS = 12


def lost(hands, **attempt):
    """Work or offers of agents who have not been seen for half an hour."""
    campaign = make_campaign()
    for _ in range(ROWS):
        agent, callback = make_agent(campaign), make_callback(campaign)
        (offered if hands == "offered" else in_work)(agent, callback)
        Callback.objects.filter(pk=callback.pk, state="working").update(
            accepted_at=clock.now() - 30 * M
        )
        if attempt:
            make_attempt(callback, ago=20 * M, **attempt)
    Agent.objects.update(seen_at=clock.now() - 30 * M)


def many(**fields):
    campaign = make_campaign(**fields.pop("campaign", {}))
    return [make_callback(campaign, **fields) for _ in range(ROWS)], campaign


def expired_offers():
    lost("offered")
    Callback.objects.update(offer_expires_at=clock.now() - M)


def reserved():
    agent = make_agent()
    many(due=-60 * M, reserved_for=agent.user)


def stale():
    many(due=-4 * D, campaign={"expires_stale": True})


def closed():
    _, campaign = many(callable_until=clock.now() - M)
    open_only_in(campaign, 2)


def changed():
    windows.work_off_hours_changes()  # what the making of the campaign asks for
    HoursChange.objects.all().delete()
    _, campaign = many()
    HoursChange.objects.all().delete()
    Campaign.objects.filter(pk=campaign.pk).update(lead_minutes=30)


def doubled():
    campaign = make_campaign()
    for _ in range(ROWS):
        first = make_contact()
        other = make_contact(number=first.numbers.get())
        make_callback(campaign, contact=first)
        make_callback(campaign, contact=other)


def unknown():
    lost("working", outcome="", state="unknown", ended_at=None)
    Agent.objects.update(seen_at=clock.now())


def unheard():
    """Dials whose end nobody told us: the carrier never saw them."""
    lost("working", outcome="", state="dialing", ended_at=None)


def wrapped_up():
    for _ in range(ROWS):
        agent = make_agent()
        Agent.objects.filter(pk=agent.pk).update(presence="wrap_up", wrap_up_until=clock.now() - M)


def idle():
    campaign = make_campaign()
    for _ in range(ROWS):
        make_agent(campaign)
        make_callback(campaign)


SWEEPS = {
    "release_expired_offers": (desk.release_expired_offers, expired_offers),
    "release_lost_offers": (desk.release_expired_offers, partial(lost, "offered")),
    "release_reserved": (sweeps.release_reserved, reserved),
    "expire_stale": (sweeps.expire_stale, stale),
    "roll_windows": (windows.roll_windows, closed),
    "hours_changes": (windows.work_off_hours_changes, changed),
    "deduplicate": (sweeps.deduplicate, doubled),
    "reconcile_attempts": (sweeps.reconcile_attempts, unheard),
    "flag_unknown_dials": (unattended.flag_unknown_dials, unknown),
    "schedule_retries": (
        lambda: unattended.schedule_retries(desk.absent_agents()),
        partial(lost, "working", outcome="busy"),
    ),
    "answered_unattended": (
        lambda: unattended.schedule_retries(desk.absent_agents()),
        partial(lost, "working", outcome="answered"),
    ),
    "release_absent_agents": (
        lambda: unattended.release_absent_agents(desk.absent_agents()),
        partial(lost, "working"),
    ),
    "flag_lost_calls": (
        lambda: unattended.release_absent_agents(desk.absent_agents()),
        partial(lost, "working", outcome="", state="connected", ended_at=None),
    ),
    "end_wrap_ups": (desk.end_wrap_ups, wrapped_up),
    "match_idle_agents": (match_idle_agents, idle),
}


@pytest.mark.parametrize("name", list(SWEEPS))
def test_a_sweep_that_runs_again_handles_nothing_and_changes_nothing(name, simulator):
    sweep, prepare = SWEEPS[name]
    prepare()
    assert sweep() == ROWS
    before = snapshot()
    assert sweep() == 0
    assert snapshot() == before


@pytest.mark.parametrize("name", list(SWEEPS))
def test_four_at_once_handle_each_row_once(name, simulator):
    sweep, prepare = SWEEPS[name]
    prepare()
    known = CallbackEvent.objects.count()
    answers = at_once(*[sweep] * 4)
    assert errors(answers) == []
    left = sweep()  # what every one of the four passed over, since another one held it
    assert sum(answers) + left == ROWS
    news = CallbackEvent.objects.order_by("pk")[known:].values_list("callback_id", "name")
    assert len(set(news)) == len(news)
    before = snapshot()
    assert sweep() == 0
    assert snapshot() == before


def test_no_sweep_dials(simulator):
    for _, prepare in SWEEPS.values():
        prepare()
    for sweep, _ in SWEEPS.values():
        sweep()
    assert Attempt.objects.exists()
    assert simulator.started() == []
