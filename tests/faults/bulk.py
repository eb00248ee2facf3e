"""What the processes of the test of killed workers do: write a job down, and work it off."""

import sys

import django

django.setup()

from typing import Any  # noqa: E402

from django.db import connection  # noqa: E402

from agentdesk import bulk_work  # noqa: E402
from agentdesk.bulk import start_bulk  # noqa: E402
from tests.factories import make_callback, make_campaign, make_user  # noqa: E402

CALLBACKS = 12


def prepare() -> None:
    """A job that cancels all there is."""
    campaign = make_campaign()
    for _ in range(CALLBACKS):
        make_callback(campaign)
    start_bulk(make_user("supervisor"), "cancel", {}, "view=all")


def work(stop_at: str) -> None:
    """Work it off; after so many callbacks wait to be killed, the last one not written down."""
    real, done = bulk_work.do_each, []

    def and_say(*args: Any) -> Any:
        found = real(*args)
        done.append(found)
        sys.stdout.write(f"{len(done)}\n")
        sys.stdout.flush()
        if len(done) == int(stop_at):
            sys.stdin.read()
        return found

    bulk_work.do_each = and_say
    bulk_work.work_off_bulk_jobs()


if __name__ == "__main__":
    {"prepare": prepare, "work": work}[sys.argv[1]](*sys.argv[2:])
    connection.close_pool()
