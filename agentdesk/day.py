"""The agent's day: what they closed, what waits for them, and how their campaigns stand."""

from datetime import datetime, timedelta
from typing import Any

from agentdesk.models import Agent
from callbacks import queries
from callbacks.models import Attempt, Callback, CallbackEvent
from callbacks.rules import words
from callbacks.rules.states import State

RECENT = 6


def idle_day(agent: Agent, now: datetime, zone: str) -> dict[str, Any]:
    """All that the desk shows while no callback is in hand."""
    return {
        "tally": _campaigns(agent, now, zone),
        "agenda": agenda(agent, now, zone),
        "today": _today(agent, now, zone),
    }


def _campaigns(agent: Agent, now: datetime, zone: str) -> list[tuple[str, str]]:
    """The agent's campaigns: how many may be called now, and the next one."""
    lines = []
    for campaign in agent.campaigns.all():
        if not campaign.dials:
            lines.append((campaign.name, "paused"))
            continue
        waiting = Callback.objects.filter(
            campaign=campaign, state=State.SCHEDULED, reserved_for=None, callable_from__isnull=False
        ).order_by("-priority", "callable_from", "id")
        due = queries.ahead_in_line(campaign.pk, now)
        following = waiting.filter(callable_from__gt=now).first()
        when = words.moment(following.callable_from, zone, now) if following else "none"  # type: ignore[arg-type]
        lines.append((campaign.name, f"{due} · now" if due else f"0 · {when}"))
    return lines


def agenda(agent: Agent, now: datetime, zone: str) -> list[dict[str, Any]]:
    """Today as a line: what the agent closed, the present, and what waits for them."""
    day = queries.day_of(now, zone)
    closed = (
        CallbackEvent.objects.filter(
            actor_id=agent.pk, actor_kind="agent", from_state=State.WORKING, at__gte=day.start
        )
        .select_related("callback__contact", "callback__campaign")
        .order_by("-at")[:RECENT]
    )
    lines = [_closed_line(event) for event in reversed(closed)]
    lines.append({"now": True, "at": now})
    mine = (
        Callback.objects.filter(reserved_for_id=agent.pk, state=State.SCHEDULED, due_at__lt=day.end)
        .select_related("contact", "campaign")
        .order_by("due_at")[:RECENT]
    )
    for callback in mine:
        chip = words.Chip("neutral", "user", "Personal")
        soon = callback.due_at - now < timedelta(minutes=15)
        if soon:
            chip = promised(callback, now)
        lines.append(
            {"at": callback.due_at, "who": callback.contact, "what": callback.subject[:80],
             "chip": chip, "next": soon, "tone": "due" if soon else ""}
        )  # fmt: skip
    return lines


def _closed_line(event: CallbackEvent) -> dict[str, Any]:
    tone, icon, text = "kept", "check", "Done"
    if event.to_state == State.SCHEDULED:
        tone, icon, text = "neutral", "undo", event.reason.split(": ")[-1].capitalize()[:24]
    elif event.to_state != State.COMPLETED:
        tone, icon, text = "neutral", "x", event.to_state.capitalize()
    return {
        "at": event.at, "who": event.callback.contact, "what": event.callback.subject[:80],
        "chip": words.Chip(tone, icon, text), "done": True, "tone": tone,
    }  # fmt: skip


def _today(agent: Agent, now: datetime, zone: str) -> list[tuple[str, str]]:
    """The agent's day in numbers."""
    day = queries.day_of(now, zone)
    closed = CallbackEvent.objects.filter(
        actor_id=agent.pk, actor_kind="agent", from_state=State.WORKING, at__gte=day.start
    )
    talks = Attempt.objects.filter(
        agent_id=agent.pk, ended_at__gte=day.start, answered_at__isnull=False
    ).values_list("answered_at", "ended_at")
    seconds = [(end - start).total_seconds() for start, end in talks if start and end]
    average = int(sum(seconds) / len(seconds)) if seconds else None
    return [
        ("Callbacks closed", str(closed.count())),
        ("Calls answered", str(len(seconds))),
        ("Average call", f"{average // 60}:{average % 60:02d}" if average is not None else "–"),
    ]


def promised(callback: Callback, now: datetime) -> words.Chip:
    """The promise of a callback as a chip."""
    return words.promise(callback.due_at, callback.promised_from, now, callback.campaign.lead)
