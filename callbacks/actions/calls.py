"""Dialling: committed first, asked once, and what the carrier says of it (RULES 1, 4)."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from callbacks import cases, notices, queue
from callbacks.cases import Case
from callbacks.dialers import get_dialer
from callbacks.dialers.base import CallEvent, CallRequest, DialerError, Kind, ReplyLostError
from callbacks.models import Attempt, DialDecision
from callbacks.rules.gate import Blocked, GateFacts, Reason, Verdict, decide, inputs
from callbacks.rules.states import RefusedError, State
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.models import PhoneNumber


class NoDialError(Exception):
    """No call was made, and the message says why. ``code`` is stable."""

    def __init__(
        self, code: str, message: str, verdict: Blocked | None = None, until: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.verdict = verdict
        self.until = until


@dataclass(frozen=True, slots=True)
class Work:
    """The work that a write is about: this agent's, under this claim. Old claims do nothing."""

    callback_id: int
    agent_id: int
    version: int


def lock_work(work: Work) -> Case:
    """The callback in work with its facts, locked. Raises RefusedError when it is not theirs."""
    one = cases.lock_one(work.callback_id)
    if one.state != State.WORKING or one.agent_id != work.agent_id:
        raise RefusedError(
            f"This callback is {one.state}: it is not in your hands",
            state=State(one.state),
            code="holder",
        )
    if one.version != work.version:
        raise RefusedError(
            "This page is older than your work on it", state=State.WORKING, code="stale"
        )
    return one


def start_call(work: Work, *, key: UUID, early: bool = False) -> Attempt:
    """Dial the contact once for this key; the same key again answers the same attempt.

    Raises RefusedError, and NoDialError with the code ``line_down``, ``unknown``, ``early``,
    ``gate`` or ``live``.
    """
    dialer = get_dialer()
    health = dialer.health()
    if not health.can_dial:
        raise NoDialError("line_down", health.why)
    attempt = _intend(work, key, early)
    if isinstance(attempt, Blocked):
        if attempt.reason is Reason.LIVE_CALL:
            raise NoDialError("live", "Another call with this contact is live", attempt)
        raise NoDialError("gate", "The call is not allowed now", attempt, attempt.until)
    if attempt.state != Attempt.State.INTENDED or not _begin(attempt):
        return attempt
    try:
        dialer.start(CallRequest(key, str(attempt.number.e164)))
    except ReplyLostError as error:
        _advance(attempt, Attempt.State.UNKNOWN, cause=str(error))
    except DialerError as error:
        apply_event(CallEvent(key, 0, Kind.ENDED, clock.now(), Outcome.NETWORK_ERROR, str(error)))
    attempt.refresh_from_db()
    return attempt


@transaction.atomic
def _intend(work: Work, key: UUID, early: bool) -> Attempt | Blocked:
    """The attempt, committed before anybody is asked; or the gate's refusal, stored too."""
    one = lock_work(work)
    known = Attempt.objects.filter(key=key).first()
    if known is not None:
        return known
    if Attempt.objects.filter(contact_id=one.contact_id, state=Attempt.State.UNKNOWN).exists():
        raise NoDialError("unknown", "We are finding out whether the last call rang. Wait a moment")
    dial_from = one.promised_from or one.due_at
    is_early = one.now < dial_from and one.priority < queue.CALL_NOW
    if is_early and not early:
        raise NoDialError("early", "It is not time yet", until=dial_from)
    facts = cases.gate_facts(one)
    verdict = decide(facts)
    if isinstance(verdict, Blocked):
        _store(one, facts, verdict, None)
        return verdict
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                key=key,
                callback_id=one.id,
                contact_id=one.contact_id,
                campaign_id=one.campaign_id,
                number_id=one.number_id,
                agent_id=work.agent_id,
                early=is_early,
            )
    except IntegrityError as error:  # a live call of this very work, or one that came first
        raise NoDialError("live", "Another call with this contact is live") from error


@transaction.atomic
def _begin(attempt: Attempt) -> bool:
    """The gate's last word, in one order with everything else that locks the number.

    A do-not-call request that commits first is seen here; one that commits later finds the dial
    begun. False: blocked or begun already, and nobody is asked.
    """
    PhoneNumber.objects.select_for_update(no_key=True).get(pk=attempt.number_id)
    one = cases.case(attempt.callback_id)
    facts = cases.gate_facts(one)
    verdict = decide(facts)
    if isinstance(verdict, Blocked):
        _store(one, facts, verdict, attempt)
        _advance(attempt, Attempt.State.ENDED, cause=f"Blocked: {verdict.reason}", ended=True)
        return False
    begun = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.INTENDED)
    if not begun.update(state=Attempt.State.DIALING, dialed_at=one.now):
        return False
    _store(one, facts, verdict, attempt)
    return True


def _store(one: Case, facts: GateFacts, verdict: Verdict, attempt: Attempt | None) -> None:
    """Keep what was decided and from what: enough to answer "why did we call at 10:02?"."""
    blocked = verdict if isinstance(verdict, Blocked) else None
    DialDecision.objects.create(
        callback_id=one.id,
        attempt=attempt,
        allowed=blocked is None,
        reason=blocked.reason if blocked else "",
        until=verdict.until,
        inputs=json.loads(json.dumps(inputs(facts), default=str)),
    )


def _advance(attempt: Attempt, state: Attempt.State, *, cause: str, ended: bool = False) -> None:
    """Write what we know of our own dial, unless the carrier was faster."""
    fields: dict[str, object] = {"state": state, "cause": cause[:120]}
    if ended:
        fields["ended_at"] = clock.now()
    waiting = Attempt.objects.filter(pk=attempt.pk, state__in=["intended", "dialing"])
    waiting.update(**fields)
    notices.tell_agent(attempt.agent_id, "call")


_RANK = {Kind.RINGING: 1, Kind.CONNECTED: 2, Kind.HELD: 2, Kind.RETRIEVED: 2, Kind.ENDED: 3}
_STATE = {
    Kind.RINGING: Attempt.State.RINGING,
    Kind.CONNECTED: Attempt.State.CONNECTED,
    Kind.HELD: Attempt.State.ON_HOLD,
    Kind.RETRIEVED: Attempt.State.CONNECTED,
    Kind.ENDED: Attempt.State.ENDED,
}
# States that an event of a rank may still change: rank only rises, and ended is final.
_BEFORE = {
    1: ("intended", "dialing", "unknown"),
    2: ("intended", "dialing", "unknown", "ringing", "connected", "on_hold"),
    3: ("intended", "dialing", "unknown", "ringing", "connected", "on_hold"),
}


@transaction.atomic
def apply_event(event: CallEvent) -> bool:
    """Apply one report of the carrier. False when it was known or overtaken: nothing changed."""
    fields: dict[str, object] = {"state": _STATE[event.kind], "sequence": event.sequence}
    if event.kind is Kind.CONNECTED:
        fields["answered_at"] = event.at
    if event.kind is Kind.ENDED:
        fields |= {
            "ended_at": event.at,
            "outcome": event.outcome or Outcome.UNKNOWN,
            "cause": event.cause[:120],
        }
    if event.outcome is Outcome.INVALID_NUMBER:  # the number before its attempt, as Done does
        numbers = PhoneNumber.objects.select_for_update(no_key=True)
        numbers.filter(pk__in=Attempt.objects.filter(key=event.key).values("number_id")).first()
    open_attempt = Attempt.objects.filter(
        key=event.key, sequence__lt=event.sequence, state__in=_BEFORE[_RANK[event.kind]]
    )
    if not open_attempt.update(**fields):
        _answered_after_all(event)
        return False
    attempt = Attempt.objects.get(key=event.key)
    if event.outcome is Outcome.INVALID_NUMBER:
        PhoneNumber.objects.filter(pk=attempt.number_id).update(invalid_since=event.at)
    if event.kind is Kind.ENDED:
        Attempt.objects.filter(pk=attempt.pk, dialed_at=None).update(dialed_at=F("intended_at"))
    notices.tell_agent(attempt.agent_id, "call")
    return True


def _answered_after_all(event: CallEvent) -> None:
    """An answer that is reported after the end changes no state, but it was an answer."""
    if event.kind is Kind.CONNECTED:
        ended = Attempt.objects.filter(key=event.key, state=Attempt.State.ENDED, answered_at=None)
        ended.update(answered_at=event.at)


def hang_up(work: Work) -> None:
    """End the live call. Without one nothing happens. Raises RefusedError, DialerError."""
    attempt = _live_attempt(work)
    if attempt is None:
        return
    dialer = get_dialer()
    dialer.hang_up(attempt.key)
    if not dialer.reports:
        apply_event(
            CallEvent(
                attempt.key, attempt.sequence + 1, Kind.ENDED, clock.now(), Outcome.UNKNOWN,
                "Ended by the agent",
            )
        )  # fmt: skip


def hold(work: Work, *, on: bool) -> None:
    """Put the live call on hold or take it off. Raises RefusedError, NoDialError, DialerError."""
    attempt = _live_attempt(work)
    if attempt is None or attempt.answered_at is None:
        raise NoDialError("no_call", "Nobody is on the line")
    get_dialer().hold(attempt.key, on=on)


@transaction.atomic
def _live_attempt(work: Work) -> Attempt | None:
    one = lock_work(work)
    if one.attempt_id is None or not one.attempt_is_live:
        return None
    return Attempt.objects.get(pk=one.attempt_id)
