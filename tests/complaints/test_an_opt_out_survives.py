"""The opt-out did not survive a crash: real processes, killed without a goodbye.

Asked of the database and of the carrier's own log, from outside. The tests of faults kill within
the action itself.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.e2e.stack import PASSWORD, Stack, running_stack
from tests.faults.test_killed import Somebody

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("opt-out")
    with running_stack(folder, f"ringback_opt_out_{worker_id}", 7, speed=5) as running:
        yield running


def ask(stack: Stack) -> None:
    customer = Somebody(stack)
    page = customer.get("/")
    key = page.split('name="key" value="')[1].split('"')[0]
    customer.post("/", phone="07400 123471", about="Charged twice", when="soon", key=key,
                  zone="Europe/London", browser_zone="Europe/London")  # fmt: skip


def agent_ready(stack: Stack) -> Somebody:
    somebody = Somebody(stack)
    somebody.get("/accounts/login/")
    somebody.post("/accounts/login/", login="kofi@example.com", password=PASSWORD)
    somebody.get("/desk/")
    somebody.post("/desk/presence/", to="ready")
    return somebody


def claim(stack: Stack) -> str:
    row = stack.rows("SELECT id, claim_version FROM callback ORDER BY id DESC")[0]
    return f"{row[0]}/{row[1]}/"


def states(stack: Stack) -> list[str]:
    return [row[0] for row in stack.rows("SELECT state FROM callback ORDER BY id")]


def refused(act: Callable[[], object]) -> int:
    """The status with which the page refuses."""
    with pytest.raises(HTTPError) as error:
        act()
    error.value.close()
    return error.value.code


def test_an_opt_out_said_to_an_agent_survives_a_crash_of_everything(stack: Stack) -> None:
    stack.clean()
    stack.rows("UPDATE campaign SET offer_seconds = 120")  # also on a busy machine
    agent = agent_ready(stack)
    ask(stack)
    stack.wait(lambda: states(stack) == ["offered"], 60)
    agent.post(f"/desk/accept/{claim(stack)}")
    key = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d71"
    agent.post(f"/desk/dial/{claim(stack)}", key=key)
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "connected", 60)
    agent.post(f"/desk/end/{claim(stack)}")
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "ended", 60)
    work = claim(stack)
    agent.post(f"/desk/done/{work}", code="do-not-call", note="Never again")
    stack.kill("web", "worker", "beat", "dialer")  # the answer has just been sent

    stack.start()
    assert states(stack) == ["cancelled"]
    assert stack.one("SELECT count(*) FROM do_not_call") == 1
    assert refused(lambda: ask(stack)) == 422
    agent = agent_ready(stack)
    again = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d72"
    assert refused(lambda: agent.post(f"/desk/dial/{work}", key=again)) == 409
    assert states(stack) == ["cancelled"]
    assert stack.dials("123471") == ["+447400123471"]
