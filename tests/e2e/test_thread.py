"""The main job from end to end, in two windows."""

import statistics
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.e2e.conftest import accept, call_state, go_ready, hold_first
from tests.e2e.stack import Stack

Ask = Callable[..., None]


def press(page: Page, key: str, until: str) -> None:
    """Press a key as a person does: again, when a busy machine has not followed within 3 s."""
    for _ in range(4):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
        try:
            page.wait_for_selector(until, timeout=3_000)
        except NotInTime:
            continue
        return
    raise AssertionError(f"{key} did not lead to {until}")


def test_a_request_becomes_an_informed_call(
    stack: Stack, customer: Page, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    ask(phone="07400 123410", about="I was charged twice for October", name="Sarah Johnson")
    customer.wait_for_url("**/call/**")
    assert "We will call you" in customer.inner_text("h1")
    desk.wait_for_selector("dialog.offer[open]")
    assert "I was charged twice for October" in desk.inner_text("dialog.offer")
    assert desk.evaluate("document.activeElement.id") == "offer-name"
    accept(desk)
    desk.fill("[name=note]", "Half a note")
    desk.click("button:has-text('Call this contact')")
    call_state(desk, "Establishing")
    call_state(desk, "Connected")
    desk.click("button:has-text('End call')")
    call_state(desk, "Ready to Call")
    assert desk.input_value("[name=note]") == "Half a note"
    desk.click("label:has-text('Resolved') >> nth=0")
    desk.click("button:has-text('Done')")
    desk.wait_for_selector(".state-line:has-text('Wrap-up')")
    desk.wait_for_selector(".state-line:has-text('Ready')")
    customer.reload()
    assert customer.inner_text("h1") == "We have spoken"
    assert stack.dials("123410") == ["+447400123410"]
    story = stack.rows("SELECT name, to_state FROM callback_event ORDER BY id")
    assert story == [
        ("request", "scheduled"),
        ("offer", "offered"),
        ("accept", "working"),
        ("done", "completed"),
    ]
    assert stack.one("SELECT summary FROM interaction") == "Half a note"


@pytest.mark.parametrize("answered", ["before", "after"])
def test_a_late_answer_never_draws_over_a_half_typed_note(
    stack: Stack, desk: Page, ask: Ask, answered: str
) -> None:
    """Asked for before Accept, answered before or after it, arriving while the agent types."""
    go_ready(desk)
    ask()
    desk.wait_for_selector("dialog.offer[open]")
    late: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        if late:
            route.continue_()
        elif answered == "before":
            response = route.fetch()
            late.append(lambda: route.fulfill(response=response))
        else:
            late.append(route.continue_)

    desk.route("**/desk/?shown=*", hold)
    desk.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    stack.wait(lambda: desk.wait_for_timeout(50) or late)
    accept(desk)
    desk.fill("[name=note]", "Half a note")
    with desk.expect_response("**/desk/?shown=*"):
        late[0]()
    desk.wait_for_timeout(500)
    assert desk.input_value("[name=note]") == "Half a note"
    assert desk.locator("dialog.offer").count() == 0
    assert stack.one("SELECT state FROM callback") == "working"


def test_a_late_answer_to_the_menu_does_not_cover_an_offer(
    stack: Stack, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    late = hold_first(desk, "**/desk/presence/")
    desk.click("#presence")
    desk.click("#presence-menu button:has-text('Ready') >> nth=0")
    stack.wait(lambda: desk.wait_for_timeout(50) or late)
    ask()
    desk.wait_for_selector("dialog.offer[open]")
    with desk.expect_response("**/desk/presence/"):
        late[0]()
    desk.wait_for_timeout(500)
    assert desk.locator("dialog.offer[open]").count() == 1
    accept(desk)


def test_not_ready_during_the_work_keeps_a_half_typed_note(
    stack: Stack, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    ask()
    desk.wait_for_selector("dialog.offer[open]")
    accept(desk)
    desk.fill("[name=note]", "Half a note")
    desk.click("#presence")
    desk.click("#presence-menu button:has-text('Break')")
    stack.wait(
        lambda: (
            desk.wait_for_timeout(50) or stack.rows("SELECT 1 FROM agent WHERE reason = 'Break'")
        )
    )
    desk.wait_for_timeout(300)
    assert desk.input_value("[name=note]") == "Half a note"


def test_the_whole_thread_works_by_keyboard_alone(
    stack: Stack, customer: Page, desk: Page, ask: Ask
) -> None:
    desk.keyboard.press("g")
    desk.keyboard.press("r")
    desk.wait_for_selector("text=The next callback opens here by itself")
    customer.goto("/")
    customer.keyboard.press("Tab")
    customer.keyboard.press("Enter")
    for text in ("About my meter", "07400 123411", "Owen"):
        customer.keyboard.press("Tab")
        customer.keyboard.type(text)
    customer.keyboard.press("Enter")
    customer.wait_for_url("**/call/**")
    desk.wait_for_selector("dialog.offer[open]")
    desk.wait_for_timeout(450)
    press(desk, "a", "#work")
    desk.keyboard.press("c")
    call_state(desk, "Connected")
    press(desk, "h", ".call-state:has-text('On Hold')")
    press(desk, "h", ".call-state:has-text('Connected')")
    press(desk, "e", ".call-state:has-text('Ready to Call')")
    desk.keyboard.press("2")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(".state-line:has-text('Wrap-up')")
    assert stack.one("SELECT state FROM callback") == "completed"


def test_a_request_reaches_a_ready_desk_within_a_second(
    stack: Stack,
    customer: Page,
    desk: Page,
    ask: Ask,
    record_property: Callable[[str, object], None],
) -> None:
    """The median of 20, from the press of the button to the preview on the agent's screen.

    The limit is 1 s. It is printed and not asserted, since a busy machine is no defect; what must
    hold anywhere is that the stream brings the offer, and no reload.
    """
    waits = []
    for number in range(20):
        stack.clean()
        stack.rows("UPDATE agent SET presence = 'ready' WHERE user_id = "
                   "(SELECT id FROM \"user\" WHERE email = 'nadia@example.com')")  # fmt: skip
        desk.goto("/desk/")
        desk.wait_for_selector("text=The next callback opens here by itself")
        desk.wait_for_timeout(150)  # the stream of the page that was left is closed
        customer.goto("/")
        customer.fill("#phone", f"07400 1234{number + 20}")
        began = time.monotonic()
        customer.click("form.ask button[type=submit]", no_wait_after=True)
        desk.wait_for_selector("dialog.offer[open]")
        waits.append(time.monotonic() - began)
    median = statistics.median(waits)
    record_property(
        "measured",
        f"request to preview: median {median:.3f} s of {len(waits)} (limit 1 s), "
        f"slowest {max(waits):.3f} s",
    )
    assert desk.evaluate("performance.getEntriesByType('navigation').length") == 1
    assert median < 5


def test_sending_the_form_twice_gives_one_callback(
    stack: Stack, customer: Page, windows: object
) -> None:
    customer.goto("/")
    customer.fill("#phone", "07400 123412")
    customer.evaluate("""() => {
      const form = document.querySelector("form.ask");
      const send = () => fetch(form.action, {method: "POST", body: new FormData(form)});
      return Promise.all([send(), send(), send()]);
    }""")
    assert stack.one("SELECT count(*) FROM callback") == 1
    customer.click("form.ask button[type=submit]")
    customer.wait_for_url("**/call/**")
    assert stack.one("SELECT count(*) FROM callback") == 1


def test_a_second_request_is_merged_and_says_so(stack: Stack, customer: Page, ask: Ask) -> None:
    ask(phone="07400 123413", about="First")
    customer.wait_for_url("**/call/**")
    ask(phone="+44 7400 123413", about="Second thought")
    customer.wait_for_url("**/call/**")
    assert "You already had a call with us" in customer.inner_text("main")
    assert stack.rows("SELECT about FROM callback") == [("First\n\nSecond thought",)]


def test_the_customer_cancels_and_the_preview_closes_with_the_reason(
    stack: Stack, customer: Page, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    ask(phone="07400 123414")
    customer.wait_for_url("**/call/**")
    desk.wait_for_selector("dialog.offer[open]")
    customer.click("text=Cancel the call")
    customer.wait_for_selector("text=This call is cancelled")
    desk.wait_for_selector("dialog.offer", state="detached")
    desk.wait_for_selector("text=The customer cancelled")
    assert stack.rows("SELECT state FROM callback") == [("cancelled",)]


def test_an_offer_that_comes_after_its_withdrawal_is_not_shown(
    stack: Stack, customer: Page, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    late = hold_first(desk, "**/desk/?shown=*")
    desk.evaluate("document.querySelector('[data-region=alert]').textContent = ''")
    ask(phone="07400 123416")
    stack.wait(lambda: desk.wait_for_timeout(50) or late)
    customer.wait_for_url("**/call/**")
    customer.click("text=Cancel the call")
    customer.wait_for_selector("text=This call is cancelled")
    expect(desk.locator("#why")).to_contain_text("The customer cancelled")
    with desk.expect_response("**/desk/?shown=*"):
        late[0]()
    desk.wait_for_timeout(500)
    expect(desk.locator("#why")).to_be_visible()
    expect(desk.locator("#desk")).to_contain_text("opens here by itself")
    assert desk.inner_text("[data-region=alert]") == ""  # and it did not ring


def test_cancelling_during_the_work_is_shown_to_the_agent_at_once(
    stack: Stack, customer: Page, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    ask(phone="07400 123415")
    customer.wait_for_url("**/call/**")
    desk.wait_for_selector("dialog.offer[open]")
    accept(desk)
    customer.reload()
    customer.click("text=Cancel the call")
    desk.wait_for_selector("text=The customer asked to cancel")
    assert stack.rows("SELECT state FROM callback") == [("working",)]


@pytest.mark.parametrize(("word", "tone"), [("light", "light"), ("dark", "dark")])
def test_the_theme_is_chosen_and_kept(desk: Page, word: str, tone: str) -> None:
    desk.emulate_media(color_scheme="light" if tone == "dark" else "dark")
    desk.click("#presence")
    desk.click("[data-theme-toggle]")
    assert desk.evaluate("document.documentElement.dataset.theme") == tone
    desk.reload()
    assert desk.evaluate("document.documentElement.dataset.theme") == tone
