"""A customer's and an agent's window side by side, in the machine's own Chromium."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Response,
    Route,
    expect,
    sync_playwright,
)

from config.browser import find_chromium
from tests.e2e.stack import PASSWORD, Stack, running_stack

PATIENCE = 30_000  # the processes share a machine that is busy with the other half of the suite
expect.set_options(timeout=PATIENCE)
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests run one after the other, in one process with one stack."""
    here = Path(__file__).parent
    missing = find_chromium() is None
    if missing and os.environ.get("RINGBACK_REQUIRE_BROWSER"):
        pytest.exit("There is no Chromium, and the browser tests must not be skipped", 1)
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.xdist_group("browser"))
        if missing:
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: there is no Chromium here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With a failure comes what the windows showed and what the servers wrote."""
    report = yield
    windows = getattr(item, "funcargs", {}).get("windows")
    if report.when == "call" and report.failed and isinstance(windows, Windows):
        report.sections += windows.last_words()
    return report


# The browser's event loop, and five processes, would be in the way of the tests that follow.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_chromium()
        launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with running_stack(folder, f"ringback_e2e_{worker_id}", 5) as running:
        yield running


@pytest.fixture(autouse=True)
def clean_floor(stack: Stack) -> None:
    stack.clean()


@pytest.fixture
def expected_refusals() -> set[int]:
    """Statuses between 400 and 499 that a test provokes; the browser logs each as an error."""
    return set()


class Windows:
    """Opens windows that note every console error, policy violation and broken page."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self.browser = browser
        self.stack = stack
        self.troubles: list[str] = []

    def open(self, zone: str = "Europe/London", **options: Any) -> Page:
        """A window of somebody new, with cookies of their own."""
        context = self.browser.new_context(
            base_url=self.stack.base, timezone_id=zone, **{"locale": "en-GB", **options}
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status} {response.url}")

    def sign_in(self, email: str) -> Page:
        """A window in which somebody has signed in; the second time their cookies are used."""
        if known := self.stack.cookies.get(email):
            page = self.open(zone="Europe/Berlin", storage_state=known)
            page.goto("/home/")
            return page
        page = self.open(zone="Europe/Berlin")
        page.goto("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url("**/queue/" if email.startswith("ruth") else "**/desk/")
        self.stack.cookies[email] = page.context.storage_state()
        return page

    @property
    def pages(self) -> list[Page]:
        """Those that are still open."""
        return [page for context in self.browser.contexts for page in context.pages]

    def last_words(self) -> list[tuple[str, str]]:
        """Each window's text, the troubles so far, and the servers' logs."""
        texts = [(page.url, page.inner_text("body")[:3000]) for page in self.pages]
        return [*texts, ("troubles", "\n".join(self.troubles)), ("servers", self.stack.logs())]


@pytest.fixture
def windows(browser: Browser, stack: Stack, expected_refusals: set[int]) -> Iterator[Windows]:
    opened = Windows(browser, stack)
    yield opened
    # All that was logged has arrived with this answer; what closing cuts off does not count.
    for page in opened.pages:
        page.evaluate("0")
    troubles = list(opened.troubles)
    for context in browser.contexts:
        context.close()
    allowed = tuple(f"the server responded with a status of {code}" for code in expected_refusals)
    left = [line for line in troubles if not any(text in line for text in allowed)]
    assert left == [], stack.logs()


@pytest.fixture
def customer(windows: Windows) -> Page:
    return windows.open()


@pytest.fixture
def desk(windows: Windows) -> Page:
    return windows.sign_in("nadia@example.com")


@pytest.fixture
def supervisor(windows: Windows) -> Page:
    return windows.sign_in("ruth@example.com")


@pytest.fixture
def ask(customer: Page) -> Callable[..., None]:
    """The customer fills in the form and sends it."""

    def fill_and_send(
        phone: str = "07400 123410", about: str = "Charged twice for October", name: str = "Sarah"
    ) -> None:
        customer.goto("/")
        customer.fill("#about", about)
        customer.fill("#phone", phone)
        customer.fill("#name", name)
        customer.click("form.ask button[type=submit]")

    return fill_and_send


def hold_first(page: Page, address: str) -> list[Callable[[], None]]:
    """Hold the first answer from the address; calling what is in the list then lets it go."""
    held: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
            return
        response = route.fetch()
        held.append(lambda: route.fulfill(response=response))

    page.route(address, hold)
    return held


def go_ready(page: Page) -> None:
    """The agent presses Go Ready."""
    page.click("text=Go Ready")
    page.wait_for_selector("text=The next callback opens here by itself")


def accept(page: Page) -> None:
    """The agent takes the offer that is on the screen."""
    page.click("dialog.offer[open] button:has-text('Accept')")
    page.wait_for_selector("#work")


def call_state(page: Page, word: str) -> None:
    """Wait until the telephone says so."""
    page.wait_for_selector(f".call-state:has-text('{word}')")
