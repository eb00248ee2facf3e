"""Who is next, and by whom: Call now, Reassign, Bump (RULES 3)."""

from typing import Any

from django.db import transaction

from callbacks import cases, notices, queue
from callbacks.actions.manage import pending
from callbacks.cases import Case
from callbacks.queue import CALL_NOW, Actor
from callbacks.rules import words
from callbacks.rules.gate import Blocked, BlockedError
from callbacks.rules.promises import reserved
from callbacks.rules.states import Event, RefusedError
from campaigns.models import Campaign

FURTHEST_BUMP = 9


@transaction.atomic
def call_now(callback_id: int, *, agent_id: int | None, actor: Actor) -> None:
    """Ahead of all: offered next to the agent, or with None to whoever is first free.

    The gate still rules. Raises BlockedError in words, RefusedError also for an agent who does not
    take calls of the campaign; nothing has changed then.
    """
    one = pending(callback_id, Event.CALL_NOW, actor=actor, why="A supervisor calls it now")
    _takes_calls(one, agent_id)
    verdict = cases.gate(one)
    if isinstance(verdict, Blocked):
        chip = words.verdict(verdict, one.zone, one.now, callable_from=None)
        raise BlockedError(chip.text, verdict)
    changes: dict[str, Any] = {"priority": CALL_NOW, "callable_from": one.now}
    changes |= {"callable_until": verdict.until, **reserved(agent_id, one.now, one.now)}
    queue.move(
        callback_id,
        Event.CALL_NOW,
        actor=actor,
        data={"agent": agent_id},
        changes=changes,
        undoable=True,
    )
    _tell()


@transaction.atomic
def reassign(callback_id: int, *, agent_id: int | None, actor: Actor) -> None:
    """For this agent alone until 15 minutes past its time; None gives it to anybody.

    Raises RefusedError, also for an agent who does not take calls of the campaign.
    """
    one = pending(
        callback_id, Event.REASSIGN, actor=actor, why="A supervisor gave it to somebody else"
    )
    _takes_calls(one, agent_id)
    queue.move(
        callback_id,
        Event.REASSIGN,
        actor=actor,
        data={"from": one.reserved_for_id, "to": agent_id},
        changes=reserved(agent_id, one.due_at, one.now),
        undoable=True,
    )
    _tell()


@transaction.atomic
def bump(callback_id: int, *, up: bool, actor: Actor) -> None:
    """One step up or down in line, at most nine from the middle. Raises RefusedError."""
    one = pending(callback_id, Event.BUMP, actor=actor, why="A supervisor moved it in line")
    step = 1 if up else -1
    priority = max(-FURTHEST_BUMP, min(FURTHEST_BUMP, one.priority + step))
    if one.priority >= CALL_NOW:
        priority = one.priority if up else 0
    queue.move(
        callback_id,
        Event.BUMP,
        actor=actor,
        reason="Up" if up else "Down",
        data={"from": one.priority, "to": priority},
        changes={"priority": priority},
        undoable=True,
    )
    _tell()


def _takes_calls(one: Case, agent_id: int | None) -> None:
    mine = Campaign.objects.filter(pk=one.campaign_id, agents=agent_id)
    if agent_id is not None and not mine.exists():
        raise RefusedError(
            "This agent does not take calls of the campaign", state=None, code="agent"
        )


def _tell() -> None:
    notices.tell_queue()
    notices.knock()
