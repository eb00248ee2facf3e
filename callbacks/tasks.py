"""Ticks of the callbacks themselves. A tick carries no facts."""

from celery import shared_task

from callbacks.actions import dnc_import, sweeps, unattended, windows
from callbacks.exchange import jobs
from callbacks.ticks import tick


@shared_task
def deduplicate() -> None:
    """Find what the unique index cannot: two contacts with one number."""
    tick("deduplicate", sweeps.deduplicate)


@shared_task
def roll_windows() -> None:
    """Move what waits for a window that has closed, and what a change of hours concerns."""
    tick("roll_windows", windows.roll_windows)
    tick("hours_changes", windows.work_off_hours_changes)


@shared_task
def expire_stale() -> None:
    """Give up what is too old to be worth calling."""
    tick("expire_stale", sweeps.expire_stale)


@shared_task
def reconcile_attempts() -> None:
    """Ask the carrier about calls that nobody heard the end of."""
    tick("reconcile_attempts", sweeps.reconcile_attempts)
    tick("flag_unknown_dials", unattended.flag_unknown_dials)


@shared_task
def work_off_imports() -> None:
    """Check and list the numbers of files that must not be called."""
    tick("work_off_imports", dnc_import.work_off_imports)


@shared_task
def work_off_exchange() -> None:
    """Read, check and import files of contacts and callbacks."""
    tick("work_off_exchange", jobs.work_off_exchange)
