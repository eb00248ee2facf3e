"""How long until we call? A range that can be kept (RULES 8)."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

STEP_MINUTES = 5
SPREAD_MINUTES = 15
LIMIT = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Wait:
    """Called after ``low`` at the earliest and ``high`` at the latest, in whole minutes."""

    low: int
    high: int

    @property
    def within_limit(self) -> bool:
        """Whether "as soon as possible" may still be offered."""
        return timedelta(minutes=self.high) <= LIMIT


def estimate(ahead: int, agents: int, handle_seconds: int) -> Wait:
    """The wait behind ``ahead`` callbacks that ``agents`` share at ``handle_seconds`` each.

    Rounded up to five minutes; nobody at work counts as one agent, who is about to come.
    """
    minutes = ahead * handle_seconds / 60 / max(agents, 1)
    low = ceil(minutes / STEP_MINUTES) * STEP_MINUTES
    return Wait(low, low + SPREAD_MINUTES)
