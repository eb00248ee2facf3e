"""Who was free when: nobody had two callbacks in hand at the same moment."""

from datetime import datetime, timedelta
from random import Random

from agentdesk.models import User

_STEP = timedelta(minutes=4)


class Rota:
    """The agents of each campaign and the spans in which they were busy."""

    def __init__(self, agents: dict[int, list[User]], luck: Random, until: datetime) -> None:
        self._until = until
        self._agents = agents
        self._luck = luck
        self._busy: dict[int, list[tuple[datetime, datetime]]] = {}

    def of(self, campaign_id: int) -> User:
        """Any agent of the campaign, busy or not."""
        return self._luck.choice(self._agents[campaign_id])

    def book(
        self, campaign_id: int, at: datetime, length: timedelta
    ) -> tuple[User, datetime] | None:
        """An agent of the campaign who is free for ``length`` from ``at`` on, or soon after.

        None where that would not be over by now.
        """
        while at + length <= self._until:
            agents = self._agents[campaign_id]
            for agent in self._luck.sample(agents, len(agents)):
                if self._is_free(agent.pk, at, at + length):
                    self._busy.setdefault(agent.pk, []).append((at, at + length))
                    return agent, at
            at += _STEP
        return None

    def _is_free(self, agent_id: int, start: datetime, end: datetime) -> bool:
        return all(
            end <= taken_from or taken_until <= start
            for taken_from, taken_until in self._busy.get(agent_id, [])
        )
