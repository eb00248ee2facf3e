"""Do not call: the supervisors' list and the customers' way onto it, by keyboard, in all looks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look

Ask = Callable[..., None]
MANY = 2500  # more than the page itself takes


def _file(folder: Path, text: str) -> str:
    path = folder / "opt-outs.csv"
    path.write_text(text)
    return str(path)


def test_the_list_from_empty_to_an_answer(
    supervisor: Page, stack: Stack, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    page = supervisor
    page.click(".topnav >> text=Do not call")
    page.wait_for_selector("text=The list is empty")
    look(page, "dnc-empty")
    page.focus("#add-number")  # from here on by keyboard alone
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice[role=alert]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    look(page, "dnc-wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link leads to the field
    assert page.evaluate("document.activeElement.id") == "add-number"
    page.keyboard.press("Control+A")
    page.keyboard.type("020 7946 0134")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Asked by letter")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=The number ending 0134 is on the list now")
    page.focus("#search-number")
    page.keyboard.type("+44 20 7946 0134")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=On the list >> nth=0")
    look(page, "dnc-found")
    assert stack.one("SELECT count(*) FROM do_not_call") == 1


def test_a_file_from_choosing_to_its_report(supervisor: Page, stack: Stack, tmp_path: Path) -> None:
    page = supervisor
    page.goto("/do-not-call/")
    lines = [
        "number,campaign,reason,note",
        "020 7946 0134,,By letter,x",
        "12,,,",
        "07400 123499,no-such,,",
    ]
    page.set_input_files("#upload-file", _file(tmp_path, "\n".join(lines)))
    page.click("text=Check the file")
    page.wait_for_selector("#ready-title")
    look(page, "dnc-checked")
    page.click("text=List 1 number")
    page.wait_for_selector("#done-title")
    look(page, "dnc-imported")
    with page.expect_download() as download:
        page.click("text=Report of every line")
    report = Path(download.value.path()).read_text()
    assert "4,refused,campaign,unknown" in report
    assert stack.one("SELECT count(*) FROM do_not_call") == 1


def test_a_large_file_waits_for_the_worker_and_says_how_far_it_is(
    supervisor: Page, stack: Stack, tmp_path: Path
) -> None:
    numbers = "\n".join(f"+447400{place:06d}" for place in range(MANY))
    supervisor.goto("/do-not-call/")
    stack.kill("worker")
    try:
        supervisor.set_input_files("#upload-file", _file(tmp_path, "number\n" + numbers))
        supervisor.click("text=Check the file")
        supervisor.wait_for_selector("text=1000 lines looked at")
        look(supervisor, "dnc-checking")
    finally:
        stack.start("worker")
    supervisor.wait_for_selector("#ready-title", timeout=60_000)
    assert "Checked:" in (supervisor.text_content("#job-said") or "")
    supervisor.click("form[action$='start/'] button")
    supervisor.wait_for_selector("#done-title", timeout=60_000)
    assert stack.one("SELECT count(*) FROM do_not_call") == MANY


def test_do_not_call_me_again(customer: Page, stack: Stack, ask: Ask) -> None:
    ask(phone="07400 123417")
    customer.wait_for_url("**/call/**")
    customer.focus("text=Do not call me again")
    customer.keyboard.press("Enter")
    customer.wait_for_selector("h1:has-text('Shall we never call you again?')")
    assert stack.one("SELECT count(*) FROM do_not_call") == 0  # asking is not doing
    look(customer, "opt-out")
    customer.focus("form button[type=submit]")
    customer.keyboard.press("Enter")
    customer.wait_for_selector("h1:has-text('We will not call you again')")
    look(customer, "opt-out-done")
    assert stack.rows("SELECT scope, source FROM do_not_call") == [("", "form")]
    assert stack.one("SELECT state FROM callback") == "cancelled"


def test_do_not_call_me_again_without_script(windows: Any, stack: Stack, ask: Ask) -> None:
    ask(phone="07400 123418")
    stack.wait(lambda: stack.one("SELECT count(*) FROM callback") == 1)
    public_id = stack.one("SELECT public_id FROM callback")
    page = windows.open(java_script_enabled=False)
    page.goto(f"/call/{public_id}/")
    page.click("text=Do not call me again")
    page.click("button:has-text('Do not call me again')")
    page.wait_for_selector("text=We will not call you again")
    assert stack.one("SELECT count(*) FROM do_not_call") == 1
