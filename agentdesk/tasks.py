"""Ticks of the desk. A tick carries no facts: it wakes up, looks, and does what is due."""

from celery import shared_task

from agentdesk import actions, bulk_work, matching
from callbacks.actions import unattended
from callbacks.ticks import tick


@shared_task
def match_idle_agents() -> None:
    """Offer what is due to whoever is idle."""
    tick("match_idle_agents", matching.match_idle_agents)


@shared_task
def release_expired_offers() -> None:
    """Redirect offers that nobody answered, or whose agent is gone."""
    tick("release_expired_offers", actions.release_expired_offers)


@shared_task
def schedule_retries() -> None:
    """Apply the outcome of calls that ended with nobody at the desk."""
    tick("schedule_retries", lambda: unattended.schedule_retries(actions.absent_agents()))


@shared_task
def release_absent_agents() -> None:
    """Give back what lost agents had in hand, or ask for a person."""
    tick("release_absent_agents", lambda: unattended.release_absent_agents(actions.absent_agents()))


@shared_task
def work_off_bulk_jobs() -> None:
    """Do to all callbacks that matched what a supervisor asked for."""
    tick("work_off_bulk_jobs", bulk_work.work_off_bulk_jobs)
