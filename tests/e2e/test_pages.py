"""Every page in both themes, from 390 px up: no axe violation, nothing scrolls sideways."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import accept, call_state
from tests.e2e.stack import ROOT, Stack

Ask = Callable[..., None]
LOOKS = [(width, theme) for width in (1440, 390) for theme in ("light", "dark")]
PICTURES = Path(os.environ.get("RINGBACK_PICTURES", ROOT / "screenshots"))
HISTORY = (
    "Charged £42.50 twice for October. Asked for one back. Sent to billing for approval; "
    "told to expect an answer by Friday noon."
)


CUT = """[...document.querySelectorAll(".line > li > time")]
  .filter((time) => time.scrollWidth > time.clientWidth + 1).map((time) => time.textContent)"""


def look(page: Page, name: str) -> None:
    """In each width and theme: a picture, axe, and no sideways scrolling."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, theme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900 if width > 1000 else 844})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        page.wait_for_timeout(250)  # colours fade
        page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name} {width} {theme}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} scrolls sideways by {wide} px at {width}"
        assert page.evaluate(CUT) == [], f"{name}: a time is wider than its place at {width}"
    page.set_viewport_size({"width": 1440, "height": 900})


def _give_history(stack: Stack) -> None:
    """Make the only contact somebody whom we know."""
    stack.rows(
        "INSERT INTO intent"
        " (contact_id, name, detail, status, campaign_slug, attempt_count, opened_at) "
        "SELECT contact.id, known.name, known.detail, 'open', '', known.tries, now() - known.age "
        "FROM contact, (VALUES"
        " ('Refund waiting for approval', 'Opened on the phone', 1, interval '50 hours'),"
        " ('Asked for a line on the November bill', 'By e-mail', 0, interval '26 hours')"
        ") AS known(name, detail, tries, age)"
    )
    stack.rows(
        "INSERT INTO interaction (contact_id, channel, at, subject, summary, with_whom, seconds) "
        "SELECT contact.id, past.channel, now() - past.ago, past.subject, past.summary,"
        " past.who, past.seconds FROM contact, (VALUES"
        " ('call_in', interval '2 days', 'Double charge', %s::text, 'Tomasz Reuter', 372),"
        " ('chat', interval '172 days', 'Moved house', 'New meter read and booked', 'Priya Nair',"
        " NULL)) AS past(channel, ago, subject, summary, who, seconds)",
        HISTORY,
    )
    stack.rows("""UPDATE callback SET "case" = '{"Account": "LE-88213", "Amount": "£42.50"}'""")


def test_the_form(customer: Page, expected_refusals: set[int]) -> None:
    expected_refusals.add(422)
    customer.goto("/")
    look(customer, "form")
    customer.click("text=At a time I choose")
    look(customer, "form-slots")
    customer.fill("#phone", "0134")
    customer.click("form.ask button[type=submit]")
    customer.wait_for_selector(".error-summary")
    assert customer.evaluate("document.activeElement.className") == "error-summary"
    described = customer.get_attribute("#phone", "aria-describedby") or ""
    assert "phone-error" in described.split()
    look(customer, "form-error")


def test_the_form_without_script(windows: Any, stack: Stack) -> None:
    page = windows.open(java_script_enabled=False)
    page.goto("/")
    page.fill("#phone", "07400 123416")
    page.click("form.ask button[type=submit]")
    page.wait_for_url("**/call/**")
    assert stack.one("SELECT count(*) FROM callback") == 1


def test_the_form_shows_times_of_the_browsers_zone_and_of_a_chosen_one(windows: Any) -> None:
    page = windows.open(zone="America/New_York")
    page.goto("/")
    page.wait_for_selector("text=All times are New York time")
    page.click("text=Change")
    page.select_option("select[name=zone]", "Europe/Lisbon")
    page.click("text=Show these times")
    page.wait_for_selector("text=All times are Lisbon time")


def test_the_status_page(customer: Page, ask: Ask) -> None:
    ask(phone="07400 123417")
    customer.wait_for_url("**/call/**")
    look(customer, "status")
    customer.click("text=Cancel the call")
    customer.wait_for_selector("text=This call is cancelled")
    look(customer, "status-cancelled")


def test_signing_in(windows: Any) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    look(page, "login")
    page.fill("[name=login]", "nadia@example.com")
    page.fill("[name=password]", "not this one")
    page.click("button[type=submit]")
    page.wait_for_selector("[role=alert]")
    look(page, "login-error")


def test_the_desk_through_all_its_states(stack: Stack, desk: Page, ask: Ask) -> None:
    # Looking takes longer than a second: nothing may run out meanwhile.
    stack.rows("UPDATE campaign SET offer_seconds = 120, wrap_up_seconds = 120")
    try:
        look(desk, "desk-not-ready")
        ask(phone="07400 123400", about="Refund for a duplicate charge", name="Sarah Johnson")
        stack.wait(lambda: stack.one("SELECT count(*) FROM callback") == 1)
        _give_history(stack)
        desk.click("text=Go Ready")
        desk.wait_for_selector("dialog.offer[open]")
        look(desk, "desk-offer")
        accept(desk)
        look(desk, "desk-working")
        desk.click("button:has-text('Call this contact')")
        call_state(desk, "Connected")
        look(desk, "desk-connected")
        desk.keyboard.press("h")
        call_state(desk, "On Hold")
        look(desk, "desk-on-hold")
        desk.keyboard.press("e")
        call_state(desk, "Ready to Call")
        desk.click(".keycap:has-text('Call again')")
        look(desk, "desk-ended")
        desk.click(".keycap:has-text('Resolved')")
        desk.click("button:has-text('Done')")
        desk.wait_for_selector(".state-line:has-text('Wrap-up')")
        look(desk, "desk-wrap-up")
    finally:
        stack.rows("UPDATE campaign SET offer_seconds = 12, wrap_up_seconds = 3")


@pytest.mark.parametrize("view", ["overdue", "today", "week", "all", "attention"])
def test_an_empty_queue_says_what_comes_next(supervisor: Page, view: str) -> None:
    supervisor.goto(f"/queue/?view={view}")
    assert "Requests from the web form appear here by themselves" in supervisor.inner_text("main")


def test_the_queue_and_a_story(stack: Stack, supervisor: Page, customer: Page, ask: Ask) -> None:
    for number, name in ((21, "Beatrix Lane"), (22, "Owen Marsh"), (23, "Noor Rahman")):
        ask(phone=f"07400 1234{number}", name=name, about="Meter exchange")
        customer.wait_for_url("**/call/**")
    stack.rows(
        "UPDATE callback SET due_at = now() - interval '41 minutes', trigger_outcome = 'busy', "
        "retry_number = 2, retry_max = 5 WHERE id = (SELECT min(id) FROM callback)"
    )
    stack.happened_earlier("4 days", "callback_id = (SELECT min(id) FROM callback)")
    supervisor.goto("/queue/")
    assert "Overdue 41 min" in supervisor.inner_text("tbody")
    assert "Retry 2 of 5" in supervisor.inner_text("tbody")
    look(supervisor, "queue-overdue")
    supervisor.goto("/queue/?view=all")
    look(supervisor, "queue-all")
    supervisor.click("tbody tr:first-child a")
    supervisor.wait_for_selector("#story-name")
    look(supervisor, "queue-story")
    supervisor.click("#story-more")
    supervisor.click("text=Cancel all retries")
    supervisor.wait_for_selector(".verdict:has-text('Cancelled by a supervisor')")
    expect(supervisor.locator("tbody tr")).to_have_count(2)


def test_the_health_page_follows_the_beat(stack: Stack, supervisor: Page) -> None:
    begun = (
        "INSERT INTO hours_change (region, reason, started_at, asked_at, last_id, checked, changed,"
        " total) SELECT 'FR', 'Quiet hours changed', now(), now() - interval '4 minutes', 0, 1500,"
        " 12, 6000 RETURNING id"
    )
    change = stack.one(begun)
    with psycopg.connect(stack.url) as holder:
        # Held here, the beat passes it over: somebody else works on it.
        holder.execute("SELECT FROM hours_change WHERE id = %s FOR UPDATE", (change,))
        supervisor.goto("/queue/")
        supervisor.click(".topnav >> text=Health")
        supervisor.wait_for_selector("#sweep-roll_windows:has-text('On time')")
        supervisor.wait_for_selector("text=1,500 of 6,000 callbacks looked at, 12 moved")
        look(supervisor, "health")
    # The page looks again by itself: nobody touches it any more.
    supervisor.wait_for_selector(f"#change-{change}", state="detached")


def test_a_supervisor_pauses_a_campaign_and_resumes_it(stack: Stack, supervisor: Page) -> None:
    try:
        supervisor.goto("/campaigns/")
        look(supervisor, "campaigns")
        supervisor.focus("#offers-web-requests")
        supervisor.keyboard.press("Enter")
        supervisor.wait_for_selector(".campaign:has-text('Paused by Ruth Adeyemi')")
        # The button that was pressed is the one that takes it back, and keeps the focus.
        assert supervisor.evaluate("document.activeElement.id") == "offers-web-requests"
        supervisor.click("text=Close intake")
        supervisor.wait_for_selector(".campaign:has-text('Intake closed')")
        supervisor.click("summary:has-text('Retry policy')")
        look(supervisor, "campaigns-paused")
        assert stack.one("SELECT dials OR takes_requests FROM campaign") is False
        supervisor.click("text=Resume offers")
        supervisor.click("text=Open intake")
        supervisor.wait_for_selector(".campaign:has-text('Takes requests')")
        assert stack.one("SELECT dials AND takes_requests FROM campaign") is True
    finally:
        stack.rows("UPDATE campaign SET dials = true, paused_by = '', takes_requests = true")


def test_switches_work_without_script(windows: Any, stack: Stack) -> None:
    windows.sign_in("ruth@example.com")
    page = windows.open(java_script_enabled=False, storage_state=stack.cookies["ruth@example.com"])
    try:
        page.goto("/campaigns/")
        page.click("text=Pause offers")
        page.wait_for_selector(".campaign:has-text('Paused by Ruth Adeyemi')")
        assert page.url.endswith("/campaigns/#campaign-web-requests")
    finally:
        stack.rows("UPDATE campaign SET dials = true, paused_by = ''")


def test_an_administrator_looks_ahead_in_any_zone(
    stack: Stack, supervisor: Page, expected_refusals: set[int]
) -> None:
    expected_refusals.add(404)  # Django's own pages name no icon, so the browser asks for one
    change = "UPDATE \"user\" SET is_staff = %s, is_superuser = %s WHERE email LIKE 'ruth@%%'"
    stack.rows(change, True, True)
    try:
        supervisor.goto(f"/admin/campaigns/campaign/{stack.one('SELECT id FROM campaign')}/change/")
        supervisor.select_option("#ahead-zone", "Asia/Tokyo")
        supervisor.click("text=Look ahead")
        supervisor.wait_for_selector("#ahead li:has-text('in Tokyo')")
        assert "After voicemail, call again up to 3 times" in supervisor.inner_text("#policy")
        supervisor.screenshot(path=PICTURES / "admin-campaign.png", full_page=True)
    finally:
        stack.rows(change, False, False)


def test_new_rows_arrive_by_themselves(supervisor: Page, customer: Page, ask: Ask) -> None:
    supervisor.goto("/queue/?view=all")
    ask(phone="07400 123424", name="Grace Whitcombe")
    supervisor.wait_for_selector("tbody tr:has-text('Grace Whitcombe')")
