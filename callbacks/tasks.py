"""Ticks of the callbacks themselves. A tick carries no facts."""

from celery import shared_task

from callbacks.actions import sweeps


@shared_task
def deduplicate() -> None:
    """Find what the unique index cannot: two contacts with one number."""
    sweeps.deduplicate()
