"""The supervisor's hand on the queue: by mouse and by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look

Ids = dict[str, int]
NAMES = ("Beatrix Lane", "Owen Marsh", "Noor Rahman", "Leila Osei")


def put(stack: Stack, *rows: dict[str, Any]) -> Ids:
    """Callbacks that wait, by name."""
    return dict(zip([row["name"] for row in rows], stack.put(rows), strict=True))


@pytest.fixture
def four(stack: Stack, supervisor: Page) -> Ids:
    """Four overdue callbacks, the oldest first, and the page that shows them."""
    found = put(
        stack, *({"name": name, "due": -40 + 10 * place} for place, name in enumerate(NAMES))
    )
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(4)
    return found


def state(stack: Stack, callback_id: int) -> str:
    return str(stack.one("SELECT state FROM callback WHERE id = %s", callback_id))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def heard(page: Page, text: str) -> None:
    """It is said politely, and stands where it can be read."""
    expect(page.locator("[data-region=status]")).to_contain_text(text)
    expect(page.locator("#report")).to_contain_text(text)


def chosen(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        ".row-check:checked", "boxes => boxes.map(box => box.id.replace('check-', ''))"
    )


# --- by mouse


def test_a_row_is_skipped_from_its_menu(stack: Stack, supervisor: Page, four: Ids) -> None:
    one = four["Owen Marsh"]
    supervisor.click(f"#more-{one}")
    supervisor.click("#row-menu >> text=Skip this retry")
    heard(supervisor, "Skipped Owen Marsh to")
    expect(supervisor.locator("tbody tr").nth(3)).to_contain_text("Owen Marsh")
    assert focused(supervisor) == f"more-{one}"
    assert stack.one("SELECT count(*) FROM callback_event WHERE name = 'skip'") == 1


def test_of_a_selection_what_was_refused_stays_selected(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    agent = stack.one("SELECT user_id FROM agent LIMIT 1")
    supervisor.check("#check-all")
    expect(supervisor.locator(".bulk-bar output")).to_have_text("4 selected")
    held = four["Noor Rahman"]
    stack.rows("UPDATE agent SET seen_at = now() WHERE user_id = %s", agent)
    stack.rows(
        "UPDATE callback SET state = 'working', agent_id = %s, accepted_at = now(), "
        "attention = 'Look' WHERE id = %s",
        agent, held,
    )  # fmt: skip
    supervisor.click(".bulk-bar >> text=Mark complete")
    heard(supervisor, "Marked 3 of 4 complete. 1 refused")
    lines = supervisor.locator(".report-lines li")
    expect(lines).to_have_count(4)
    expect(lines.nth(2)).to_contain_text("Noor Rahman: This callback is working")
    expect(lines.nth(3)).to_contain_text("Marked Leila Osei complete")
    supervisor.goto("/queue/?view=attention")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    assert state(stack, held) == "working"


def test_refused_rows_that_are_still_shown_keep_their_tick(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    stack.rows("UPDATE contact SET zones = '{}' WHERE name IN ('Owen Marsh', 'Leila Osei')")
    supervisor.check("#check-all")
    supervisor.click(".bulk-bar >> text=Call now")
    supervisor.click("#ask button[type=submit]")
    heard(supervisor, "Calling 2 of 4 next. 2 refused")
    expect(supervisor.locator("tbody")).to_contain_text("Call now")
    refused = [str(four["Owen Marsh"]), str(four["Leila Osei"])]
    assert chosen(supervisor) == refused
    expect(supervisor.locator(".bulk-bar output")).to_have_text("2 selected")
    assert supervisor.evaluate("document.querySelector('#check-all').indeterminate")
    supervisor.keyboard.press("Escape")
    assert chosen(supervisor) == []
    expect(supervisor.locator(".bulk-bar")).to_be_hidden()


def test_a_time_is_put_right_beside_its_field(
    stack: Stack, supervisor: Page, four: Ids, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    one = four["Leila Osei"]
    supervisor.click(f"#more-{one}")
    supervisor.click("#row-menu >> text=Reschedule")
    expect(supervisor.locator("#ask h2")).to_have_text("Reschedule: Leila Osei")
    expect(supervisor.locator("label[for=ask-time]")).to_have_text("Time in London")
    supervisor.fill("#ask-day", "2020-02-03")
    supervisor.fill("#ask-time", "10:30")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#ask-time_error")).to_contain_text("This time has passed")
    assert focused(supervisor) == "ask-time"
    assert supervisor.input_value("#ask-day") == "2020-02-03"
    supervisor.fill("#ask-day", "2034-02-03")
    supervisor.click("#ask button[type=submit]")
    heard(supervisor, "Moved Leila Osei to Fri 3 Feb 2034, 11:30, 10:30 in London")
    expect(supervisor.locator("#ask")).to_be_hidden()
    expect(supervisor.locator(f"#more-{one}")).to_be_focused()


def test_customer_called_is_taken_back_in_the_story(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    one = four["Beatrix Lane"]
    supervisor.click(f"#open-{one}")
    supervisor.click("#story-more")
    supervisor.click("#row-menu >> text=Customer called")
    heard(supervisor, "Closed Beatrix Lane: the customer called")
    expect(supervisor.locator("#story .verdict")).to_contain_text("Completed: Customer called")
    expect(supervisor.locator("#story")).to_contain_text("min left")
    expect(supervisor.locator("tbody tr")).to_have_count(3)
    supervisor.click("#story-undo")
    heard(supervisor, "Beatrix Lane waits again")
    expect(supervisor.locator("tbody tr")).to_have_count(4)
    expect(supervisor.locator("#story-call-now")).to_be_visible()
    assert state(stack, one) == "scheduled"


def test_customer_called_from_a_row_can_be_taken_back_in_its_report(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    supervisor.click(f"#more-{four['Owen Marsh']}")
    supervisor.click("#row-menu >> text=Customer called")
    heard(supervisor, "Closed Owen Marsh")
    supervisor.click("#report button:has-text('Undo')")
    heard(supervisor, "Owen Marsh waits again")
    assert state(stack, four["Owen Marsh"]) == "scheduled"


def test_a_zone_is_chosen_in_the_story(
    stack: Stack, supervisor: Page, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    one = put(stack, {"name": "Sam Ito", "zones": [], "due": 60})["Sam Ito"]
    supervisor.goto("/queue/?view=all")
    supervisor.click(f"#open-{one}")
    supervisor.click("text=Set the zone")
    expect(supervisor.locator("#ask-zone_error")).to_contain_text("Choose a zone from the list")
    assert focused(supervisor) == "ask-zone"
    supervisor.select_option("select#ask-zone", "Europe/Lisbon")
    supervisor.click("text=Set the zone")
    heard(supervisor, "Sam Ito is in Lisbon now")
    expect(supervisor.locator("#story .verdict")).to_contain_text("Zone chosen by a supervisor")
    expect(supervisor.locator(f"#row-{one}")).to_contain_text("in Lisbon")


def test_do_not_call_takes_two_steps_and_no_question(
    stack: Stack, supervisor: Page, four: Ids, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    one = four["Noor Rahman"]
    supervisor.click(f"#open-{one}")
    supervisor.click("#forbid summary")
    supervisor.click("#ask-do-not-call button[type=submit]")
    expect(supervisor.locator("#ask-reason_error")).to_contain_text("Say where the wish comes from")
    supervisor.fill("#ask-reason", "Asked by e-mail: stop")  # s, o, d, t, n are keys elsewhere
    supervisor.click("#ask-do-not-call button[type=submit]")
    heard(supervisor, "Noor Rahman must not be called any more everywhere: 1 callback cancelled")
    expect(supervisor.locator("#story .verdict")).to_contain_text("Cancelled: Do not call")
    assert [state(stack, four[name]) for name in NAMES].count("cancelled") == 1
    assert stack.rows("SELECT scope, source, reason FROM do_not_call") == [
        ("", "supervisor", "Asked by e-mail: stop")
    ]


# --- by keyboard alone


def test_the_whole_work_is_done_by_keys(stack: Stack, supervisor: Page, four: Ids) -> None:
    press = supervisor.keyboard.press
    press("j")
    press("j")
    assert focused(supervisor) == f"open-{four['Owen Marsh']}"
    press("k")
    assert focused(supervisor) == f"open-{four['Beatrix Lane']}"
    press("Enter")
    expect(supervisor.locator("#story-name")).to_have_text("Beatrix Lane")
    expect(supervisor.locator(f"#row-{four['Beatrix Lane']}")).to_have_attribute(
        "aria-current", "true"
    )
    press("j")
    press("o")  # the row with the focus, not the story that is open
    expect(supervisor.locator("#ask h2")).to_have_text("Reassign: Owen Marsh")
    assert focused(supervisor) == "ask-agent"
    supervisor.keyboard.type("Nadia")
    press("Tab")
    press("Enter")
    heard(supervisor, "Owen Marsh waits for Nadia Haddad")
    expect(supervisor.locator(f"#open-{four['Owen Marsh']}")).to_be_focused()
    press("n")
    supervisor.wait_for_selector("#ask[open] h2:has-text('Call now: Owen Marsh')")
    press("Escape")
    expect(supervisor.locator(f"#open-{four['Owen Marsh']}")).to_be_focused()
    press("x")
    press("j")
    press("x")
    assert chosen(supervisor) == [str(four["Owen Marsh"]), str(four["Noor Rahman"])]
    press("d")
    heard(supervisor, "Marked 2 of 2 complete")
    expect(supervisor.locator("tbody tr")).to_have_count(2)
    assert focused(supervisor) in {f"open-{four[name]}" for name in ("Beatrix Lane", "Leila Osei")}
    press("Escape")  # the report
    expect(supervisor.locator("#report")).to_be_empty()
    press("Escape")  # the story
    expect(supervisor.locator("#story")).to_contain_text("Choose a row")
    assert [state(stack, four[name]) for name in NAMES].count("completed") == 2


def test_when_the_row_is_gone_the_focus_is_on_the_next(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    supervisor.focus(f"#open-{four['Owen Marsh']}")
    supervisor.keyboard.press("d")
    expect(supervisor.locator("tbody tr")).to_have_count(3)
    assert focused(supervisor) == f"open-{four['Noor Rahman']}"


def test_the_menu_of_a_row_has_its_keys_too(stack: Stack, supervisor: Page, four: Ids) -> None:
    supervisor.focus(f"#more-{four['Leila Osei']}")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator("#row-menu")).to_be_visible()
    supervisor.keyboard.press("s")
    heard(supervisor, "Skipped Leila Osei")
    assert stack.one("SELECT count(*) FROM callback_event WHERE name = 'skip'") == 1


def test_keys_do_nothing_where_they_are_typed_or_with_nothing_chosen(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    before = stack.one("SELECT count(*) FROM callback_event")
    for key in ("s", "d", "n", "t", "o"):
        supervisor.keyboard.press(key)
    supervisor.focus(f"#open-{four['Leila Osei']}")
    for key in ("g", "s"):  # half of a sequence is not a key of its own
        supervisor.keyboard.press(key)
    for key in ("Control+d", "Alt+s"):
        supervisor.keyboard.press(key)
    supervisor.click(f"#open-{four['Leila Osei']}")
    supervisor.click("#forbid summary")
    supervisor.focus("#ask-reason")
    supervisor.keyboard.type("sdntox")
    assert supervisor.input_value("#ask-reason") == "sdntox"
    expect(supervisor.locator("#ask")).to_be_hidden()
    assert chosen(supervisor) == []
    assert stack.one("SELECT count(*) FROM callback_event") == before


# --- how it looks


def test_how_rows_menus_reports_and_stories_look(
    stack: Stack, supervisor: Page, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    retry = {"trigger_outcome": "no_answer", "retry_number": 2, "retry_max": 3}
    found = put(
        stack,
        {"name": "Dale Pritchard", "due": -4 * 1440 - 90, **retry},
        {"name": "Paulo Neves", "due": -26, "zones": ["Europe/Lisbon"], "priority": 1000},
        {"name": "Amara Nwosu", "due": 8, "attention": "Rejected 3 times: not my skill"},
        {"name": "Sam Ito", "due": 240, "zones": []},
        {"name": "Noor Rahman", "due": 300, "priority": 2},
    )
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody")).to_contain_text("Stale, 4 days")
    supervisor.check(f"#check-{found['Paulo Neves']}")
    supervisor.check(f"#check-{found['Sam Ito']}")
    look(supervisor, "queue-selection")
    supervisor.click(".bulk-bar >> text=Reschedule")
    supervisor.click("#ask button[type=submit]")
    supervisor.wait_for_selector("#ask [aria-invalid=true]")
    look(supervisor, "queue-reschedule")
    supervisor.keyboard.press("Escape")
    supervisor.click(".bulk-bar >> text=Call now")
    supervisor.click("#ask button[type=submit]")
    heard(supervisor, "Calling 1 of 2 next. 1 refused")
    look(supervisor, "queue-report")
    supervisor.click(f"#open-{found['Sam Ito']}")
    expect(supervisor.locator("#story-name")).to_have_text("Sam Ito")
    supervisor.click("#forbid summary")
    look(supervisor, "queue-story-zone")
    supervisor.click("#story-more")
    look(supervisor, "queue-menu")
    supervisor.keyboard.press("Escape")
    supervisor.goto(f"/queue/{found['Amara Nwosu']}/")
    look(supervisor, "queue-story-page")
