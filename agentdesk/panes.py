"""What the desk shows, put together for the templates: one value per screen state."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet

from agentdesk.access import access_held
from agentdesk.actions import NOT_READY_REASONS
from agentdesk.day import RECENT, agenda, idle_day, promised
from agentdesk.models import Agent
from callbacks import cases, queries
from callbacks.cases import Case
from callbacks.dialers import get_dialer
from callbacks.dialers.base import Capability
from callbacks.models import Attempt, Callback
from callbacks.rules import words
from callbacks.rules.gate import Allowed
from callbacks.rules.states import ACTIVE, Event, State
from campaigns.models import Disposition
from campaigns.queries import rule_book
from campaigns.rules import scripts
from contacts import clock
from contacts.models import Intent, Interaction
from contacts.rules.timezones import city


@dataclass(frozen=True, slots=True)
class ContactPane:
    """What a caller would be annoyed to repeat."""

    intents: list[tuple[Intent, str]]
    last: Interaction | None
    last_age: str
    history: list[Interaction]
    history_count: int
    others: list[Callback]


@dataclass(frozen=True, slots=True)
class Work:
    """An offered or accepted callback with everything known about the matter."""

    callback: Callback
    version: int
    gate: words.Chip
    may_dial: bool
    promise: words.Chip
    attempt_number: int
    attempts_at_most: int | None
    contact: ContactPane
    early_until: datetime | None
    withdrawn: str
    named: str
    review_until: datetime | None
    script: list[tuple[str, bool]]
    dispositions: list[Disposition]


@dataclass(frozen=True, slots=True)
class Call:
    """The state of the telephone, by the four names that keep their capitals."""

    attempt: Attempt | None
    word: str
    tone: str
    since: datetime | None
    live: bool
    can_hold: bool
    reports: bool
    ended_how: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One agent's desk at one moment."""

    mode: str
    agent: Agent
    now: datetime
    zone: str
    work: Work | None = None
    ahead: Work | None = None
    call: Call | None = None
    tally: list[tuple[str, str]] = field(default_factory=list)
    agenda: list[dict[str, Any]] = field(default_factory=list)
    today: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    reasons: tuple[str, ...] = NOT_READY_REASONS
    dial_key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def shown(self) -> str:
        """Names the work on the screen, so that a half-typed note is never replaced by itself."""
        return f"{self.work.callback.pk}/{self.work.version}" if self.call and self.work else ""


def desk_of(agent: Agent, *, problem: str = "") -> Desk:
    """The desk as it is now."""
    now = clock.now()
    zone = agent.user.zone
    held = access_held(agent)
    if held is None:
        ahead = _read_ahead(agent, now, zone)
        idle = idle_day(agent, now, zone)
        return Desk("idle", agent, now, zone, ahead=ahead, problem=problem, **idle)
    work = _work(held, now)
    if held.state == State.OFFERED:
        idle = idle_day(agent, now, zone)
        return Desk("offered", agent, now, zone, work=work, problem=problem, **idle)
    return Desk(
        "working",
        agent,
        now,
        zone,
        work=work,
        call=call_of(held),
        agenda=agenda(agent, now, zone),
        problem=problem,
    )


def _work(callback: Callback, now: datetime) -> Work:
    one = cases.case(callback.pk)
    verdict = cases.gate(one)
    zone = callback.contact.zone
    dial_from = callback.promised_from or callback.due_at
    contact = contact_pane(callback, now)
    shown = words.verdict(
        verdict, zone, now, paused_by=callback.campaign.paused_by, callable_from=None
    )
    dialled = callback.attempts.filter(
        intended_at__gte=callback.counts_from, dialed_at__isnull=False
    ).count()
    return Work(
        callback=callback,
        version=callback.claim_version,
        gate=shown,
        may_dial=isinstance(verdict, Allowed),
        promise=promised(callback, now),
        attempt_number=dialled + 1,
        attempts_at_most=_at_most(callback),
        contact=contact,
        early_until=dial_from if dial_from > now else None,
        withdrawn=_withdrawn(callback),
        named=_named(one),
        review_until=_review_until(callback, now),
        script=scripts.opening(
            callback.campaign.script or scripts.DEFAULT, _variables(callback, contact)
        ),
        dispositions=list(callback.campaign.dispositions.all()),
    )


_WITHDRAWN = {
    "Customer called": "The customer has called us themselves",
    "Do not call": "The customer asked not to be called again",
}


def _withdrawn(callback: Callback) -> str:
    """What the customer did while the agent had it in hand; empty where nothing."""
    if callback.cancel_asked_at is None:
        return ""
    asked = callback.events.filter(name=Event.CANCEL_ASKED).order_by("-pk").first()
    return _WITHDRAWN.get(asked.reason if asked else "", "The customer asked to cancel")


def _named(one: Case) -> str:
    """The time that the customer has named meanwhile; empty where none."""
    if not one.wish:
        return ""
    promise = one.wish["promise"]
    zone = promise["said_zone"]
    due_at = datetime.fromisoformat(promise["due_at"])
    return f"{words.moment(due_at, zone, one.now)} in {city(zone)}"


def _review_until(callback: Callback, now: datetime) -> datetime | None:
    """While the agent is given time to read before the first dial."""
    if callback.accepted_at is None:
        return None
    until = callback.accepted_at + timedelta(seconds=callback.campaign.review_seconds)
    return until if until > now else None


def _at_most(callback: Callback) -> int | None:
    """How many dials the policy allows in all for what happened so far, at least."""
    if callback.retry_max:
        return callback.retry_max + 1
    allowed = [
        policy.max_retries + 1 for policy in rule_book().policies(callback.campaign_id).values()
    ]
    return min(allowed, default=None)


def _variables(callback: Callback, contact: ContactPane) -> dict[str, str]:
    agent = callback.agent
    intent = contact.intents[0][0].name if contact.intents else ""
    return {
        "customer_name": callback.contact.name.split(" ")[0],
        "agent_name": (agent.first_name if agent else "") or "",
        "department": callback.campaign.department,
        "company": settings.ORGANISATION,
        "issue": intent[:1].lower() + intent[1:],
        "their_words": "" if intent else callback.subject[:120],
    }


def contact_pane(callback: Callback, now: datetime) -> ContactPane:
    """Open matters, the last context, history, and what else waits for this contact."""
    intents = Intent.objects.filter(
        contact_id=callback.contact_id, status=Intent.Status.OPEN
    ).order_by("opened_at")
    past = Interaction.objects.filter(contact_id=callback.contact_id).order_by("-at")
    history = list(past[:RECENT])
    last = _last_told(past, callback.campaign_id)
    others = (
        Callback.objects.filter(contact_id=callback.contact_id, state__in=ACTIVE)
        .exclude(pk=callback.pk)
        .select_related("campaign")
        .order_by("due_at")
    )
    return ContactPane(
        intents=[(intent, words.age(intent.opened_at, now)) for intent in intents],
        last=last,
        last_age=words.age(last.at, now) + " ago" if last else "",
        history=history,
        history_count=past.count(),
        others=list(others[:RECENT]),
    )


def _last_told(past: QuerySet[Interaction], campaign_id: int) -> Interaction | None:
    """What somebody wrote last; how a call ended ("Busy") does not cover it."""
    told = past.exclude(summary="")
    labels = Disposition.objects.filter(campaign_id=campaign_id).values("label")
    endings = told.filter(channel=Interaction.Channel.CALLBACK, summary__in=labels)
    return told.exclude(pk__in=endings.values("pk")).first() or told.first()


def call_of(callback: Callback) -> Call:
    """The telephone's state for this work; without a live call it is Ready to Call."""
    attempt = queries.last_attempt(callback)
    dialer = get_dialer()
    word, tone = words.READY_TO_CALL, ""
    if attempt and attempt.is_live:
        word, tone = words.CALLS[attempt.state]
    live = bool(attempt and attempt.is_live)
    since = (attempt.answered_at or attempt.intended_at) if attempt and live else None
    return Call(
        attempt=attempt,
        word=word,
        tone=tone,
        since=since,
        live=live,
        can_hold=Capability.HOLD in dialer.capabilities,
        reports=dialer.reports,
        ended_how=_ended_how(attempt) if attempt and not live else "",
    )


def _ended_how(attempt: Attempt) -> str:
    if attempt.state == Attempt.State.UNKNOWN:
        return "The carrier did not answer: we are finding out whether it rang"
    talked = words.talked(attempt.answered_at, attempt.ended_at)
    if talked is not None:
        return f"{attempt.cause or 'Ended'} after {talked // 60}:{talked % 60:02d}"
    return attempt.cause or words.OUTCOMES.get(attempt.outcome, "")


def _read_ahead(agent: Agent, now: datetime, zone: str) -> Work | None:
    """The next callback that waits for this agent personally today, to read before it opens."""
    mine = queries.with_names().filter(
        reserved_for_id=agent.pk,
        state=State.SCHEDULED,
        due_at__lt=queries.day_of(now, zone).end,
    )
    callback = mine.order_by("due_at").first()
    return _work(callback, now) if callback else None
