"""The dialer port: what Ringback asks of a carrier, and what a carrier says (DESIGN)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from campaigns.rules.retry import Outcome


class Capability(StrEnum):
    """What a carrier can do with a live call."""

    HOLD = "hold"


class Kind(StrEnum):
    """What a carrier reports of a call."""

    RINGING = "ringing"
    CONNECTED = "connected"
    HELD = "held"
    RETRIEVED = "retrieved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One report. ``sequence`` rises within a call; applying an event twice does nothing."""

    key: UUID
    sequence: int
    kind: Kind
    at: datetime
    outcome: Outcome | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CallRequest:
    """A dial that is stored already: ``key`` is ours, ``number`` is E.164."""

    key: UUID
    number: str


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a call may be started: not while the carrier's event connection is down."""

    can_dial: bool
    why: str = ""


class DialerError(Exception):
    """The carrier did not do it. Unless it is ReplyLostError, no call was made."""


class DialerUnavailableError(DialerError):
    """The carrier could not be asked."""


class EndpointUnavailableError(DialerError):
    """The carrier has no line to the number."""


class BadRequestError(DialerError):
    """The carrier does not understand the request."""


class CallGoneError(DialerError):
    """There is no such call any more. For a hang-up that is success."""


class NotSupportedError(DialerError):
    """This carrier cannot do that."""


class ReplyLostError(DialerError):
    """The carrier was asked and did not answer: a call may have been made. Never ask again."""


class Dialer(Protocol):
    """A carrier. ``start`` is asked once for each key, after the attempt is committed."""

    capabilities: frozenset[Capability]
    reports: bool  # False: nobody tells how a call goes, the agent does

    def health(self) -> Health:
        """Whether calls can be started now."""
        ...

    def start(self, call: CallRequest) -> None:
        """Ring the number. Raises DialerError."""
        ...

    def hang_up(self, key: UUID) -> None:
        """End the call. Raises DialerError."""
        ...

    def hold(self, key: UUID, *, on: bool) -> None:
        """Put the call on hold or take it off. Raises DialerError."""
        ...

    def reconcile(self, keys: Iterable[UUID]) -> list[CallEvent]:
        """All that the carrier knows of these calls; one that it never saw has ended."""
        ...
