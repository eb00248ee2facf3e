"""What an agent may answer, and what happens when they do not."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import accept, go_ready
from tests.e2e.stack import Stack

Ask = Callable[..., None]


def test_an_offer_that_nobody_answers_is_redirected_and_says_missed(
    stack: Stack, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    ask(phone="07400 123450")
    desk.wait_for_selector("dialog.offer[open]")
    desk.wait_for_selector("text=You missed an offer")
    assert stack.rows("SELECT state, agent_id FROM callback") == [("scheduled", None)]
    desk.click("button:has-text('Back to Ready')")
    desk.wait_for_selector("dialog.offer[open]")


def test_a_rejected_offer_goes_to_the_next_agent_without_penalty(
    stack: Stack, desk: Page, windows: Any, ask: Ask
) -> None:
    go_ready(desk)
    ask(phone="07400 123451")
    desk.wait_for_selector("dialog.offer[open]")
    other = windows.sign_in("priya@example.com")
    go_ready(other)
    desk.click("dialog.offer button:has-text('Reject')")
    desk.click("text=Needs another skill")
    other.wait_for_selector("dialog.offer[open]")
    desk.wait_for_selector("dialog.offer", state="detached")
    assert "Ready" in desk.inner_text(".state-line")
    accept(other)


def test_a_stale_tab_is_told_that_it_was_taken_and_changes_nothing(
    stack: Stack, desk: Page, windows: Any, ask: Ask, expected_refusals: set[int]
) -> None:
    expected_refusals.add(409)
    go_ready(desk)
    ask(phone="07400 123452")
    desk.wait_for_selector("dialog.offer[open]")
    accept_url = desk.get_attribute("dialog.offer [data-key=a]", "hx-post")
    other = windows.sign_in("priya@example.com")
    go_ready(other)
    desk.keyboard.press("r")
    desk.keyboard.press("1")
    other.wait_for_selector("dialog.offer[open]")
    accept(other)
    before = stack.rows("SELECT state, agent_id, claim_version FROM callback")
    status = desk.evaluate(
        """async (url) => {
          const token = JSON.parse(document.querySelector("rb-live").getAttribute("hx-headers"));
          const reply = await fetch(url, {method: "POST", headers: token});
          return [reply.status, await reply.text()];
        }""",
        accept_url,
    )
    assert status[0] == 409
    assert "Taken. Another agent has this callback now." in status[1]
    assert stack.rows("SELECT state, agent_id, claim_version FROM callback") == before


# The key comes right as the preview opens, however slow the machine is.
TYPED = """() => document.addEventListener('htmx:afterSwap', () => {
  if (!document.querySelector('dialog.offer[open]')) return;
  document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}));
})"""


def test_escape_answers_nothing_and_a_typed_word_accepts_nothing(
    stack: Stack, desk: Page, ask: Ask
) -> None:
    go_ready(desk)
    desk.evaluate(TYPED)
    ask(phone="07400 123453")
    desk.wait_for_selector("dialog.offer[open]")
    desk.keyboard.press("Escape")
    desk.wait_for_timeout(300)
    assert desk.is_visible("dialog.offer[open]")
    assert stack.rows("SELECT state FROM callback") == [("offered",)]


def test_the_title_counts_and_the_reader_hears_an_offer(desk: Page, ask: Ask) -> None:
    go_ready(desk)
    assert desk.title() == "Ready · Ringback"
    ask(phone="07400 123454", about="Moving house", name="Paulo Neves")
    desk.wait_for_selector("dialog.offer[open]")
    assert desk.title() == "(1) Paulo Neves: callback offered"
    heard = desk.inner_text("[data-region=alert]")
    assert heard == "Callback offered: Paulo Neves, Moving house. 12 seconds to answer."


def test_a_lost_connection_is_said_and_what_was_missed_is_shown_again(
    stack: Stack, desk: Page, ask: Ask, windows: Any
) -> None:
    go_ready(desk)
    desk.context.set_offline(True)
    desk.wait_for_selector("#offline:not([hidden])")
    ask(phone="07400 123455")
    desk.context.set_offline(False)
    desk.wait_for_selector("dialog.offer[open]")
    desk.wait_for_selector("#offline", state="hidden")
    # What the page could not fetch meanwhile is no trouble of the page.
    gone = ("ERR_INTERNET_DISCONNECTED", "htmx:")
    windows.troubles[:] = [
        line for line in windows.troubles if not any(word in line for word in gone)
    ]
