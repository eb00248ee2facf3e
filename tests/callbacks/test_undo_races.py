"""Undo, at the same moment as a claim, a new request, a do-not-call wish, or itself."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from callbacks import queue
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.intake import request_callback
from callbacks.actions.line import bump
from callbacks.actions.manage import cancel
from callbacks.actions.undo import undo
from callbacks.models import Callback
from callbacks.queue import SYSTEM, Actor
from callbacks.rules.states import ACTIVE, RefusedError
from tests.callbacks.race import RACES, at_once, errors
from tests.factories import make_agent, make_callback, make_request, story

pytestmark = RACES
BOSS = Actor("supervisor", 77)
ROUNDS = range(6)


def last(callback):
    return callback.events.order_by("id").last().pk


def taking_back(callback):
    return partial(undo, callback.pk, event_id=last(callback), actor=BOSS)


def code(answer):
    assert isinstance(answer, RefusedError), repr(answer)
    return answer.code


@pytest.mark.parametrize("turn", ROUNDS)
def test_undo_and_a_claim_have_one_order(campaign, turn):
    callback = make_callback(campaign)
    bump(callback.pk, up=True, actor=BOSS)
    agents = [make_agent(campaign) for _ in range(4)]
    claims = [partial(queue.claim_next, agent.pk, None) for agent in agents]
    undone, *claimed = at_once(taking_back(callback), *claims)
    won = [one for one in claimed if one is not None]
    assert errors(claimed) == []
    assert len(won) <= 1
    after = Callback.objects.get(pk=callback.pk)
    if isinstance(undone, Exception):
        assert (code(undone), after.state, after.priority) == ("taken", "offered", 1)
        assert story(callback) == ["request", "bump", "offer"]
    else:
        assert after.priority == 0
        told = [name for name in story(callback) if name != "roll"]
        assert told == ["request", "bump", "undo", "offer"][: 3 + len(won)]


@pytest.mark.parametrize("turn", ROUNDS)
def test_undo_and_a_new_request_leave_one_live_callback(campaign, turn):
    request = make_request(campaign)
    callback = request_callback(request).callback
    cancel(callback.pk, actor=BOSS)
    again = partial(request_callback, replace(request, key=uuid4(), about="Asked again"))
    undone, receipt = at_once(taking_back(callback), again)
    live = Callback.objects.get(state__in=ACTIVE)
    assert live.pk == receipt.callback.pk
    assert "Asked again" in live.about
    if isinstance(undone, Exception):
        assert (code(undone), receipt.merged) == ("replaced", False)
        assert story(callback) == ["request", "cancel"]
    else:
        assert (live.pk, receipt.merged) == (callback.pk, True)


@pytest.mark.parametrize("turn", ROUNDS)
def test_undo_and_a_do_not_call_wish_leave_nothing_that_waits(campaign, turn):
    callback = make_callback(campaign)
    cancel(callback.pk, actor=BOSS)
    wish = partial(forbid_calls, callback.number, reason="Asked", actor=SYSTEM)
    undone, cancelled = at_once(taking_back(callback), wish)
    assert not Callback.objects.filter(state__in=ACTIVE).exists()
    if isinstance(undone, Exception):
        assert (code(undone), cancelled) == ("do_not_call", 0)
    else:
        assert cancelled == 1


def test_pressed_ten_times_it_is_undone_once(campaign):
    callback = make_callback(campaign)
    bump(callback.pk, up=True, actor=BOSS)
    answers = at_once(*[taking_back(callback)] * 10)
    refused = errors(answers)
    assert len(refused) == 9
    assert {code(one) for one in refused} == {"changed"}
    assert Callback.objects.get(pk=callback.pk).priority == 0
