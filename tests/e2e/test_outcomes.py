"""Each way in which a call can end leads where RULES 2 says, and the queue shows it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import accept, call_state, go_ready
from tests.e2e.stack import Stack

RETRIED = [
    # ending of the number, disposition, delay, label
    ("01", "Voicemail left", timedelta(hours=24), "Voicemail", "Retry 1 of 3"),
    ("02", "No answer", timedelta(hours=24), "No answer", "Retry 1 of 3"),
    ("03", "Busy", timedelta(hours=1), "Busy", "Retry 1 of 5"),
    ("04", "Could not connect", timedelta(minutes=30), "Network error", "Retry 1 of 3"),
]


def _work_through(desk: Page, ask: Callable[..., None], ending: str, disposition: str) -> None:
    go_ready(desk)
    ask(phone=f"07400 1255{ending}", name="Leila Osei")
    desk.wait_for_selector("dialog.offer[open]")
    accept(desk)
    desk.click("button:has-text('Call this contact')")
    if ending == "10":
        call_state(desk, "Connected")
        desk.click("button:has-text('End call')")
    desk.wait_for_selector("[data-ended]")
    desk.click(f".keycap:has-text('{disposition}')")
    desk.click("button:has-text('Done')")
    desk.wait_for_selector(".state-line:has-text('Wrap-up')")


@pytest.mark.parametrize(("ending", "disposition", "delay", "outcome", "label"), RETRIED)
def test_a_missed_contact_is_tried_again_at_the_time_of_the_policy(
    stack: Stack, desk: Page, supervisor: Page, ask: Callable[..., None],
    ending: str, disposition: str, delay: timedelta, outcome: str, label: str,
) -> None:  # fmt: skip
    _work_through(desk, ask, ending, disposition)
    waits = stack.one(
        "SELECT callback.due_at - attempt.ended_at FROM callback JOIN attempt "
        "ON attempt.callback_id = callback.id"
    )
    # The window of the tests closes from 23:55 to midnight: a time in it moves on to 00:00.
    assert delay <= waits <= delay + timedelta(minutes=5)
    supervisor.goto("/queue/?view=all")
    row = supervisor.inner_text("tbody tr")
    assert "Leila Osei" in row
    assert outcome in row
    assert label in row


@pytest.mark.parametrize(
    ("ending", "disposition", "state", "reason"),
    [
        ("05", "Wrong number", "cancelled", "The number is not in service"),
        ("10", "Do not call again", "cancelled", "The contact asked not to be called"),
        ("10", "Resolved", "completed", "The contact answered"),
    ],
)
def test_what_is_never_retried_ends_and_leaves_the_queue(
    stack: Stack, desk: Page, supervisor: Page, ask: Callable[..., None],
    ending: str, disposition: str, state: str, reason: str,
) -> None:  # fmt: skip
    _work_through(desk, ask, ending, disposition)
    assert stack.rows("SELECT state, ended_reason FROM callback") == [(state, reason)]
    supervisor.goto("/queue/?view=all")
    assert "Nothing waits here" in supervisor.inner_text("main")
    story = stack.one("SELECT id FROM callback")
    supervisor.goto(f"/queue/{story}/")
    assert reason in supervisor.inner_text("main")
