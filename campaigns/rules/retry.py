"""What happens after a call that did not reach the contact? (RULES 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt ended."""

    ANSWERED = "answered"
    VOICEMAIL = "voicemail"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    NETWORK_ERROR = "network_error"
    INVALID_NUMBER = "invalid_number"
    DNC_REQUEST = "dnc_request"
    CANCELLED_BY_AGENT = "cancelled_by_agent"
    UNKNOWN = "unknown"


class Ending(StrEnum):
    """Where a callback goes when there is no retry; the names are states of the callback."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXHAUSTED = "exhausted"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The delays of one outcome and how many retries may follow the first dial.

    ``delays`` are steps: the n-th retry waits for the n-th one, the last one repeats.
    """

    delays: tuple[timedelta, ...]
    max_retries: int

    def delay(self, retry_number: int) -> timedelta:
        """How long the given retry (1 is the first) waits after the attempt before it ended."""
        return self.delays[min(retry_number, len(self.delays)) - 1]


DEFAULT_POLICIES: Mapping[Outcome, RetryPolicy] = {
    Outcome.VOICEMAIL: RetryPolicy((timedelta(hours=24),), 3),
    Outcome.NO_ANSWER: RetryPolicy((timedelta(hours=24),), 3),
    Outcome.BUSY: RetryPolicy((timedelta(hours=1),), 5),
    Outcome.NETWORK_ERROR: RetryPolicy((timedelta(minutes=30),), 3),
}

NEVER_RETRIED = frozenset({Outcome.INVALID_NUMBER, Outcome.DNC_REQUEST, Outcome.ANSWERED})


@dataclass(frozen=True, slots=True)
class Retry:
    """Call again at ``due_at``; the queue says "Retry ``number`` of ``maximum``"."""

    due_at: datetime
    number: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Stop:
    """No further dial; the callback ends, for a reason in words."""

    ending: Ending
    reason: str


@dataclass(frozen=True, slots=True)
class DialsSoFar:
    """Attempts of this contact in this campaign since counting began, the last one included."""

    with_this_outcome: int
    in_all: int


class OutcomeUnknownError(ValueError):
    """An unknown outcome decides nothing: a person has to say how the call ended."""


def after(
    outcome: Outcome,
    ended_at: datetime,
    so_far: DialsSoFar,
    policies: Mapping[Outcome, RetryPolicy],
    dial_cap: int | None = None,
) -> Retry | Stop:
    """The next step after an attempt that ended with ``outcome``.

    "Max retries 3" are three retries after the first dial. Delays are real time: 24 h are 24 hours
    also across a DST change. Raises OutcomeUnknownError for ``unknown``.
    """
    if outcome is Outcome.UNKNOWN:
        raise OutcomeUnknownError("The outcome of the call is not known yet")
    if outcome is Outcome.ANSWERED:
        return Stop(Ending.COMPLETED, "The contact answered")
    if outcome is Outcome.INVALID_NUMBER:
        return Stop(Ending.CANCELLED, "The number is not in service")
    if outcome is Outcome.DNC_REQUEST:
        return Stop(Ending.CANCELLED, "The contact asked not to be called")
    policy = policies.get(outcome)
    if policy is None or not policy.max_retries:
        return Stop(Ending.EXHAUSTED, "The policy has no retry for this outcome")
    number = so_far.with_this_outcome
    if number > policy.max_retries:
        return Stop(Ending.EXHAUSTED, f"All {policy.max_retries} retries are used up")
    if dial_cap is not None and so_far.in_all >= dial_cap:
        return Stop(Ending.EXHAUSTED, f"The campaign dials a contact at most {dial_cap} times")
    return Retry(ended_at + policy.delay(number), number, policy.max_retries)
