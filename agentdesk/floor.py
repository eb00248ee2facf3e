"""Who is on shift, and what each of them does now."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q

from agentdesk.actions import ABSENT_AFTER, MISSED
from agentdesk.models import Agent
from callbacks.models import Attempt, Callback
from callbacks.rules import words
from callbacks.rules.states import HELD, State


class Doing(StrEnum):
    """What an agent on shift does, in the order in which a floor is read."""

    READY = "ready"
    IN_HAND = "in hand"
    OFFERED = "offered"
    WRAP_UP = "in wrap-up"
    AWAY = "not ready"


@dataclass(frozen=True, slots=True)
class OnShift:
    """One agent: what they do, in a word, since when, and until when where that is known."""

    name: str
    doing: Doing
    word: str
    tone: str
    since: datetime
    until: datetime | None = None

    @property
    def hollow(self) -> bool:
        """Whether no call comes of it as it stands."""
        return self.tone in ("neutral", "risk")


def on_shift(now: datetime) -> list[OnShift]:
    """Agents whose desk is connected, and those who are gone with a callback in hand.

    Ready ones first, the longest in a state before the others in it. Three statements, whatever
    the number of agents.
    """
    held = {one.agent_id: one for one in Callback.objects.filter(state__in=HELD)}
    calls = _last_calls(held.values())
    there = Q(seen_at__gte=now - ABSENT_AFTER) | Q(pk__in=list(held))
    agents = Agent.objects.filter(there, user__is_active=True).select_related("user")
    found = [_agent(one, held.get(one.pk), calls, now) for one in agents]
    order = list(Doing)
    return sorted(found, key=lambda one: (order.index(one.doing), one.since, one.name))


def tally(agents: Sequence[OnShift]) -> list[tuple[str, int]]:
    """How many do what: only what somebody does."""
    count = Counter(one.doing for one in agents)
    return [(doing.value, count[doing]) for doing in Doing if count[doing]]


def ready(agents: Sequence[OnShift]) -> int:
    """How many would take an offer now."""
    return sum(one.doing is Doing.READY for one in agents)


def _last_calls(held: Iterable[Callback]) -> dict[int, Attempt]:
    """The latest dial since the agent accepted, by callback."""
    working = [one.pk for one in held if one.state == State.WORKING]
    dials = Attempt.objects.filter(
        callback__in=working, intended_at__gte=F("callback__accepted_at")
    ).order_by("callback_id", "-id")
    return {one.callback_id: one for one in dials.distinct("callback_id")}


def _agent(
    agent: Agent, held: Callback | None, calls: Mapping[int, Attempt], now: datetime
) -> OnShift:
    name = str(agent)
    if held is None:
        return _free(agent, name)
    if agent.seen_at is None or agent.seen_at < now - ABSENT_AFTER:
        since = agent.seen_at or held.accepted_at or held.offered_at or agent.since
        return OnShift(name, Doing.IN_HAND, "Connection lost", "risk", since)
    if held.state == State.OFFERED:
        since = held.offered_at or agent.since
        return OnShift(name, Doing.OFFERED, "Offered", "due", since, held.offer_expires_at)
    call = calls.get(held.pk)
    if call and call.is_live:
        word, _ = words.CALLS[call.state]
        since = call.answered_at or call.intended_at
    else:
        word = words.READY_TO_CALL
        since = (call and call.ended_at) or held.accepted_at or agent.since
    return OnShift(name, Doing.IN_HAND, word, "due", since)


def _free(agent: Agent, name: str) -> OnShift:
    """An agent with nothing in hand is what they say they are."""
    if agent.presence == Agent.Presence.READY:
        return OnShift(name, Doing.READY, "Ready", "kept", agent.since)
    if agent.presence == Agent.Presence.WRAP_UP:
        until = agent.wrap_up_until
        return OnShift(name, Doing.WRAP_UP, "Wrap-up", "neutral", agent.since, until)
    tone = "risk" if agent.reason == MISSED else "neutral"
    return OnShift(name, Doing.AWAY, agent.reason or "Not Ready", tone, agent.since)
