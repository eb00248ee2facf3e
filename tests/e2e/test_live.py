"""Streams last for hours: they hold no database connection, and one page may have many."""

from contextlib import ExitStack
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from tests.e2e.conftest import accept, go_ready
from tests.e2e.stack import Stack

STREAMS = 20  # the pool of a process has 8 connections


def _open(stack: Stack, path: str, email: str) -> Any:
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in stack.cookies[email]["cookies"])
    return urlopen(Request(stack.base + path, headers={"Cookie": cookies}), timeout=10)


def test_many_streams_leave_the_database_to_the_pages(
    stack: Stack, desk: Page, supervisor: Page
) -> None:
    with ExitStack() as streams:
        for _ in range(STREAMS):
            for path, email in (
                ("/queue/live/", "ruth@example.com"),
                ("/desk/live/", "nadia@example.com"),
            ):
                stream = streams.enter_context(_open(stack, path, email))
                assert stream.readline().startswith(b"retry:")
        supervisor.goto("/queue/?view=all")
        assert "Queue" in supervisor.inner_text("h1")
        busy = stack.one("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert busy < STREAMS


def test_the_second_tab_of_an_agent_follows_the_first(desk: Page, windows: Any, ask: Any) -> None:
    second = windows.sign_in("nadia@example.com")
    go_ready(desk)
    second.wait_for_selector("text=The next callback opens here by itself")
    ask(phone="07400 123470")
    for tab in (desk, second):
        tab.wait_for_selector("dialog.offer[open]")
    accept(desk)
    second.wait_for_selector("#work")


def test_a_stream_is_only_for_those_who_may_see_it(stack: Stack, customer: Page) -> None:
    customer.goto("/")
    for path in ("/desk/live/", "/queue/live/"):
        assert customer.request.get(path).status == 403
