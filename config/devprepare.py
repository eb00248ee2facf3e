"""Migrate, load the demo data and list its accounts: `python -m config.devprepare ACCOUNTS_FILE`.

One process does all three, because every start of Django costs a second of `make run`.
"""

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(accounts: Path) -> None:
    """Bring the database up to date, fill an empty one, write the demo accounts to a file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", "--no-input", "--verbosity", "0")
    call_command("demo", "--if-empty")
    with accounts.open("w") as listing:
        call_command("demo", "--accounts", stdout=listing)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
