"""Every action of the queue by keyboard alone, and on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_queue import Ids, focused, heard, put

ACTIONS = {
    "Call now": "is next for",
    "Reschedule": "Moved Owen Marsh to",
    "Skip this retry": "Skipped Owen Marsh to",
    "Reassign": "Owen Marsh waits for",
    "Mark complete": "Marked Owen Marsh complete",
    "Bump up": "Moved Owen Marsh up",
    "Bump down": "Moved Owen Marsh down",
    "Customer called": "the customer called",
    "Cancel all retries": "Cancelled Owen Marsh",
}


@pytest.fixture
def two(stack: Stack, supervisor: Page) -> Ids:
    """Two callbacks that are due soon, and the page that shows them."""
    found = put(stack, {"name": "Owen Marsh", "due": 60}, {"name": "Leila Osei", "due": 90})
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(2)
    return found


def tab_to(page: Page, text: str) -> None:
    """Tab until the button with that name has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if str(page.evaluate("document.activeElement.textContent")).strip().startswith(text):
            return
    raise AssertionError(f"Tab never comes to {text}")


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_done_by_keyboard_alone(
    stack: Stack, supervisor: Page, two: Ids, action: str
) -> None:
    supervisor.keyboard.press("j")
    assert focused(supervisor) == f"open-{two['Owen Marsh']}"
    supervisor.keyboard.press("Tab")
    supervisor.keyboard.press("Enter")  # the row's own menu
    expect(supervisor.locator("#row-menu")).to_be_visible()
    tab_to(supervisor, action)
    before = stack.one("SELECT count(*) FROM callback_event")
    supervisor.keyboard.press("Enter")
    if action in ("Call now", "Reschedule", "Reassign"):
        supervisor.wait_for_selector("#ask[open]")
        tab_to(supervisor, action)
        supervisor.keyboard.press("Enter")
    heard(supervisor, ACTIONS[action])
    assert stack.one("SELECT count(*) FROM callback_event") == before + 1
    others = "SELECT count(*) FROM callback_event WHERE callback_id = %s"
    assert stack.one(others, two["Leila Osei"]) == 1


def test_on_a_telephone_a_callback_is_found_moved_and_taken_back(
    stack: Stack, supervisor: Page, two: Ids
) -> None:
    supervisor.set_viewport_size({"width": 390, "height": 844})
    supervisor.fill("[type=search]", "Leila")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    supervisor.click(f"#open-{two['Leila Osei']}")
    expect(supervisor.locator("#story-name")).to_be_focused()
    supervisor.click("#story >> text=Reschedule")
    supervisor.wait_for_selector("#ask[open]")
    supervisor.click("#ask button[type=submit]")
    heard(supervisor, "Moved Leila Osei to")
    supervisor.click("#report button:has-text('Undo')")
    heard(supervisor, "Undone: Leila Osei")
    assert supervisor.evaluate("document.documentElement.scrollWidth <= innerWidth")
