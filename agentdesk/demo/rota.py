"""Who was free when: nobody had two callbacks in hand at the same moment."""

from datetime import datetime, timedelta
from random import Random

from agentdesk.models import User

_STEP = timedelta(minutes=4)
_TRIES = 40


class Rota:
    """The agents of each campaign and the spans in which they were busy."""

    def __init__(self, agents: dict[int, list[User]], luck: Random) -> None:
        self._agents = agents
        self._luck = luck
        self._busy: dict[int, list[tuple[datetime, datetime]]] = {}

    def of(self, campaign_id: int) -> User:
        """Any agent of the campaign, busy or not."""
        return self._luck.choice(self._agents[campaign_id])

    def book(self, campaign_id: int, at: datetime, length: timedelta) -> tuple[User, datetime]:
        """An agent of the campaign who is free for ``length`` from ``at`` on, or soon after."""
        for _ in range(_TRIES):
            agents = list(self._agents[campaign_id])
            self._luck.shuffle(agents)
            for agent in agents:
                if self._is_free(agent.pk, at, at + length):
                    self._busy.setdefault(agent.pk, []).append((at, at + length))
                    return agent, at
            at += _STEP
        raise LookupError("Everybody is busy for hours")

    def _is_free(self, agent_id: int, start: datetime, end: datetime) -> bool:
        return all(
            end <= taken_from or taken_until <= start
            for taken_from, taken_until in self._busy.get(agent_id, [])
        )
