"""The wallboard on a big screen: read from afar, live by itself, each tile with its rows."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import accept, call_state, go_ready
from tests.e2e.stack import Stack
from tests.e2e.test_pages import PICTURES, look
from tests.e2e.test_queue import put

ROWS = (
    ("Beatrix Lane", -41), ("Noor Rahman", -12), ("Leila Osei", -3), ("Amara Nwosu", 8),
    ("Eleni Markou", 19), ("Owen Marsh", 34), ("Marta Lindqvist", 64), ("Paulo Neves", 94),
    ("Marcus Bell", 229),
)  # fmt: skip


@pytest.fixture
def busy(stack: Stack) -> None:
    """Three overdue, three due within the hour, three later; agents in several states."""
    put(stack, *({"name": name, "due": due} for name, due in ROWS))
    # So that nobody is offered anything while the page is looked at.
    stack.rows("UPDATE callback SET callable_from = now() + interval '1 day'")
    stack.rows("UPDATE agent SET seen_at = NULL")
    people = {"nadia": "ready", "priya": "not_ready", "kofi": "not_ready"}
    for name, presence in people.items():
        stack.rows(
            "UPDATE agent SET presence = %s, since = now() - interval '70 seconds',"
            " seen_at = now() + interval '10 minutes', reason = %s"
            ' WHERE user_id = (SELECT id FROM "user" WHERE email LIKE %s)',
            presence, "Break" if name == "priya" else "", f"{name}@%",
        )  # fmt: skip
    stack.rows(
        "UPDATE callback SET state = 'working', accepted_at = now() - interval '48 seconds',"
        ' agent_id = (SELECT id FROM "user" WHERE email LIKE %s)'
        " WHERE contact_id = (SELECT id FROM contact WHERE name = 'Noor Rahman')",
        "kofi@%",
    )


def tile(page: Page, key: str) -> str:
    return page.inner_text(f"#tile-{key} .tile-value")


def test_it_reads_from_afar_and_on_a_telephone(stack: Stack, supervisor: Page, busy: None) -> None:
    supervisor.goto("/queue/")
    supervisor.click(".topnav >> text=Wallboard")
    supervisor.wait_for_selector("#tile-overdue")
    assert [tile(supervisor, key) for key in ("overdue", "at-risk", "next-hour")] == [
        "2", "1", "3 of 38",
    ]  # fmt: skip
    assert tile(supervisor, "ready") == "1 of 3"
    expect(supervisor.locator("#agents")).to_contain_text("Ready to Call")
    look(supervisor, "wallboard")
    for theme in ("light", "dark"):
        supervisor.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        supervisor.set_viewport_size({"width": 1920, "height": 1080})
        supervisor.wait_for_timeout(250)  # colours fade
        supervisor.screenshot(path=PICTURES / f"wallboard-1920-{theme}.png")
        assert Axe().run(supervisor).violations_count == 0
        # A big screen has nobody to scroll it, and numbers must be large.
        high = supervisor.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert high <= 0
        sizes = supervisor.eval_on_selector_all(
            ".tile-value", "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
        )
        assert min(sizes) >= 64


def test_no_number_leaves_its_column(stack: Stack, supervisor: Page) -> None:
    """The longest that can be: counts beyond the cap."""
    put(stack, {"name": "Beatrix Lane", "due": -41}, {"name": "Owen Marsh", "due": 5})
    stack.rows("UPDATE callback SET callable_from = now() + interval '1 day'")
    stack.rows("UPDATE agent SET seen_at = now()")
    supervisor.goto("/wallboard/")
    for width in (320, 390, 1100, 1440, 1920, 2560):
        supervisor.set_viewport_size({"width": width, "height": 1000})
        for value in (
            "1,000+<small>of 2,040</small>",
            "2<small>h 29</small>",
            "99.9<small>%</small>",
        ):
            fits = supervisor.eval_on_selector_all(
                ".tile-value",
                "(all, html) => all.every(one => { one.innerHTML = html;"
                " one.toggleAttribute('data-long', html.length > 22);"
                " return one.scrollWidth <= one.clientWidth + 1; })",
                value,
            )
            assert fits, f"{value} at {width}"
        assert supervisor.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_full_floor_fits_on_a_big_screen(stack: Stack, supervisor: Page, busy: None) -> None:
    supervisor.set_viewport_size({"width": 1920, "height": 1080})
    supervisor.goto("/wallboard/")
    supervisor.wait_for_selector("#agents li")
    supervisor.evaluate(
        "for (const list of document.querySelectorAll('.agents, .board tbody')) {"
        " const most = list.matches('.agents') ? 18 : 8;"
        " while (list.children.length < most)"
        "   list.append(list.firstElementChild.cloneNode(true)); }"
    )
    supervisor.screenshot(path=PICTURES / "wallboard-1920-full.png")
    assert supervisor.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0


def test_a_tile_leads_to_its_rows_by_keys(stack: Stack, supervisor: Page, busy: None) -> None:
    supervisor.goto("/wallboard/")
    for key, names in {
        "overdue": ["Beatrix Lane", "Leila Osei"],
        "at-risk": ["Amara Nwosu"],
        "next-hour": ["Amara Nwosu", "Eleni Markou", "Owen Marsh"],
    }.items():
        supervisor.focus(f"#tile-{key}")
        supervisor.keyboard.press("Enter")
        supervisor.wait_for_url("**/queue/?view=**")
        assert supervisor.locator("tbody tr th a").all_inner_texts() == names
        supervisor.go_back()
        supervisor.wait_for_selector("#tile-overdue")
    supervisor.click("#tile-ready")
    supervisor.wait_for_url("**/wallboard/#agents")


def test_it_follows_the_floor_by_itself_and_keeps_the_focus(
    stack: Stack, supervisor: Page, desk: Page
) -> None:
    stack.rows("UPDATE campaign SET offer_seconds = 120")
    try:
        supervisor.goto("/wallboard/")
        assert tile(supervisor, "overdue") == "0"
        supervisor.focus("#tile-overdue")
        agent = supervisor.locator("#agents li", has_text="Nadia Haddad")
        go_ready(desk)
        expect(agent).to_contain_text("Ready")
        put(stack, {"name": "Beatrix Lane", "due": -41})
        expect(agent).to_contain_text("Offered")
        expect(supervisor.locator("#tile-overdue .tile-value")).to_have_text("1")
        accept(desk)
        expect(agent).to_contain_text("Ready to Call")
        expect(supervisor.locator("#tile-overdue .tile-value")).to_have_text("0")
        desk.click("button:has-text('Call this contact')")
        call_state(desk, "Connected")
        expect(agent).to_contain_text("Connected")
        assert supervisor.evaluate("document.activeElement.id") == "tile-overdue"
    finally:
        stack.rows("UPDATE campaign SET offer_seconds = 12")


def test_one_summary_is_said_and_no_more_than_one_each_half_minute(
    stack: Stack, supervisor: Page
) -> None:
    stack.rows("UPDATE agent SET seen_at = NULL")
    supervisor.clock.install()
    supervisor.goto("/wallboard/")
    supervisor.clock.pause_at(supervisor.evaluate("Date.now() / 1000 + 1"))
    said = supervisor.locator("[data-region=status]")
    put(stack, {"name": "Beatrix Lane", "due": -41})
    with supervisor.expect_response("**/wallboard/"):
        supervisor.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    expect(supervisor.locator("#tile-overdue .tile-value")).to_have_text("1")
    expect(said).to_have_text("")
    supervisor.clock.run_for(40_000)
    expect(said).to_have_text("1 overdue, 0 agents ready")
