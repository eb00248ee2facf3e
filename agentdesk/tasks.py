"""Ticks of the desk. A tick carries no facts: it wakes up, looks, and does what is due."""

from datetime import timedelta

from celery import shared_task
from django.db.models import Q

from agentdesk import actions, matching
from agentdesk.models import Agent
from callbacks.actions import outcomes
from contacts import clock

ABSENT_AFTER = timedelta(seconds=150)


@shared_task
def match_idle_agents() -> None:
    """Offer what is due to whoever is idle."""
    matching.match_idle_agents()


@shared_task
def release_expired_offers() -> None:
    """Redirect offers that nobody answered."""
    actions.release_expired_offers()


@shared_task
def schedule_retries() -> None:
    """Apply the outcome of calls that ended with nobody at the desk."""
    gone = Q(seen_at=None) | Q(seen_at__lt=clock.now() - ABSENT_AFTER)
    absent = Agent.objects.filter(gone).values_list("pk", flat=True)
    outcomes.schedule_retries(list(absent))
