"""A carrier whose time passes when a test says so: a machine that stalls ends no call too early."""

import time
from pathlib import Path

from callbacks.dialers.base import Dialer
from callbacks.dialers.simulator import Simulator
from callbacks.management.commands.run_dialer import reconcile
from callbacks.models import Attempt

SPEED = 50  # fifty seconds of telephony in one of ours
STEP, STEPS = 0.01, 200


class _Held:
    """The moment at which the test began, until it is moved on."""

    def __init__(self) -> None:
        self.moment = time.time()

    def time(self) -> float:
        self.moment += 1e-6  # no two orders are given at the same moment
        return self.moment

    def sleep(self, seconds: float, /) -> None:
        """A carrier that answers slowly."""
        self.moment += seconds


class StillCarrier(Simulator):
    """The simulator, and nothing happens to its calls before the test lets time pass."""

    def __init__(self, folder: Path, *, speed: float = SPEED, seed: int | None = None) -> None:
        self.held = _Held()
        super().__init__(folder, speed=speed, seed=seed, clock=self.held)

    def later(self, seconds: float) -> None:
        """So much of our time has passed."""
        self.held.moment += seconds


def listen(dialer: Dialer) -> int:
    """What ``run_dialer`` does in one tick: apply all that the carrier reports by now."""
    dialer.beat()
    return reconcile(dialer)


def heard(carrier: StillCarrier, attempt: Attempt, *states: str) -> Attempt:
    """Let time pass and listen until the attempt is in one of the states."""
    for _ in range(STEPS):
        listen(carrier)
        attempt.refresh_from_db()
        if attempt.state in states:
            return attempt
        carrier.later(STEP)
    raise AssertionError(f"still {attempt.state}")
