"""An action on all that match in a browser: asked, begun, watched, stopped, its report read."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look
from tests.e2e.test_queue import NAMES, Ids, put

ASK = """([verb, query]) => htmx.ajax('GET', `/queue/all/ask/${verb}/`, {
  source: document.querySelector('rb-queue'), values: {query},
  target: '#ask', swap: 'innerHTML'})"""


@pytest.fixture
def eight(stack: Stack, supervisor: Page) -> Ids:
    """Eight overdue callbacks, one of them in the hands of an agent, and the queue."""
    names = [*NAMES, "Ada Kowalska", "Sam Okafor", "Mia Lund", "Jo Perez"]
    found = put(stack, *({"name": name, "due": -80 + 10 * n} for n, name in enumerate(names)))
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(8)
    return found


@pytest.fixture
def no_worker(stack: Stack) -> Iterator[None]:
    """Nobody who works jobs off, until somebody starts one."""
    stack.kill("worker")
    yield
    if "worker" not in stack.running:
        stack.start("worker")


def take(stack: Stack, callback_id: int) -> None:
    """An agent has it in hand."""
    agent = stack.one("SELECT user_id FROM agent LIMIT 1")
    stack.rows("UPDATE agent SET seen_at = now() WHERE user_id = %s", agent)
    stack.rows(
        "UPDATE callback SET state = 'working', agent_id = %s, accepted_at = now() WHERE id = %s",
        agent, callback_id,
    )  # fmt: skip


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_all_that_match_are_cancelled_and_each_is_reported(
    stack: Stack, supervisor: Page, eight: Ids, no_worker: None, tmp_path: Path
) -> None:
    page = supervisor
    page.evaluate(ASK, ["cancel", "view=all"])
    expect(page.locator("#ask-title")).to_have_text("Cancel callbacks: all 8 that match")
    look(page, "job-ask")
    page.keyboard.press("Shift+Tab")  # from Close, where the focus is, to the button that does it
    page.keyboard.press("Enter")
    expect(page.locator("#report h2")).to_contain_text("Cancel callbacks: 0 of 8")
    expect(page.locator("[data-region=status]")).to_contain_text("Cancel callbacks: 0 of 8")
    expect(page.locator("#ask")).to_be_hidden()
    page.locator("#report [id$=-act]").focus()
    page.wait_for_timeout(1500)  # it has been drawn anew meanwhile
    assert focused(page).endswith("-act")
    look(page, "job-running")
    take(stack, eight["Leila Osei"])
    page.locator("#report [id$=-act]").focus()
    stack.start("worker")
    patient = 60_000  # a worker takes its time to start on a busy machine
    expect(page.locator("#report h2")).to_contain_text(
        "Cancelled 7 of 8. 1 refused", timeout=patient
    )
    expect(page.locator("[data-region=status]")).to_have_text("Cancelled 7 of 8. 1 refused")
    expect(page.locator("#report li")).to_contain_text("Leila Osei: This callback is working")
    assert focused(page).endswith("-act")
    with page.expect_download() as loaded:
        page.keyboard.press("Enter")
    loaded.value.save_as(tmp_path / "report.csv")
    rows = list(csv.reader((tmp_path / "report.csv").read_text().splitlines()))
    assert [row[1] for row in rows[1:]] == list(eight)
    assert [row[2] for row in rows[1:]].count("Done") == 7
    expect(page.locator("tbody tr")).to_have_count(0)  # their own doing is shown at once
    look(page, "job-done")
    page.click("#report >> text=All my actions")
    expect(page.locator("h1")).to_have_text("My actions on all that matched")
    look(page, "jobs")
    page.click("th a")
    expect(page.locator("h1")).to_have_text("Cancel callbacks")
    look(page, "job")
    page.click("text=The view")
    page.wait_for_url("**/queue/?view=all")


def test_a_wrong_day_is_said_in_the_form_and_a_running_job_is_stopped(
    supervisor: Page, eight: Ids, no_worker: None, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    page = supervisor
    page.evaluate(ASK, ["reschedule", "view=all"])
    page.fill("#ask-time", "14:30")
    page.click("#ask button[type=submit]")
    expect(page.locator("#ask .field-error")).to_contain_text("Enter a day")
    assert focused(page) == "ask-day"
    assert page.input_value("#ask-time") == "14:30"
    look(page, "job-ask-wrong")
    page.click("#ask [data-close-ask]")
    page.evaluate(ASK, ["skip", "view=all"])
    page.click("#ask button[type=submit]")
    page.click("#report >> text=Stop")
    expect(page.locator("#report h2")).to_contain_text("Stopped. Skipped 0 of 8")
    expect(page.locator("[data-region=status]")).to_contain_text("Stopped. Skipped 0 of 8")
    page.click("#report [data-dismiss]")
    expect(page.locator("#report")).to_be_empty()
