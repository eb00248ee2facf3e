"""Idle agents and due callbacks find each other (RULES 6)."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from agentdesk.actions import absent, end_wrap_ups
from agentdesk.models import Agent
from callbacks.actions.offers import HeldBackError, hold_back, offer_next
from callbacks.actions.sweeps import release_reserved
from callbacks.models import Callback
from callbacks.rules.states import HELD
from campaigns.models import Campaign

TRIES = 20


def match_idle_agents() -> int:
    """Offer every idle agent the next callback in line, longest idle first. Returns the offers.

    Safe to run any number of times at once: agents and callbacks that another run holds are passed
    over.
    """
    end_wrap_ups()
    release_reserved(away())
    every = set(Campaign.objects.values_list("pk", flat=True))
    offered = 0
    for agent_id, campaigns in _idle():
        mine = None if every == set(campaigns) else campaigns
        offered += _offer(agent_id, mine)
    return offered


def away() -> list[int]:
    """Agents who take no calls now: Not Ready with nothing in hand, or gone."""
    held = Callback.objects.filter(agent_id=OuterRef("pk"), state__in=HELD)
    not_ready = Q(presence=Agent.Presence.NOT_READY) & ~Exists(held)
    return list(Agent.objects.filter(not_ready | absent()).values_list("pk", flat=True))


def _idle() -> list[tuple[int, list[int]]]:
    """Agents who are there, Ready and idle, longest first, with their dialling campaigns."""
    held = Callback.objects.filter(agent_id=OuterRef("pk"), state__in=HELD)
    rows = (
        Agent.objects.filter(~Exists(held), ~absent(), presence=Agent.Presence.READY)
        .annotate(dialling=ArrayAgg("campaigns", filter=Q(campaigns__dials=True), default=[]))
        .order_by("since", "pk")
        .values_list("pk", "dialling")
    )
    return [(pk, sorted(dialling)) for pk, dialling in rows if dialling]


def _offer(agent_id: int, campaign_ids: list[int] | None) -> bool:
    """Offer one callback to one agent, holding back those that the gate blocks on the way."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                if not _still_idle(agent_id):
                    return False
                claim = offer_next(agent_id=agent_id, campaign_ids=campaign_ids)
                return claim is not None
        except HeldBackError as blocked:
            hold_back(blocked.callback_id, blocked.verdict)
    return False


def _still_idle(agent_id: int) -> bool:
    """Lock the agent, unless another run has them; True while they are Ready and hold nothing."""
    ready = Agent.objects.select_for_update(skip_locked=True).filter(
        pk=agent_id, presence=Agent.Presence.READY
    )
    if not ready.exists():
        return False
    return not Callback.objects.filter(agent_id=agent_id, state__in=HELD).exists()
