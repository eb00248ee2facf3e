"""What was just done is taken back, by mouse and by key, while its toast is there."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look
from tests.e2e.test_queue import Ids, focused, heard, put, state

NAMES = ("Beatrix Lane", "Owen Marsh", "Leila Osei")
ACTIONS = ("Skip this retry", "Mark complete", "Bump up", "Bump down", "Cancel all retries")


@pytest.fixture
def three(stack: Stack, supervisor: Page) -> Ids:
    """Three callbacks that are due soon, and the page that shows them."""
    rows = ({"name": name, "due": 60 + 10 * place} for place, name in enumerate(NAMES))
    found = put(stack, *rows)
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(3)
    return found


def choose(page: Page, callback_id: int, action: str) -> None:
    """An action from the menu of the row."""
    page.click(f"#more-{callback_id}")
    page.click(f"#row-menu >> text={action}")


def columns(stack: Stack, callback_id: int) -> list[tuple[object, ...]]:
    return stack.rows(
        "SELECT state, due_at, priority, reserved_for_id, retry_number FROM callback WHERE id = %s",
        callback_id,
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_taken_back_by_mouse(
    stack: Stack, supervisor: Page, three: Ids, action: str
) -> None:
    one = three["Owen Marsh"]
    before = columns(stack, one)
    choose(supervisor, one, action)
    supervisor.click(".toast button:has-text('Undo')")
    heard(supervisor, "Undone: Owen Marsh")
    assert columns(stack, one) == before
    expect(supervisor.locator(".toast button:has-text('Undo')")).to_have_count(0)
    assert focused(supervisor) != ""  # the button is gone, the focus is not


@pytest.mark.parametrize("asked", ["Call now", "Reassign", "Reschedule"])
def test_what_was_asked_for_is_taken_back_by_key(
    stack: Stack, supervisor: Page, three: Ids, asked: str
) -> None:
    one = three["Owen Marsh"]
    before = columns(stack, one)
    choose(supervisor, one, asked)
    if asked == "Reschedule":
        supervisor.fill("#ask-day", "2034-02-03")
        supervisor.fill("#ask-time", "10:30")
    elif asked == "Reassign":
        supervisor.select_option("select#ask-agent", label="Nadia Haddad: Not Ready")
    supervisor.click("#ask button[type=submit]")
    expect(supervisor.locator(".toast")).to_contain_text("Undo")
    assert columns(stack, one) != before
    supervisor.keyboard.press("z")
    heard(supervisor, "Undone: Owen Marsh")
    assert columns(stack, one) == before


def test_a_selection_is_taken_back_by_key_alone(stack: Stack, supervisor: Page, three: Ids) -> None:
    press = supervisor.keyboard.press
    for key in ("j", "x", "j", "x", "d"):
        press(key)
    heard(supervisor, "Marked 2 of 2 complete")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    press("z")
    heard(supervisor, "Undone: 2 of 2")
    expect(supervisor.locator("tbody tr")).to_have_count(3)
    press("z")  # there is nothing more to undo
    assert {state(stack, one) for one in three.values()} == {"scheduled"}
    assert stack.one("SELECT count(*) FROM callback_event WHERE name = 'undo'") == 2


def test_what_is_typed_is_no_undo(stack: Stack, supervisor: Page, three: Ids) -> None:
    supervisor.click(f"#open-{three['Leila Osei']}")
    supervisor.click("#forbid summary")
    choose(supervisor, three["Owen Marsh"], "Bump up")
    heard(supervisor, "Moved Owen Marsh up")
    supervisor.click("#forbid summary")
    supervisor.focus("#ask-reason")
    supervisor.keyboard.type("zzz")
    assert supervisor.input_value("#ask-reason") == "zzz"
    assert stack.one("SELECT count(*) FROM callback_event WHERE name = 'undo'") == 0


def test_the_toast_leaves_after_ten_seconds_and_not_before(supervisor: Page, three: Ids) -> None:
    supervisor.clock.install()
    choose(supervisor, three["Owen Marsh"], "Bump up")
    toast = supervisor.locator(".toast")
    expect(toast).to_be_visible()
    supervisor.mouse.move(5, 5)
    supervisor.clock.run_for(9_500)
    expect(toast).to_be_visible()
    supervisor.clock.run_for(600)
    expect(toast).to_have_count(0)
    expect(supervisor.locator("#report")).to_be_empty()


@pytest.mark.parametrize("hand", ["pointer", "focus"])
def test_under_a_hand_it_stays(supervisor: Page, three: Ids, hand: str) -> None:
    supervisor.clock.install()
    choose(supervisor, three["Owen Marsh"], "Bump up")
    toast = supervisor.locator(".toast")
    expect(toast).to_be_visible()
    supervisor.mouse.move(5, 5)
    if hand == "pointer":
        toast.hover()
    else:
        toast.locator("button").focus()
    supervisor.clock.run_for(30_000)
    expect(toast).to_be_visible()
    if hand == "pointer":
        supervisor.mouse.move(5, 5)
    else:
        supervisor.focus(f"#open-{three['Leila Osei']}")
    supervisor.clock.run_for(100)
    expect(toast).to_have_count(0)


def test_what_was_refused_stays_until_it_is_closed(
    stack: Stack, supervisor: Page, three: Ids
) -> None:
    stack.rows("UPDATE contact SET zones = '{}' WHERE name = 'Leila Osei'")
    supervisor.clock.install()
    supervisor.check("#check-all")
    supervisor.click(".bulk-bar >> text=Call now")
    supervisor.click("#ask button[type=submit]")
    expect(supervisor.locator("#report")).to_contain_text("Calling 2 of 3 next. 1 refused")
    undo = supervisor.locator("#report button:has-text('Undo')")
    expect(undo).to_be_visible()
    supervisor.mouse.move(5, 5)
    supervisor.clock.run_for(30_000)
    expect(undo).to_have_count(0)
    expect(supervisor.locator("#report")).to_contain_text("Leila Osei: Zone not known")
    supervisor.click("#report [data-dismiss]")
    expect(supervisor.locator("#report")).to_be_empty()


def test_too_late_is_said_and_changes_nothing(
    stack: Stack, supervisor: Page, three: Ids, expected_refusals: set[int]
) -> None:
    expected_refusals.add(409)
    one = three["Owen Marsh"]
    choose(supervisor, one, "Bump up")
    toast = supervisor.locator(".toast")
    toast.hover()
    stack.happened_earlier("16 seconds", "name = 'bump'")
    supervisor.keyboard.press("z")
    heard(supervisor, "Owen Marsh: Too late to undo")
    assert stack.one("SELECT priority FROM callback WHERE id = %s", one) == 1


def test_how_it_looks(stack: Stack, supervisor: Page, three: Ids) -> None:
    choose(supervisor, three["Leila Osei"], "Skip this retry")
    supervisor.locator(".toast button").focus()  # it stays while it is looked at
    look(supervisor, "queue-toast")
    supervisor.click(".toast button:has-text('Undo')")
    heard(supervisor, "Undone: Leila Osei")
    supervisor.check("#check-all")
    supervisor.click(".bulk-bar >> text=Mark complete")
    supervisor.click(".toast summary")
    look(supervisor, "queue-toast-several")
