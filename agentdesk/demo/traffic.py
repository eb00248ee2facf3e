"""A living demo: customers ask, agents work, for as long as somebody looks on."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from time import monotonic

from django.db.models import Q, QuerySet

from agentdesk.demo.callers import Callers
from agentdesk.demo.crew import Desk
from agentdesk.demo.staff import AGENTS
from agentdesk.models import Agent
from callbacks.models import Callback
from callbacks.rules.states import HELD
from contacts import clock

_IN_USE = timedelta(minutes=2)


class Traffic:
    """Requests at a steady rate, and desks that answer them."""

    def __init__(
        self,
        tell: Callable[[str, str], None],
        *,
        agents: int,
        per_minute: float,
        pace: float = 1.0,
    ) -> None:
        luck = Random()  # noqa: S311 # nosec B311
        self.desks = [Desk(agent, luck, tell, pace=pace) for agent in free_agents(agents)]
        self._callers = Callers(luck, tell)
        self._between = 60 / per_minute if per_minute else float("inf")
        self._next = monotonic()

    def tick(self) -> None:
        """Whatever is due at this moment."""
        if monotonic() >= self._next:
            self._next = monotonic() + self._between
            if self._between != float("inf"):
                self._callers.ask()
        for desk in self.desks:
            desk.tick()

    def leave(self) -> bool:
        """Send the agents home. True when none of them has anything in hand any more."""
        gone = [desk.leave() for desk in self.desks]
        return all(gone)


def free_agents(count: int) -> "QuerySet[Agent]":
    """The last demo agents whom nobody uses: Not Ready, without work, no desk open lately."""
    away = Q(seen_at=None) | Q(seen_at__lt=clock.now() - _IN_USE)
    busy = Callback.objects.filter(state__in=HELD).values("agent_id")
    return (
        Agent.objects.filter(
            away,
            presence=Agent.Presence.NOT_READY,
            user__email__in=[member.email for member in AGENTS],
        )
        .exclude(pk__in=busy)
        .select_related("user")
        .order_by("-pk")[:count]
    )
