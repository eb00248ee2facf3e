"""Find the Chromium that the browser tests drive.

`python -m config.browser` makes sure that there is one, as far as that is possible here.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from config.processes import say

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> Path | None:
    """Return the machine's Chromium, else the one Playwright has downloaded, else None."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    # Asking Playwright starts a process of its own, so the machine's browser is tried first.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def main() -> int:
    """Fetch a Chromium if there is none, once per virtual environment; always returns 0."""
    tried = Path(sys.prefix) / ".chromium-tried"
    if tried.exists() or find_chromium():
        return 0
    say("There is no Chromium here: fetching Playwright's …")
    fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(fetch, check=False, capture_output=True).returncode:
        say("It cannot be fetched. The browser tests are skipped until Chromium is installed.")
    tried.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
