"""What agents do with themselves: ready, not ready, wrap-up."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from agentdesk.models import Agent, User
from callbacks import notices
from callbacks.actions import offers
from callbacks.actions.calls import Work
from callbacks.actions.outcomes import WrapUp, record_outcome, release_work
from callbacks.models import Callback
from callbacks.rules.states import HELD, State
from contacts import clock

Presence = Agent.Presence
ABSENT_AFTER = timedelta(seconds=150)
SIGNS_OF_LIFE = timedelta(seconds=30)
MORE_WRAP_UP = timedelta(minutes=1)
MISSED = "Missed an offer"
NOT_READY_REASONS = ("Break", "Training", "Meeting")


def absent() -> Q:
    """Agents without a live connection and without a heartbeat for 150 s."""
    return Q(seen_at=None) | Q(seen_at__lt=clock.now() - ABSENT_AFTER)


def absent_agents() -> list[int]:
    """Those of them who hold something, by id: what they hold is released or closed for them."""
    held = Callback.objects.filter(agent_id=OuterRef("pk"), state__in=HELD)
    return list(Agent.objects.filter(absent(), Exists(held)).values_list("pk", flat=True))


def note_seen(agent_id: int) -> None:
    """A sign of life from the agent's desk."""
    silent = Q(seen_at=None) | Q(seen_at__lt=Now() - SIGNS_OF_LIFE)
    Agent.objects.filter(silent, pk=agent_id).update(seen_at=Now())


@transaction.atomic
def set_ready(agent_id: int) -> None:
    """The agent takes offers again; the wait counts from now."""
    Agent.objects.filter(pk=agent_id).exclude(presence=Presence.READY).update(
        presence=Presence.READY, reason="", since=Now(), wrap_up_until=None
    )
    notices.tell_agent(agent_id, "presence")
    notices.knock()


@transaction.atomic
def set_not_ready(agent_ids: Iterable[int], *, reason: str = "") -> None:
    """No further offers; what the agents hold they keep."""
    for agent_id in sorted(set(agent_ids)):  # one order for all who lock several
        Agent.objects.filter(pk=agent_id).update(
            presence=Presence.NOT_READY, reason=reason[:60], since=Now(), wrap_up_until=None
        )
        notices.tell_agent(agent_id, "presence")


@transaction.atomic
def finish_work(work: Work, wrap_up: WrapUp) -> State:
    """Done, then wrap-up for as long as the campaign gives. Raises like record_outcome."""
    state = record_outcome(work, wrap_up)
    _begin_wrap_up(work)
    return state


@transaction.atomic
def give_back(work: Work) -> None:
    """Release work without a dial; the agent stays what they were. Raises like release_work."""
    release_work(work)
    set_not_ready([work.agent_id], reason="Released a callback")


def _begin_wrap_up(work: Work) -> None:
    agent = Agent.objects.select_for_update().get(pk=work.agent_id)
    if agent.presence == Presence.NOT_READY:  # chosen during the call: it stands
        return
    campaign = Callback.objects.select_related("campaign").get(pk=work.callback_id).campaign
    until = clock.now() + timedelta(seconds=campaign.wrap_up_seconds)
    Agent.objects.filter(pk=agent.pk).update(
        presence=Presence.WRAP_UP, reason="", since=Now(), wrap_up_until=until
    )
    notices.tell_agent(agent.pk, "presence")


@transaction.atomic
def extend_wrap_up(agent_id: int) -> None:
    """One more minute of after-call work; without a wrap-up nothing happens."""
    Agent.objects.filter(pk=agent_id, presence=Presence.WRAP_UP).update(
        wrap_up_until=F("wrap_up_until") + MORE_WRAP_UP
    )
    notices.tell_agent(agent_id, "presence")


@transaction.atomic
def end_wrap_ups() -> int:
    """Agents whose wrap-up is over become Ready, waiting since then. Returns how many."""
    over = list(
        Agent.objects.select_for_update(skip_locked=True)
        .filter(presence=Presence.WRAP_UP, wrap_up_until__lte=Now())
        .values_list("pk", "wrap_up_until")
    )
    for agent_id, until in over:
        Agent.objects.filter(pk=agent_id).update(
            presence=Presence.READY, since=until, wrap_up_until=None
        )
        notices.tell_agent(agent_id, "presence")
    return len(over)


@transaction.atomic
def release_expired_offers() -> int:
    """Redirect unanswered offers; whoever missed one is Not Ready. Returns how many."""
    released = offers.release_expired_offers()
    released += offers.release_lost_offers(absent_agents())
    set_not_ready([held.agent_id for held in released if held.agent_id is not None], reason=MISSED)
    return len(released)


def allow_single_keys(user_id: int, *, allowed: bool) -> None:
    """Whether keys without Ctrl act on the user's pages."""
    User.objects.filter(pk=user_id).update(single_keys=allowed)
