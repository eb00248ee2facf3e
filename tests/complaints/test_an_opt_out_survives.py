"""The opt-out did not survive a crash: real processes, killed without a goodbye.

Asked of the database and of the carrier's own log, from outside.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

import psycopg
import pytest

from tests.e2e.stack import PASSWORD, Stack, running_stack
from tests.faults.test_killed import Somebody

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]
WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
  AND position('phone_number' in query) > 0"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("opt-out")
    with running_stack(folder, f"ringback_opt_out_{worker_id}", 7, speed=5) as running:
        yield running


def ask(stack: Stack, ending: str) -> None:
    customer = Somebody(stack)
    page = customer.get("/")
    key = page.split('name="key" value="')[1].split('"')[0]
    customer.post("/", phone=f"07400 {ending}", about="Charged twice", when="soon", key=key,
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


def say_do_not_call(agent: Somebody, work: str) -> None:
    with suppress(OSError, HTTPException):  # whoever answers is killed meanwhile
        agent.post(f"/desk/done/{work}", code="do-not-call", note="Never again")


def test_an_opt_out_survives_a_crash(stack: Stack) -> None:
    stack.clean()
    agent = agent_ready(stack)
    ask(stack, "123471")
    stack.wait(lambda: states(stack) == ["offered"], 15)
    agent.post(f"/desk/accept/{claim(stack)}")
    key = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d71"
    agent.post(f"/desk/dial/{claim(stack)}", key=key)
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "connected", 15)
    agent.post(f"/desk/end/{claim(stack)}")
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "ended", 15)
    work = claim(stack)
    agent.post(f"/desk/done/{work}", code="do-not-call", note="Never again")
    stack.kill("web", "worker", "beat", "dialer")  # the answer has just been sent

    stack.start()
    assert states(stack) == ["cancelled"]
    assert stack.one("SELECT count(*) FROM do_not_call") == 1
    assert refused(lambda: ask(stack, "123471")) == 422
    agent = agent_ready(stack)
    again = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d72"
    assert refused(lambda: agent.post(f"/desk/dial/{work}", key=again)) == 409
    assert states(stack) == ["cancelled"]
    assert stack.dials("123471") == ["+447400123471"]


def test_killed_before_the_opt_out_is_saved_it_is_not_half_done(stack: Stack) -> None:
    stack.clean()
    agent = agent_ready(stack)
    ask(stack, "123472")
    stack.wait(lambda: states(stack) == ["offered"], 15)
    agent.post(f"/desk/accept/{claim(stack)}")
    key = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d73"
    agent.post(f"/desk/dial/{claim(stack)}", key=key)
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "connected", 15)
    agent.post(f"/desk/end/{claim(stack)}")
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "ended", 15)
    work = claim(stack)
    # The row of the number is held, so that Done waits in the middle of its transaction.
    with psycopg.connect(stack.url) as held:
        held.execute("SELECT 1 FROM phone_number FOR UPDATE")
        press = threading.Thread(target=say_do_not_call, args=(agent, work), daemon=True)
        press.start()
        stack.wait(lambda: stack.one(WAITING) > 0, 10)
        stack.kill("web", "worker", "beat", "dialer")
        press.join(10)
        assert not press.is_alive()
    assert states(stack) == ["working"]
    assert stack.one("SELECT count(*) FROM do_not_call") == 0

    stack.start()
    agent = agent_ready(stack)
    agent.post(f"/desk/done/{work}", code="do-not-call", note="Never again")  # pressed again
    assert states(stack) == ["cancelled"]
    assert stack.one("SELECT count(*) FROM do_not_call") == 1
    assert stack.dials("123472") == ["+447400123472"]
