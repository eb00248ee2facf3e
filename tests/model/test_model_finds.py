"""The model finds mistakes: each one that is planted here, some invariant refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from callbacks import cases, queue
from callbacks.actions import calls, dnc, settlement, undo
from callbacks.rules.gate import Allowed
from campaigns.rules import retry
from tests.model.law import LONDON
from tests.model.machine import QueueMachine
from tests.model.world import World

Patch = pytest.MonkeyPatch
MISTAKES: dict[str, tuple[str, int, Callable[[Patch], None]]] = {}


def mistake(says: str, at: int) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    """Plant it, and this is what the model says; ``at`` is a seed that leads there soon."""

    def keep(plant: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MISTAKES[plant.__name__] = (says, at, plant)
        return plant

    return keep


@mistake(
    "was dialled at .*: (do_not_call|closed|campaign_paused|frequency_cap|invalid_number)", at=3
)
def the_gate_always_allows_before_the_dial(patch: Patch) -> None:
    patch.setattr(calls, "decide", lambda facts: Allowed(None))


@mistake("(was offered at .*|called now): (closed|frequency_cap|live_call|.*, not)", at=1)
def the_gate_always_allows_in_the_claim(patch: Patch) -> None:
    patch.setattr(cases, "decide", lambda facts: Allowed(None))


@mistake("from .*, not |is .*, but its story ends in", at=1)
def a_move_tells_no_story_of_a_retry(patch: Patch) -> None:
    told = "FROM new\n)\nSELECT id"
    assert told in queue._APPLY
    untold = told.replace("FROM new", "FROM new WHERE event NOT IN ('retry', 'accept')")
    patch.setattr(queue, "_APPLY", queue._APPLY.replace(told, untold))


@mistake("is scheduled: DNC", at=2)
def do_not_call_cancels_nothing(patch: Patch) -> None:
    patch.setattr(dnc, "PENDING", frozenset())


@mistake("dials were|retries after", at=4)
def one_retry_too_many(patch: Patch) -> None:
    def after(outcome: Any, ended_at: Any, so_far: Any, policies: Any, cap: Any = None) -> Any:
        policies = {
            name: replace(policy, max_retries=policy.max_retries + 1)
            for name, policy in policies.items()
        }
        return retry_after(outcome, ended_at, so_far, policies, cap)

    retry_after = retry.after
    patch.setattr(settlement.retry, "after", after)


@mistake("decided was|refused for gate: kept set", at=3)
def a_decision_is_not_kept(patch: Patch) -> None:
    patch.setattr(calls, "_store", lambda *facts: None)


@mistake("was offered again to", at=1)
def a_reject_is_forgotten(patch: Patch) -> None:
    for name in ("_CLAIM_ANY", "_CLAIM_SOME"):
        patch.setattr(queue, name, getattr(queue, name).replace("name = 'reject'", "false"))


@mistake("was (offered|dialled) at .*: closed", at=4)
def everybody_is_taken_for_a_londoner(patch: Patch) -> None:
    right = cases.Case.window.fget
    patch.setattr(cases.Case, "window", property(lambda one: replace(right(one), zones=(LONDON,))))


@mistake("is not as it was", at=1)
def undo_puts_the_place_in_line_back_alone(patch: Patch) -> None:
    def move(*args: Any, changes: Any = None, **more: Any) -> Any:
        kept = {name: it for name, it in (changes or {}).items() if name == "priority"}
        return queue.move(*args, changes=kept, **more)

    patch.setattr(undo, "queue", SimpleNamespace(move=move))


@mistake("taken back|after 20 s", at=1)
def undo_is_never_too_late(patch: Patch) -> None:
    patch.setattr(undo, "ALLOWED", timedelta(hours=1))


@pytest.mark.django_db
@pytest.mark.parametrize("name", MISTAKES)
def test_a_planted_mistake_is_found(
    name: str, world: World, monkeypatch: Patch, finds: settings
) -> None:
    says, at, plant = MISTAKES[name]
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=says):
        run_state_machine_as_test(seed(at)(partial(QueueMachine, world)), settings=finds)
