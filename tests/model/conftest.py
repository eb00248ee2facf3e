"""The world of the model, and how long it runs: short in every test run, long when asked."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.model.clock import Clock
from tests.model.run import STARTS
from tests.model.world import World

_ALIKE = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "report_multiple_bugs": False,
    "phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink],
}
# The same 200 runs each time: a test that fails was made to fail by a change.
settings.register_profile(
    "model", max_examples=200, stateful_step_count=30, derandomize=True, database=None, **_ALIKE
)
settings.register_profile("model-long", max_examples=2_000, stateful_step_count=60, **_ALIKE)
# For a planted mistake: found is enough, the shortest way to it is not needed.
settings.register_profile(
    "model-finds", settings.get_profile("model"), phases=[Phase.generate], max_examples=400
)


@pytest.fixture
def how_long() -> settings:
    """Which profile the model runs with."""
    return settings.get_profile(os.environ.get("RINGBACK_MODEL", "model"))


@pytest.fixture
def finds() -> settings:
    """The profile for planted mistakes."""
    return settings.get_profile("model-finds")


@pytest.fixture
def world(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(Clock(), tmp_path / "telephony", monkeypatch)
    made.build(STARTS[0])
    return made
