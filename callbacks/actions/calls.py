"""Dialling: committed first, asked once, and what the carrier says of it (RULES 1, 4)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from callbacks import notices, queries
from callbacks.dialers import get_dialer
from callbacks.dialers.base import CallEvent, CallRequest, DialerError, Kind, ReplyLostError
from callbacks.models import Attempt, Callback
from callbacks.rules.gate import Blocked
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


def lock_work(work: Work) -> Callback:
    """The callback in work with its facts, locked. Raises RefusedError when it is not theirs."""
    callback = queries.locked(work.callback_id)
    if callback.state != State.WORKING or callback.agent_id != work.agent_id:
        raise RefusedError(
            f"This callback is {callback.state}: it is not in your hands",
            state=State(callback.state),
            code="holder",
        )
    if callback.claim_version != work.version:
        raise RefusedError(
            "This page is older than your work on it", state=State.WORKING, code="stale"
        )
    return callback


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
def _intend(work: Work, key: UUID, early: bool) -> Attempt:
    """The attempt, committed before anybody is asked."""
    callback = lock_work(work)
    known = Attempt.objects.filter(key=key).first()
    if known is not None:
        return known
    if Attempt.objects.filter(contact_id=callback.contact_id, state=Attempt.State.UNKNOWN).exists():
        raise NoDialError("unknown", "We are finding out whether the last call rang. Wait a moment")
    now = clock.now()
    dial_from = callback.promised_from or callback.due_at
    is_early = now < dial_from
    if is_early and not early:
        raise NoDialError("early", "It is not time yet", until=dial_from)
    _refuse_where_blocked(callback, now)
    try:
        with transaction.atomic():
            return Attempt.objects.create(
                key=key,
                callback=callback,
                contact_id=callback.contact_id,
                campaign_id=callback.campaign_id,
                number=callback.number,
                agent_id=work.agent_id,
                early=is_early,
            )
    except IntegrityError as error:
        raise NoDialError("live", "Another call with this contact is live") from error


def _refuse_where_blocked(callback: Callback, now: datetime) -> None:
    verdict = queries.gate(callback, now)
    if isinstance(verdict, Blocked):
        raise NoDialError("gate", "The call is not allowed now", verdict, verdict.until)


@transaction.atomic
def _begin(attempt: Attempt) -> bool:
    """The gate's last word, in one order with everything else that locks the number.

    A do-not-call request that commits first is seen here; one that commits later finds the dial
    begun. False: blocked or begun already, and nobody is asked.
    """
    PhoneNumber.objects.select_for_update().get(pk=attempt.number_id)
    callback = queries.with_facts().get(pk=attempt.callback_id)
    verdict = queries.gate(callback, clock.now())
    if isinstance(verdict, Blocked):
        _advance(attempt, Attempt.State.ENDED, cause=f"Blocked: {verdict.reason}", ended=True)
        return False
    now = clock.now()
    begun = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.INTENDED)
    return bool(begun.update(state=Attempt.State.DIALING, dialed_at=now))


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
    with transaction.atomic():
        attempt = queries.live_attempt(lock_work(work))
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
    with transaction.atomic():
        attempt = queries.live_attempt(lock_work(work))
    if attempt is None or attempt.answered_at is None:
        raise NoDialError("no_call", "Nobody is on the line")
    get_dialer().hold(attempt.key, on=on)
