"""Browsing the queue: filters and pages in the address, saved views, news that move nothing."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.stack import Stack
from tests.e2e.test_pages import look
from tests.e2e.test_queue import focused, put

Ask = Callable[..., None]
RETRY = {"trigger_outcome": "no_answer", "retry_number": 2, "retry_max": 3}


def test_filters_live_in_the_address_and_come_back_with_back(
    stack: Stack, supervisor: Page
) -> None:
    put(stack, {"name": "Beatrix Lane", **RETRY}, {"name": "Owen Marsh"})
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(2)
    supervisor.click("#pill-outcome")
    supervisor.check("#filter-outcome >> text=No answer")
    supervisor.click("#filter-outcome >> text=Apply")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    assert supervisor.url.endswith("/queue/?view=all&outcome=no_answer")
    expect(supervisor.locator("#pill-outcome")).to_have_text("Outcome: No answer")
    expect(supervisor.locator("#tab-overdue")).to_have_text("1 Overdue")
    supervisor.fill("[type=search]", "marsh")
    supervisor.keyboard.press("Enter")
    expect(supervisor.locator(".queue-empty h2")).to_have_text("Nothing matches these filters")
    supervisor.go_back()
    expect(supervisor.locator("tbody")).to_contain_text("Beatrix Lane")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    supervisor.click("#tab-overdue")
    assert supervisor.url.endswith("/queue/?view=overdue&outcome=no_answer")
    supervisor.click("text=Clear all")
    expect(supervisor.locator("tbody tr")).to_have_count(2)


def test_the_rows_fit_and_their_menus_are_in_sight(stack: Stack, supervisor: Page) -> None:
    priya = stack.one("""SELECT id FROM "user" WHERE email = 'priya@example.com'""")
    put(
        stack,
        {"name": "Wilhelmina Featherstonehaugh", "due": -6000, "zones": [], **RETRY},
        {"name": "Maximiliano Hernández-Villalobos", "zones": ["America/Los_Angeles"],
         "due": -2000, "about": "Charged twice for October, and nobody called back", **RETRY},
        {"name": "Li Na", "due": 3000, "reserved_for_id": priya, "attention": "Rejected 3×"},
    )  # fmt: skip
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(3)
    wider = "((rows) => rows.scrollWidth - rows.clientWidth)(document.getElementById('rows'))"
    for width in (1920, 1440, 1366, 1280, 1100, 1024, 900, 768, 390, 320):
        supervisor.set_viewport_size({"width": width, "height": 900})
        assert supervisor.evaluate(wider) == 0, width
        if width >= 900:  # below, a row is a small block whose actions are in its story
            expect(supervisor.locator("tbody .row-end button").last).to_be_in_viewport(ratio=1)


def test_a_view_is_saved_opened_and_deleted(stack: Stack, supervisor: Page) -> None:
    put(stack, {"name": "Beatrix Lane", **RETRY}, {"name": "Owen Marsh"})
    supervisor.goto("/queue/?view=all&outcome=no_answer&order=age")
    supervisor.click("#pill-views")
    supervisor.fill("#view-name", "Nobody answered")
    with supervisor.expect_navigation():
        supervisor.keyboard.press("Enter")
    assert supervisor.url.endswith("/queue/?view=all&outcome=no_answer&order=age")
    supervisor.goto("/queue/")
    supervisor.click("#pill-views")
    supervisor.click("text=Nobody answered")
    expect(supervisor.locator("tbody tr")).to_have_count(1)
    supervisor.click("#pill-views")
    supervisor.click("[aria-label='Delete the view Nobody answered']")
    supervisor.click("#pill-views")
    expect(supervisor.locator("#filter-views")).to_contain_text("None yet")


def test_the_next_page_and_back(stack: Stack, supervisor: Page) -> None:
    put(stack, *({"name": f"Person {n:03d}", "due": n - 200} for n in range(120)))
    supervisor.goto("/queue/?view=all")
    supervisor.click("text=Next 50")
    expect(supervisor.locator("tbody tr").first).to_contain_text("Person 050")
    supervisor.click("text=Next 50")
    expect(supervisor.locator("tbody tr")).to_have_count(20)
    expect(supervisor.locator("[rel=next]")).to_have_count(0)
    supervisor.click("text=Previous 50")
    expect(supervisor.locator("tbody tr").first).to_contain_text("Person 050")
    supervisor.go_back()
    expect(supervisor.locator("tbody tr").first).to_contain_text("Person 100")


def test_news_are_told_and_rows_stay_until_they_are_asked_for(
    stack: Stack, supervisor: Page, desk: Page, ask: Ask
) -> None:
    found = put(
        stack,
        *({"name": name, "due": 60 + 10 * n} for n, name in enumerate(("Beatrix", "Owen", "Noor"))),
    )
    supervisor.goto("/queue/?view=all")
    supervisor.focus(f"#open-{found['Owen']}")
    before = supervisor.inner_text("tbody")
    ask(phone="07400 123417", name="Grace Whitcombe")
    stack.rows("UPDATE callback SET retry_number = 1, retry_max = 3 WHERE id = %s", found["Noor"])
    stack.rows("UPDATE callback SET attention = 'Look' WHERE id = %s", found["Beatrix"])
    supervisor.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    expect(supervisor.locator("#show-newer")).to_have_text("1 new, 1 changed – show .")
    # The counts and the chips follow in their places; rows and focus do not move.
    expect(supervisor.locator("#tab-all")).to_have_text("4 All Pending")
    expect(supervisor.locator(f"#gate-{found['Beatrix']}")).to_contain_text("Look")
    assert supervisor.locator("tbody tr").count() == 3
    assert "Retry" not in before + supervisor.inner_text("tbody")
    assert focused(supervisor) == f"open-{found['Owen']}"
    supervisor.click("#show-newer")
    expect(supervisor.locator("tbody tr")).to_have_count(4)
    expect(supervisor.locator("tbody")).to_contain_text("Retry 1 of 3")
    expect(supervisor.locator("#show-newer")).to_have_count(0)


def test_a_callback_taken_by_an_agent_says_so_in_its_place(
    stack: Stack, supervisor: Page, desk: Page
) -> None:
    found = put(stack, {"name": "Beatrix", "due": -5}, {"name": "Owen", "due": 60})
    supervisor.goto("/queue/?view=all")
    expect(supervisor.locator("tbody tr")).to_have_count(2)
    desk.click("text=Go Ready")
    desk.wait_for_selector("dialog.offer[open]")
    expect(supervisor.locator(f"#gate-{found['Beatrix']}")).to_contain_text("Offered to")
    desk.click("dialog.offer[open] button:has-text('Accept')")
    expect(supervisor.locator(f"#gate-{found['Beatrix']}")).to_contain_text("In hand")
    expect(supervisor.locator("#show-newer")).to_contain_text("1 changed")


def test_all_that_match_are_chosen_beyond_the_page(stack: Stack, supervisor: Page) -> None:
    put(stack, *({"name": f"Person {n:03d}", "due": n + 60} for n in range(53)), {"name": "Else"})
    supervisor.goto("/queue/?view=all&q=person")
    everything = supervisor.locator("[data-everything]")
    supervisor.check("#check-all")
    expect(everything).to_have_text("Select all 53 that match")
    everything.click()
    expect(supervisor.locator(".bulk-bar output")).to_have_text("All 53 that match")
    supervisor.keyboard.press("d")
    expect(supervisor.locator("#ask-title")).to_have_text("Mark complete: all 53 that match")
    supervisor.keyboard.press("Escape")
    supervisor.uncheck("tbody tr:first-child .row-check")  # one fewer: only what is ticked
    expect(supervisor.locator(".bulk-bar output")).to_have_text("49 selected")
    supervisor.check("tbody tr:first-child .row-check")
    everything.click()
    supervisor.click(".bulk-bar >> text=Mark complete")
    supervisor.click("#ask button[type=submit]")
    expect(supervisor.locator("#report h2")).to_contain_text("53 of 53", timeout=60_000)
    assert stack.one("SELECT count(*) FROM callback WHERE state = 'completed'") == 53
    expect(supervisor.locator(".queue-empty h2")).to_have_text("Nothing matches these filters")


def test_how_filters_pages_and_news_look(stack: Stack, supervisor: Page) -> None:
    rows = [{"name": f"Person {n:03d}", "due": n * 7 - 90} for n in range(54)]
    put(stack, *({**row, **(RETRY if n % 3 else {})} for n, row in enumerate(rows)))
    supervisor.goto("/queue/?view=all&outcome=no_answer&outcome=busy&gate=callable")
    look(supervisor, "queue-filtered")
    supervisor.click("#pill-agent")
    look(supervisor, "queue-filter-agent")
    supervisor.keyboard.press("Escape")
    supervisor.click("#pill-more")
    look(supervisor, "queue-filter-more")
    supervisor.keyboard.press("Escape")
    supervisor.goto("/queue/?view=all&retry=77")
    expect(supervisor.locator(".filter-wrong")).to_be_visible()
    supervisor.click("#pill-views")
    look(supervisor, "queue-views")
    supervisor.keyboard.press("Escape")
    stack.rows("UPDATE callback SET retry_number = 3, retry_max = 3, trigger_outcome = 'busy'")
    supervisor.evaluate("document.body.dispatchEvent(new CustomEvent('resync'))")
    expect(supervisor.locator("#show-newer")).to_contain_text("changed")
    supervisor.evaluate("document.querySelector('#rows').scrollTop = 9999")
    look(supervisor, "queue-news")
