"""Everything by keyboard alone: search and jump, the list of keys, and without single keys."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Windows
from tests.e2e.stack import Stack
from tests.e2e.test_pages import look
from tests.e2e.test_queue import Ids, focused, four, heard, put, state

__all__ = ["four"]
FIELD = "#palette-field"
ACTIVE = '#palette-list [aria-selected="true"]'


def ask_for(page: Page, text: str) -> None:
    """Open the palette, type, and wait for the answer."""
    page.keyboard.press("Control+k")
    expect(page.locator(FIELD)).to_be_focused()
    page.keyboard.type(text)
    expect(page.locator("#palette-found")).not_to_have_attribute("aria-busy", "true")


def switch_by_keys(page: Page) -> None:
    """The switch in one's own menu."""
    page.focus(".presence")
    page.keyboard.press("Enter")
    page.focus("#single-keys")
    page.keyboard.press("Enter")


def test_a_callback_is_found_and_opened(stack: Stack, supervisor: Page, four: Ids) -> None:
    one = four["Noor Rahman"]
    number = stack.one(
        "SELECT e164 FROM phone_number JOIN callback ON number_id = phone_number.id"
        " WHERE callback.id = %s",
        one,
    )
    ask_for(supervisor, f"0{number[3:7]} {number[7:]}")
    expect(supervisor.locator("#palette-found [role=option]")).to_have_count(1)
    expect(supervisor.locator(ACTIVE)).to_contain_text("Noor Rahman")
    assert supervisor.get_attribute(FIELD, "aria-expanded") == "true"
    active = supervisor.get_attribute(FIELD, "aria-activedescendant")
    assert active == supervisor.get_attribute(ACTIVE, "id")
    expect(supervisor.locator("#palette [role=status]")).to_have_text("1 result")
    supervisor.keyboard.press("Enter")
    supervisor.wait_for_url(f"**/queue/{one}/")
    expect(supervisor.locator("#story-name")).to_have_text("Noor Rahman")


def test_enter_before_the_answer_takes_the_answer_to_what_was_typed(
    supervisor: Page, four: Ids
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    supervisor.route(re.compile(r"/jump/\?q=$"), hold)
    with supervisor.expect_request(re.compile(r"/jump/\?q=$")):
        supervisor.keyboard.press("Control+k")
    supervisor.keyboard.type("leila os")
    supervisor.keyboard.press("Enter")
    for route in held:  # the answer to the empty field comes when the name is typed already
        route.continue_()
    supervisor.wait_for_url(f"**/queue/{four['Leila Osei']}/")


def test_arrows_go_round_and_escape_gives_the_focus_back(supervisor: Page, four: Ids) -> None:
    row = f"open-{four['Owen Marsh']}"
    supervisor.focus(f"#{row}")
    ask_for(supervisor, "e")
    options = supervisor.locator("#palette-list [role=option]")
    last = options.count() - 1
    assert last > 2
    for key, place in (("ArrowUp", last), ("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        supervisor.keyboard.press(key)
        expect(options.nth(place)).to_have_attribute("aria-selected", "true")
        assert supervisor.locator(ACTIVE).count() == 1
    assert focused(supervisor) == "palette-field"
    supervisor.keyboard.press("Escape")
    expect(supervisor.locator("#palette")).to_be_hidden()
    assert focused(supervisor) == row
    supervisor.keyboard.press("Control+k")
    assert supervisor.input_value(FIELD) == ""
    supervisor.keyboard.press("Control+k")
    expect(supervisor.locator("#palette")).to_be_hidden()
    assert focused(supervisor) == row


def test_a_command_acts_on_the_row_with_the_focus(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    one = four["Beatrix Lane"]
    supervisor.focus(f"#open-{one}")
    ask_for(supervisor, "mark comp")
    expect(supervisor.locator(ACTIVE)).to_have_text(re.compile(r"Mark complete\s*Beatrix Lane"))
    supervisor.keyboard.press("Enter")
    heard(supervisor, "Marked Beatrix Lane complete")
    assert state(stack, one) == "completed"


def test_with_no_row_meant_no_action_on_rows_is_offered(supervisor: Page, four: Ids) -> None:
    supervisor.focus("#jump")
    ask_for(supervisor, "mark comp")
    expect(supervisor.locator("#palette [data-none]")).to_be_visible()
    expect(supervisor.locator("#palette [role=status]")).to_have_text("No results")
    assert supervisor.get_attribute(FIELD, "aria-expanded") == "false"


def test_saved_views_and_pages_are_gone_to(stack: Stack, supervisor: Page) -> None:
    stack.rows(
        "INSERT INTO saved_view (user_id, name, query) SELECT id, 'What needs me',"
        """ 'view=attention' FROM "user" WHERE email = 'ruth@example.com'"""
    )
    ask_for(supervisor, "needs me")
    supervisor.keyboard.press("Enter")
    supervisor.wait_for_url("**/queue/?view=attention")
    ask_for(supervisor, "heal")
    supervisor.keyboard.press("Enter")
    supervisor.wait_for_url("**/health/")
    supervisor.keyboard.press("g")
    supervisor.keyboard.press("q")
    supervisor.wait_for_url("**/queue/")


# Not 403: while DEBUG is on, django-htmx draws that over the whole page.
@pytest.mark.parametrize("status", [None, 429, 502])
def test_a_search_that_does_not_answer_says_so(
    supervisor: Page, windows: Windows, four: Ids, status: int | None
) -> None:
    supervisor.route("**/jump/**", lambda route: route.fulfill(status=200, body="<b>Sign in</b>"))

    def refuse(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body="<h1>No</h1>")

    supervisor.route("**/jump/?q=leila", refuse)
    supervisor.keyboard.press("Control+k")
    supervisor.keyboard.type("leila")
    expect(supervisor.locator("#palette [data-trouble]")).to_be_visible()
    expect(supervisor.locator("#palette [data-none]")).to_be_hidden()
    expect(supervisor.locator("#palette h1")).to_have_count(0)
    windows.troubles.clear()  # the browser logs what it could not fetch


def test_the_keys_of_the_page_are_listed(supervisor: Page, four: Ids) -> None:
    row = f"open-{four['Leila Osei']}"
    supervisor.focus(f"#{row}")
    supervisor.keyboard.press("?")
    expect(supervisor.locator("#keys-title")).to_be_focused()
    lines = supervisor.locator("#keys .keys-list > div")
    said = [" ".join(line.split()) for line in lines.all_inner_texts()]
    for line in (
        "Next row, row before J K",
        "Select the row X",
        "Mark complete D",
        "Search or jump to Ctrl K",
        "Queue G then Q",
        "Keyboard shortcuts ?",
    ):
        assert line in said
    assert len(set(said)) == len(said)
    assert not any("Desk" in line for line in said)
    supervisor.keyboard.press("d")  # no key of the page behind acts
    expect(supervisor.locator("tbody tr")).to_have_count(4)
    supervisor.keyboard.press("Escape")
    expect(supervisor.locator("#keys")).to_be_hidden()
    assert focused(supervisor) == row


def test_without_single_keys_only_ctrl_acts(stack: Stack, supervisor: Page, four: Ids) -> None:
    switch_by_keys(supervisor)
    expect(supervisor.locator("#single-keys")).to_have_attribute("aria-checked", "false")
    expect(supervisor.locator("#single-keys")).to_be_focused()
    before = stack.one("SELECT count(*) FROM callback_event")
    for reloaded in (False, True):
        if reloaded:
            supervisor.reload()
            expect(supervisor.locator("tbody tr")).to_have_count(4)
        supervisor.keyboard.press("Escape")
        row = f"open-{four['Beatrix Lane']}"
        supervisor.focus(f"#{row}")
        for key in ("j", "x", "d", "?", "g", "q"):
            supervisor.keyboard.press(key)
        assert focused(supervisor) == row
        expect(supervisor.locator("#keys")).to_be_hidden()
        expect(supervisor.locator(".row-check:checked")).to_have_count(0)
    assert stack.one("SELECT count(*) FROM callback_event") == before
    ask_for(supervisor, "keyboard sh")
    supervisor.keyboard.press("Enter")  # chosen by name, not by a key
    expect(supervisor.locator("#keys .keys-off")).to_be_visible()
    supervisor.keyboard.press("Escape")
    switch_by_keys(supervisor)
    expect(supervisor.locator("#single-keys")).to_have_attribute("aria-checked", "true")
    supervisor.keyboard.press("Escape")
    supervisor.focus(f"#open-{four['Beatrix Lane']}")
    supervisor.keyboard.press("j")
    assert focused(supervisor) == f"open-{four['Owen Marsh']}"


def test_an_agent_goes_ready_from_the_palette_and_an_offer_is_not_covered(
    stack: Stack, desk: Page
) -> None:
    put(stack, {"name": "Sam Ito"})
    ask_for(desk, "ready")
    expect(desk.locator(ACTIVE)).to_contain_text("Ready")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("dialog.offer[open]")
    desk.keyboard.press("Control+k")
    desk.keyboard.press("?")
    expect(desk.locator("#palette")).to_be_hidden()
    expect(desk.locator("#keys")).to_be_hidden()


def test_the_bar_has_room_for_every_link_at_any_width(stack: Stack, supervisor: Page) -> None:
    staff = """UPDATE "user" SET is_staff = %s WHERE email = 'ruth@example.com'"""
    stack.rows(staff, True)
    try:
        supervisor.goto("/health/")
        for width in (1440, 1439, 1200, 1199, 800, 767, 390):
            supervisor.set_viewport_size({"width": width, "height": 800})
            wide = supervisor.evaluate("document.querySelector('.topbar').scrollWidth - innerWidth")
            assert wide <= 0, f"{wide} px too wide at {width}"
            shown = supervisor.locator(".topnav a:visible, .menu-toggle:visible").count()
            assert shown in (1, 6)
    finally:
        stack.rows(staff, False)


def test_both_dialogs_are_looked_at(supervisor: Page, four: Ids) -> None:
    supervisor.focus(f"#open-{four['Leila Osei']}")
    ask_for(supervisor, "")
    look(supervisor, "palette")
    supervisor.keyboard.type("le")
    expect(supervisor.locator("#palette-found [role=option]")).to_have_count(1)
    look(supervisor, "palette-found")
    supervisor.keyboard.press("Control+a")
    supervisor.keyboard.type("nobody at all")
    expect(supervisor.locator("#palette [data-none]")).to_be_visible()
    look(supervisor, "palette-none")
    supervisor.keyboard.press("Escape")
    supervisor.keyboard.press("?")
    look(supervisor, "keys")
    supervisor.keyboard.press("Escape")
    switch_by_keys(supervisor)
    look(supervisor, "keys-switch")
