"""Every action of the queue by keyboard alone, and on a telephone."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_queue import Ids, heard, put

ACTIONS = {
    "Call now": "{} is next for",
    "Reschedule": "Moved {} to",
    "Skip this retry": "Skipped {} to",
    "Reassign": "{} waits for",
    "Mark complete": "Marked {} complete",
    "Bump up": "Moved {} up",
    "Bump down": "Moved {} down",
    "Customer called": "Closed {}: the customer called",
    "Cancel all retries": "Cancelled {}",
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


def test_each_action_is_done_by_keyboard_alone(stack: Stack, supervisor: Page) -> None:
    names = {action: f"Person {n}" for n, action in enumerate(ACTIONS)}
    found = put(stack, *({"name": name, "due": 600} for name in names.values()))
    supervisor.goto("/queue/?view=all")
    press = supervisor.keyboard.press
    for action, name in names.items():
        supervisor.focus(f"#open-{found[name]}")
        press("Tab")
        press("Enter")  # the row's own menu
        expect(supervisor.locator("#row-menu")).to_be_visible()
        tab_to(supervisor, action)
        press("Enter")
        if action in ("Call now", "Reschedule", "Reassign"):
            supervisor.wait_for_selector("#ask[open]")
            tab_to(supervisor, action)
            press("Enter")
        heard(supervisor, ACTIONS[action].format(name))
        stories = "SELECT count(*) FROM callback_event WHERE callback_id = %s"
        assert stack.one(stories, found[name]) == 2, action


def test_on_a_telephone_a_callback_is_found_moved_and_taken_back(
    stack: Stack, supervisor: Page, two: Ids
) -> None:
    supervisor.set_viewport_size({"width": 390, "height": 844})
    supervisor.fill("[type=search]", "Leila")
    # Loaded whole: before that a link leads to the story's own page.
    with supervisor.expect_navigation():
        supervisor.keyboard.press("Enter")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    supervisor.click(f"#open-{two['Leila Osei']}")
    expect(supervisor.locator("#story-name")).to_have_text("Leila Osei")
    expect(supervisor.locator("#story-name")).to_be_focused()
    supervisor.click("#story >> text=Reschedule")
    supervisor.wait_for_selector("#ask[open]")
    supervisor.click("#ask button[type=submit]")
    heard(supervisor, "Moved Leila Osei to")
    supervisor.click("#report button:has-text('Undo')")
    heard(supervisor, "Undone: Leila Osei")
    assert supervisor.evaluate("document.documentElement.scrollWidth <= innerWidth")
