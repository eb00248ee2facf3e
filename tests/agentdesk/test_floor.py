"""Who is on shift and what each one does, as the wallboard shows it."""

import pytest

from agentdesk import actions
from agentdesk.floor import on_shift, ready, tally
from agentdesk.tiles import SHOWN_AGENTS, wall
from callbacks.actions.calls import start_call
from callbacks.models import Attempt, Callback
from contacts import clock
from tests.agentdesk.pages import words
from tests.agentdesk.walls import ADDRESS, ZONE, H, M, S, now_shown, put, tiles
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    offered,
)


def doing():
    return {one.name: one for one in on_shift(clock.now())}


def named(campaign, name, **fields):
    agent = make_agent(campaign, **fields)
    put(agent.user, first_name=name, last_name="")
    return agent


def test_each_agent_has_a_word_and_the_moment_since_when(campaign, simulator):
    now = clock.now()
    named(campaign, "Felix", idle=70 * S)
    wrapping = named(campaign, "Dana")
    put(wrapping, presence="wrap_up", since=now - 31 * S, wrap_up_until=now + 14 * S)
    put(named(campaign, "Clara", presence="not_ready", idle=11 * M), reason="Break")
    put(named(campaign, "Ben", presence="not_ready", idle=3 * M), reason=actions.MISSED)
    named(campaign, "Olga", presence="not_ready", idle=2 * M)
    offer = make_callback(campaign)
    offered(named(campaign, "Kofi"), offer)
    put(offer, offered_at=now - 9 * S)
    work = make_callback(campaign)
    in_work(named(campaign, "Nadia"), work)
    put(work, accepted_at=now - 48 * S)
    found = doing()
    assert {name: (one.word, one.tone, (now - one.since) // S) for name, one in found.items()} == {
        "Felix": ("Ready", "kept", 70),
        "Nadia": ("Ready to Call", "due", 48),
        "Kofi": ("Offered", "due", 9),
        "Dana": ("Wrap-up", "neutral", 31),
        "Clara": ("Break", "neutral", 660),
        "Ben": ("Missed an offer", "risk", 180),
        "Olga": ("Not Ready", "neutral", 120),
    }
    assert found["Dana"].until == now + 14 * S
    assert found["Kofi"].until == Callback.objects.get(pk=offer.pk).offer_expires_at
    assert list(found) == ["Felix", "Nadia", "Kofi", "Dana", "Clara", "Ben", "Olga"]
    assert tally(list(found.values())) == [
        ("ready", 1), ("in hand", 1), ("offered", 1), ("in wrap-up", 1), ("not ready", 3),
    ]  # fmt: skip
    assert ready(list(found.values())) == 1


@pytest.mark.parametrize(
    ("columns", "word", "ago"),
    [
        ({"state": "intended"}, "Establishing", 30),
        ({"state": "dialing"}, "Establishing", 30),
        ({"state": "ringing"}, "Establishing", 30),
        ({"state": "connected", "answered_at": 20}, "Connected", 20),
        ({"state": "on_hold", "answered_at": 20}, "On Hold", 20),
        ({"state": "ended", "ended_at": 5}, "Ready to Call", 5),
        ({"state": "unknown"}, "Ready to Call", 48),
    ],
)
def test_the_word_of_a_call_is_that_of_the_last_dial(campaign, columns, word, ago):
    now = clock.now()
    callback = make_callback(campaign)
    in_work(named(campaign, "Nadia"), callback)
    put(callback, accepted_at=now - 48 * S)
    callback.refresh_from_db()
    make_attempt(callback, "busy", ago=H)  # of an earlier time
    times = {key: value for key, value in columns.items() if key.endswith("_at")}
    moments = {"ended_at": None, **{key: now - value * S for key, value in times.items()}}
    make_attempt(
        callback, "", ago=S, intended_at=now - 30 * S, **{**moments, "state": columns["state"]}
    )
    one = doing()["Nadia"]
    assert (one.word, (now - one.since) // S) == (word, ago)


def test_a_call_that_is_really_started_is_shown(campaign, simulator):
    agent = named(campaign, "Nadia")
    work = in_work(agent, make_callback(campaign))
    start_call(work, key=Attempt._meta.get_field("key").to_python("1" * 32))
    assert doing()["Nadia"].word in ("Establishing", "Connected")


def test_who_is_gone_is_off_shift_unless_something_is_in_their_hands(campaign):
    put(named(campaign, "Gone"), seen_at=clock.now() - 151 * S)
    put(named(campaign, "Never"), seen_at=None)
    put(named(campaign, "Late"), seen_at=clock.now() - 150 * S)
    lost = named(campaign, "Lost")
    in_work(lost, make_callback(campaign))
    put(lost, seen_at=clock.now() - 200 * S)
    found = doing()
    assert set(found) == {"Late", "Lost"}
    assert (found["Lost"].word, found["Lost"].tone) == ("Connection lost", "risk")
    assert found["Lost"].since == clock.now() - 200 * S


@pytest.mark.parametrize(
    ("many", "away", "value", "word"),
    [(0, 0, "0", "Nobody there"), (0, 1, "0", "Missed"), (1, 0, "1", "On target"),
     (1, 3, "1", "On target"), (1, 4, "1", "At risk"), (2, 6, "2", "On target")],
)  # fmt: skip
def test_one_agent_in_four_should_be_ready(campaign, many, away, value, word):
    for _ in range(many):
        make_agent(campaign)
    for _ in range(away):
        make_agent(campaign, presence="not_ready")
    shown = tiles()["ready"]
    assert (shown.value, shown.unit, shown.chip.text) == (value, f"of {many + away}", word)


def test_more_agents_than_fit_are_counted_and_the_rest_said(supervisor, campaign):
    for _ in range(SHOWN_AGENTS + 2):
        make_agent(campaign)
    page = supervisor.get(ADDRESS)
    assert f"{SHOWN_AGENTS + 2} on shift" in words(page)
    assert "And 2 more." in words(page)
    assert page.content.decode().count("<rb-elapsed-time") == SHOWN_AGENTS


def test_where_not_all_fit_whoever_missed_an_offer_is_among_the_shown(campaign):
    for number in range(SHOWN_AGENTS + 2):
        named(campaign, f"Agent {number:02d}")
    put(named(campaign, "Ben", presence="not_ready"), reason=actions.MISSED)
    shown = [one.name for one in wall(now_shown(), ZONE)["agents"]]
    assert shown == [*(f"Agent {number:02d}" for number in range(SHOWN_AGENTS - 1)), "Ben"]
