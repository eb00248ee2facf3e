"""The rules hold after every step of any run (RULES 1 to 6).

200 runs of 30 steps, the same each time. ``make test-long`` makes 2,000 new ones of 60.
"""

from functools import partial

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import QueueMachine
from tests.model.world import World


@pytest.mark.django_db
def test_whatever_happens_the_rules_hold(world: World, how_long: settings) -> None:
    run_state_machine_as_test(partial(QueueMachine, world), settings=how_long)
