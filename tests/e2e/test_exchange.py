"""A file of contacts from the upload to the end, by keyboard, and the queue saved as a file."""

import csv
import io
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look

MANY = 3000


def _file(folder: Path, text: str, name: str = "people.csv") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_contacts_from_a_file_by_keyboard(
    supervisor: Page, stack: Stack, tmp_path: Path, expected_refusals: set[int]
) -> None:
    expected_refusals.add(422)
    page = supervisor
    page.goto("/exchange/")
    look(page, "exchange-empty")
    page.focus("text=Look at the file")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice[role=alert]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    look(page, "exchange-wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link leads to the field
    assert page.evaluate("document.activeElement.id") == "id_file"
    page.set_input_files(
        "#id_file",
        _file(
            tmp_path,
            "Phone,Customer,Zone,City\n"
            "020 7946 0134,Sarah Johnson,Europe/London,London\n"
            "020 7946 0134,SARAH JOHNSON,,London\n"
            "12,Nobody,,\n"
            "07400 123456,Leila Osei,Moon/Base,\n",
        ),
    )
    page.focus("text=Look at the file")
    page.keyboard.press("Enter")
    page.wait_for_selector("#columns-title")
    assert page.input_value("#id_number") == "0"
    assert page.input_value("#id_name") == "1"
    look(page, "exchange-columns")
    page.focus("text=Check every line")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said-title:has-text('What it would do')")
    look(page, "exchange-preview")
    assert stack.one("SELECT count(*) FROM contact") == 0
    page.focus(".lists-tabs a:has-text('refused')")
    page.keyboard.press("Enter")
    page.wait_for_url("**?show=refused")
    page.wait_for_selector("td:has-text('There is no such zone')")
    page.go_back()
    page.wait_for_selector("td:has-text('will be merged')")
    page.focus("text=Import 2 lines")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said-title:has-text('Imported')")
    look(page, "exchange-done")
    assert stack.rows("SELECT name FROM contact") == [("Sarah Johnson",)]
    with page.expect_download() as download:
        page.click("text=Refused lines with the reason")
    refused = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert refused[1][:6] == ["12", "Nobody", "", "", "4", "Phone"]


def test_a_long_file_goes_on_after_its_worker_was_killed(
    supervisor: Page, stack: Stack, tmp_path: Path
) -> None:
    lines = "\n".join(f"+4474{place:08d},Person {place}" for place in range(MANY))
    page = supervisor
    stack.kill("worker")
    page.goto("/exchange/")
    page.set_input_files("#id_file", _file(tmp_path, "number,name\n" + lines))
    page.click("text=Look at the file")
    page.click("text=Check every line")
    page.wait_for_selector("#busy-title, #said-title")
    stack.start("worker")
    page.wait_for_selector("#said-title:has-text('What it would do')", timeout=60_000)
    page.click(f"text=Import {MANY} lines")
    stack.wait(lambda: stack.one("SELECT count(*) FROM contact") > 0, 30)
    stack.kill("worker")
    there = stack.one("SELECT count(*) FROM contact")
    added = stack.one("SELECT added FROM exchange_job")
    assert added == there == stack.one("SELECT count(*) FROM contact_number")
    stack.start("worker")
    page.wait_for_selector("#said-title:has-text('Imported')", timeout=60_000)
    assert stack.one("SELECT count(*) FROM contact") == MANY
    assert stack.one("SELECT count(DISTINCT number_id) FROM contact_number") == MANY
    assert stack.one("SELECT added FROM exchange_job") == MANY


def test_the_queue_is_saved_as_csv_and_as_a_workbook(
    supervisor: Page, stack: Stack, ask: object, customer: Page
) -> None:
    ask()  # type: ignore[operator]
    customer.wait_for_url("**/call/**")
    supervisor.goto("/exchange/")
    for kind in ("csv", "xlsx"):
        with supervisor.expect_download() as download:
            supervisor.evaluate(f"location.assign('/queue/export/?view=all&format={kind}')")
        path = Path(download.value.path())
        if kind == "csv":
            rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        else:
            sheet = load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
            rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        assert rows[0][:3] == ["Reference", "Contact", "Number"]
        assert [row[1] for row in rows[1:]] == ["Sarah"]
