"""Fixtures that every part of the suite may use."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callbacks import dialers
from campaigns.models import HoursChange, QuietRule
from tests import factories
from tests.telephony import StillCarrier


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Without the quiet rules that the migrations add: each test says which law is in force."""
    with django_db_blocker.unblock():
        QuietRule.objects.all().delete()
        HoursChange.objects.all().delete()


@pytest.fixture
def make_campaign(db: None) -> Callable[..., Any]:
    return factories.make_campaign


@pytest.fixture
def make_agent(db: None) -> Callable[..., Any]:
    return factories.make_agent


@pytest.fixture
def make_callback(db: None) -> Callable[..., Any]:
    return factories.make_callback


@pytest.fixture
def campaign(db: None) -> Any:
    """A campaign that calls round the clock."""
    return factories.make_campaign()


@pytest.fixture
def agent(campaign: Any) -> Any:
    """A Ready agent of ``campaign``."""
    return factories.make_agent(campaign)


@pytest.fixture
def simulator(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StillCarrier]:
    """The dialer in use: a simulator with a log of its own, and somebody who listens."""
    settings.DIALER = "simulator"
    settings.SIMULATOR_DIR = tmp_path / "telephony"
    monkeypatch.setattr(dialers, "Simulator", StillCarrier)
    monkeypatch.delenv("RINGBACK_SIMULATOR_SEED", raising=False)
    dialers.get_dialer.cache_clear()
    dialer = dialers.get_dialer()
    assert isinstance(dialer, StillCarrier)
    dialer.beat()
    yield dialer
    dialers.get_dialer.cache_clear()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What a test measured is printed at the end, also where tests run in several processes."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(str(value))
