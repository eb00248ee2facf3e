"""Processes end without a goodbye; promises and calls do not suffer."""

import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

from tests.e2e.stack import PASSWORD, Stack, running_stack

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("faults")
    with running_stack(folder, f"ringback_faults_{worker_id}", 6, speed=1) as running:
        yield running


class Somebody:
    """A person with cookies, without a browser."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.cookies = CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.stack.base + path, timeout=10) as reply:
            return str(reply.read().decode())

    def post(self, path: str, **fields: Any) -> str:
        token = next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")
        data = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        headers = {"Referer": self.stack.base, "X-CSRFToken": str(token)}
        request = Request(self.stack.base + path, data=data, headers=headers)
        with self.opener.open(request, timeout=10) as reply:
            return str(reply.read().decode())


@pytest.fixture
def agent(stack: Stack) -> Somebody:
    stack.clean()
    somebody = Somebody(stack)
    somebody.get("/accounts/login/")
    somebody.post("/accounts/login/", login="kofi@example.com", password=PASSWORD)
    somebody.get("/desk/")
    somebody.post("/desk/presence/", to="ready")
    return somebody


def _ask(stack: Stack, phone: str) -> None:
    customer = Somebody(stack)
    page = customer.get("/")
    key = page.split('name="key" value="')[1].split('"')[0]
    customer.post("/", phone=phone, about="Charged twice", when="soon", key=key,
                  zone="Europe/London", browser_zone="Europe/London")  # fmt: skip


def _claim(stack: Stack) -> str:
    row = stack.rows("SELECT id, claim_version FROM callback")[0]
    return f"{row[0]}/{row[1]}/"


def _state(stack: Stack) -> str:
    return str(stack.one("SELECT state FROM callback"))


def test_all_processes_killed_in_the_middle_of_an_offer(stack: Stack, agent: Somebody) -> None:
    _ask(stack, "07400 123460")
    stack.wait(lambda: _state(stack) == "offered")
    stack.kill("web", "worker", "beat", "dialer")
    assert _state(stack) == "offered"
    stack.start()
    # Nobody answers: the deadline that stands in the row is kept by whoever runs next.
    stack.wait(lambda: _state(stack) == "scheduled", 30)
    agent.post("/desk/presence/", to="ready")
    stack.wait(lambda: _state(stack) == "offered")
    agent.post(f"/desk/accept/{_claim(stack)}")
    assert _state(stack) == "working"
    assert stack.one("SELECT count(*) FROM callback") == 1
    assert stack.dials("123460") == []


def test_all_processes_killed_in_the_middle_of_a_dial(stack: Stack, agent: Somebody) -> None:
    _ask(stack, "07400 123461")
    stack.wait(lambda: _state(stack) == "offered")
    agent.post(f"/desk/accept/{_claim(stack)}")
    key = "6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d61"
    agent.post(f"/desk/dial/{_claim(stack)}", key=key)
    stack.kill("web", "worker", "beat", "dialer")
    assert stack.one("SELECT state FROM attempt") in ("dialing", "ringing")
    time.sleep(4)  # the carrier goes on without us: the customer picks up
    stack.start()
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "connected")
    agent.post(f"/desk/dial/{_claim(stack)}", key=key)  # the same press, sent again
    assert stack.dials("123461") == ["+447400123461"]
    agent.post(f"/desk/end/{_claim(stack)}")
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "ended")
    agent.post(f"/desk/done/{_claim(stack)}", code="resolved", note="Refund booked")
    assert _state(stack) == "completed"
    assert stack.dials("123461") == ["+447400123461"]


def test_killed_between_the_commit_and_the_carrier_is_never_dialled_by_the_machine(
    stack: Stack, agent: Somebody
) -> None:
    _ask(stack, "07400 123462")
    stack.wait(lambda: _state(stack) == "offered")
    agent.post(f"/desk/accept/{_claim(stack)}")
    # What a process leaves behind that died after its commit and before it asked the carrier.
    stack.rows(
        "INSERT INTO attempt (key, callback_id, contact_id, campaign_id, number_id, agent_id,"
        " state, outcome, cause, sequence, early, intended_at, dialed_at) "
        "SELECT gen_random_uuid(), id, contact_id, campaign_id, number_id, agent_id, 'dialing',"
        " '', '', -1, false, ago, ago"
        " FROM callback, (SELECT now() - interval '11 seconds' AS ago) AS moment"
    )
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "ended")
    assert stack.rows("SELECT outcome, cause FROM attempt") == [
        ("network_error", "The call never reached the carrier")
    ]
    assert _state(stack) == "working"
    assert stack.dials("123462") == []


def test_a_lost_reply_is_found_out_and_not_asked_again(stack: Stack, agent: Somebody) -> None:
    _ask(stack, "07400 123408")  # …08: the carrier rings and its reply is lost
    stack.wait(lambda: _state(stack) == "offered")
    agent.post(f"/desk/accept/{_claim(stack)}")
    agent.post(f"/desk/dial/{_claim(stack)}", key="6f0f4c1e-53b5-4a5c-9f41-0d7a6b1c2d62")
    stack.wait(lambda: stack.one("SELECT state FROM attempt") == "connected")
    assert stack.dials("123408") == ["+447400123408"]


def test_without_workers_a_request_is_saved_and_offered_later(
    stack: Stack, agent: Somebody
) -> None:
    stack.kill("worker", "beat")
    _ask(stack, "07400 123463")
    assert _state(stack) == "scheduled"
    stack.start("worker", "beat")
    stack.wait(lambda: _state(stack) == "offered", 40)
