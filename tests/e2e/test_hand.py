"""While others change the queue the hand keeps what it holds: place, choice, words, clicks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import accept, call_state, go_ready, hold_first
from tests.e2e.stack import Stack
from tests.e2e.test_queue import Ids, chosen, focused, four, put

__all__ = ["four"]


def test_a_refresh_keeps_choice_focus_and_place(
    stack: Stack, supervisor: Page, customer: Page, ask: Callable[..., None]
) -> None:
    # Later today and after: the form offers a call soon only while few wait for theirs.
    found = put(stack, *({"name": f"Person {n:02d}", "due": n + 90} for n in range(40)))
    supervisor.goto("/queue/?view=all")
    one = found["Person 35"]
    supervisor.check(f"#check-{one}")
    supervisor.focus(f"#open-{one}")
    place = supervisor.evaluate("document.querySelector('#rows').scrollTop")
    assert place > 100
    ask(phone="07400 123417", name="Grace Whitcombe")
    expect(supervisor.locator("#show-newer")).to_have_text("1 new – show .")
    assert focused(supervisor) == f"open-{one}"
    supervisor.keyboard.press(".")
    expect(supervisor.locator("tbody")).to_contain_text("Grace Whitcombe")
    expect(supervisor.locator("#show-newer")).to_have_count(0)
    assert focused(supervisor) == f"open-{one}"
    assert chosen(supervisor) == [str(one)]
    assert supervisor.evaluate("document.querySelector('#rows').scrollTop") == place


def test_a_closed_dialog_gives_the_focus_back_to_a_row_drawn_anew(
    supervisor: Page, four: Ids
) -> None:
    one = four["Noor Rahman"]
    supervisor.focus(f"#open-{one}")
    supervisor.keyboard.press("t")
    supervisor.wait_for_selector("#ask[open]")
    supervisor.fill("#ask-day", "2034-02-03")
    supervisor.evaluate("document.querySelector('tbody').dataset.drawn = 'before'")
    supervisor.evaluate("document.body.dispatchEvent(new CustomEvent('queue-changed'))")
    expect(supervisor.locator("tbody[data-drawn]")).to_have_count(0)
    assert supervisor.input_value("#ask-day") == "2034-02-03"
    supervisor.keyboard.press("Escape")
    expect(supervisor.locator(f"#open-{one}")).to_be_focused()


def test_every_one_of_several_quick_actions_is_seen(
    stack: Stack, supervisor: Page, four: Ids
) -> None:
    supervisor.focus(f"#open-{four['Beatrix Lane']}")
    for left in (3, 2, 1):
        supervisor.keyboard.press("d")
        expect(supervisor.locator("tbody tr")).to_have_count(left)
    assert focused(supervisor) == f"open-{four['Leila Osei']}"


def test_an_open_menu_and_a_half_typed_reason_are_left_alone(
    stack: Stack, supervisor: Page, customer: Page, ask: Callable[..., None], four: Ids
) -> None:
    one = four["Leila Osei"]
    supervisor.click(f"#open-{one}")
    supervisor.click("#forbid summary")
    supervisor.fill("#ask-reason", "Asked by")
    supervisor.evaluate("document.querySelector('#story').dataset.drawn = 'before'")
    supervisor.click(f"#more-{one}")
    supervisor.evaluate("document.querySelector('tbody').dataset.drawn = 'before'")
    ask(phone="07400 123418", name="Grace Whitcombe")
    expect(supervisor.locator("#show-newer")).to_be_visible()
    assert supervisor.get_attribute("tbody", "data-drawn") == "before"
    expect(supervisor.locator("#row-menu")).to_be_visible()
    supervisor.keyboard.press("Escape")
    supervisor.click("#show-newer")
    expect(supervisor.locator("tbody")).to_contain_text("Grace Whitcombe")
    assert supervisor.get_attribute("#story", "data-drawn") == "before"
    assert supervisor.input_value("#ask-reason") == "Asked by"


def drawn_before(page: Page) -> list[str]:
    """Which parts are still the ones that were marked."""
    return page.eval_on_selector_all(
        "[data-drawn=before]", "parts => parts.map(part => part.id).sort()"
    )


@pytest.mark.parametrize("held", ["mouse", "space"])
def test_nothing_is_drawn_anew_between_press_and_release(
    stack: Stack, supervisor: Page, four: Ids, held: str
) -> None:
    one = four["Leila Osei"]
    supervisor.click(f"#open-{one}")
    supervisor.locator("#forbid summary").hover()
    for part in ("queue-list", "story"):
        supervisor.evaluate(f"document.getElementById('{part}').dataset.drawn = 'before'")
    if held == "mouse":
        supervisor.mouse.down()
    else:
        supervisor.focus(f"#check-{one}")
        supervisor.keyboard.down(" ")
    stack.rows("UPDATE callback SET attention = 'Look' WHERE id = %s", one)
    with supervisor.expect_response("**/queue/news/**"):  # what may be drawn meanwhile has been
        for name in ("queue-changed", "resync"):
            supervisor.evaluate(f"document.body.dispatchEvent(new CustomEvent('{name}'))")
    supervisor.wait_for_timeout(300)
    assert drawn_before(supervisor) == ["queue-list", "story"]
    if held == "mouse":
        supervisor.mouse.up()
        expect(supervisor.locator("#forbid")).to_have_attribute("open", "")
        supervisor.click("#forbid summary")
    else:
        supervisor.keyboard.up(" ")
    expect(supervisor.locator("[data-drawn]")).to_have_count(0)  # nothing is owed for ever
    assert chosen(supervisor) == ([str(one)] if held == "space" else [])


def test_an_answer_finds_the_form_that_asked_although_the_story_changed(
    stack: Stack, supervisor: Page, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    one = put(stack, {"name": "Sam Ito", "zones": [], "due": 60})["Sam Ito"]
    supervisor.goto("/queue/?view=all")
    supervisor.click(f"#open-{one}")
    late = hold_first(supervisor, "**/queue/zone/**")
    supervisor.click("text=Set the zone")
    stack.wait(lambda: supervisor.wait_for_timeout(50) or late)
    stack.rows("UPDATE callback SET attention = 'Look' WHERE id = %s", one)
    with supervisor.expect_response("**/queue/news/**"):
        supervisor.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    supervisor.wait_for_timeout(300)
    late[0]()
    expect(supervisor.locator("#ask-zone_error")).to_contain_text("Choose a zone from the list")


@pytest.mark.parametrize("part", ["desk", "call"])
def test_on_the_desk_a_press_is_not_drawn_away_either(
    desk: Page, ask: Callable[..., None], part: str
) -> None:
    go_ready(desk)
    ask(phone="07400 123400", name="Leila Osei")
    desk.wait_for_selector("dialog.offer[open]")
    button = desk.locator("dialog.offer[open] button:has-text('Accept')")
    if part == "call":
        accept(desk)
        button = desk.locator("#call-dial")
    desk.wait_for_timeout(500)  # what comes with an offer or its acceptance has come
    button.evaluate("button => (button.dataset.drawn = 'before')")
    button.hover()
    desk.mouse.down()
    if part == "desk":  # the work on the screen is not drawn again, the offer is
        desk.evaluate("document.getElementById('shown').value = ''")
    with desk.expect_response(f"**/desk/{'?shown=*' if part == 'desk' else 'call/'}"):
        desk.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    desk.wait_for_timeout(300)
    assert desk.locator("[data-drawn]").count() == 1
    desk.mouse.up()
    if part == "desk":
        desk.wait_for_selector("#work")
    else:
        call_state(desk, "Connected")


def test_however_much_happens_news_are_asked_for_at_their_pace(supervisor: Page, four: Ids) -> None:
    supervisor.click(f"#open-{four['Leila Osei']}")
    supervisor.wait_for_selector("#forbid summary")
    asked: list[str] = []
    supervisor.on("request", lambda request: asked.append(request.url))
    for _ in range(40):  # two seconds of it, and the pace is three
        supervisor.evaluate(
            "['queue-news', 'story'].forEach((id) => htmx.trigger(`#${id}`, 'sse:queue'))"
        )
        supervisor.wait_for_timeout(50)
    assert 1 <= len([url for url in asked if "/queue/news/" in url]) <= 3
    assert len([url for url in asked if url.endswith(f"/queue/{four['Leila Osei']}/")]) <= 3
