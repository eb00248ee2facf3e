"""A carrier that behaves like one in time, without a network.

Its memory is an append-only file of what it was asked. How a call goes follows from its key and
number, so that what has happened by now can be read from the file at any moment, by any process,
also after all of them were killed. The file counts real dials independently of our tables.
"""

import json
import os
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from callbacks.dialers.base import (
    CallEvent,
    CallRequest,
    Capability,
    DialerUnavailableError,
    Health,
    Kind,
    ReplyLostError,
)
from campaigns.rules.retry import Outcome

HEARTBEAT_SECONDS = 5.0

# The last two digits of a number force what happens to it; any other number follows the seed.
FORCED = {
    "01": Outcome.VOICEMAIL,
    "02": Outcome.NO_ANSWER,
    "03": Outcome.BUSY,
    "04": Outcome.NETWORK_ERROR,
    "05": Outcome.INVALID_NUMBER,
}
DROPPED, REPLY_LOST, SLOW_REPLY, LONG_TALK = "07", "08", "09", "00"
_RINGS = {
    Outcome.ANSWERED: 2.5,
    Outcome.VOICEMAIL: 4.0,
    Outcome.NO_ANSWER: 6.0,
    Outcome.BUSY: 0.8,
    Outcome.NETWORK_ERROR: 0.5,
    Outcome.INVALID_NUMBER: 0.4,
}
_CHANCES = {
    Outcome.ANSWERED: 62,
    Outcome.VOICEMAIL: 16,
    Outcome.NO_ANSWER: 13,
    Outcome.BUSY: 6,
    Outcome.NETWORK_ERROR: 3,
}
_CAUSES = {
    Outcome.ANSWERED: "Ended by the customer",
    Outcome.VOICEMAIL: "Voicemail picked up",
    Outcome.NO_ANSWER: "Nobody answered",
    Outcome.BUSY: "The line is busy",
    Outcome.NETWORK_ERROR: "The network could not connect",
    Outcome.INVALID_NUMBER: "The number is not in service",
}


class Clock(Protocol):
    """Of the ``time`` module what the carrier asks for, so that a test may hold its time still."""

    def time(self) -> float:
        """Seconds since 1970."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let so many seconds pass."""
        ...


@dataclass
class _Call:
    key: UUID
    number: str
    asked_at: float
    orders: list[tuple[float, str]] = field(default_factory=list)


class Simulator:
    """The simulated carrier over a folder. ``seed`` None: every number that forces nothing answers.

    ``speed`` 10 makes ten seconds of telephony one second of ours.
    """

    capabilities = frozenset({Capability.HOLD})
    reports = True

    def __init__(
        self,
        folder: Path,
        *,
        seed: int | None = None,
        speed: float | None = None,
        clock: Clock = time,
    ) -> None:
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "calls.jsonl"
        self._heartbeat = folder / "heartbeat"
        given = os.environ.get("RINGBACK_SIMULATOR_SEED")
        self._seed = seed if seed is not None else int(given) if given else None
        self._known: dict[UUID, _Call] = {}
        self._bill: list[tuple[UUID, str]] = []
        self._read_to = 0
        self._speed = speed or float(os.environ.get("RINGBACK_SIMULATOR_SPEED", "1"))

    def beat(self) -> None:
        """The process that listens for events says that it is there."""
        self._heartbeat.touch()

    def health(self) -> Health:
        """Can dial while somebody listens for events."""
        try:
            silent = self._clock.time() - self._heartbeat.stat().st_mtime
        except FileNotFoundError:
            silent = HEARTBEAT_SECONDS
        if silent >= HEARTBEAT_SECONDS:
            return Health(can_dial=False, why="The telephone line is down")
        return Health(can_dial=True)

    def start(self, call: CallRequest) -> None:
        """Ring the number. Raises DialerUnavailableError or ReplyLostError."""
        if not self.health().can_dial:
            raise DialerUnavailableError("The telephone line is down")
        self._write({"op": "start", "key": str(call.key), "number": call.number})
        if call.number.endswith(SLOW_REPLY):
            self._clock.sleep(2 / self._speed)
        if call.number.endswith(REPLY_LOST):
            raise ReplyLostError("The carrier did not answer")

    def hang_up(self, key: UUID) -> None:
        """End the call."""
        self._write({"op": "hang_up", "key": str(key)})

    def hold(self, key: UUID, *, on: bool) -> None:
        """Put the call on hold or take it off."""
        self._write({"op": "hold" if on else "retrieve", "key": str(key)})

    def reconcile(self, keys: Iterable[UUID]) -> list[CallEvent]:
        """What has happened to these calls by now; one that was never asked for has ended."""
        calls = self._calls()
        events: list[CallEvent] = []
        for key in keys:
            if key in calls:
                events += self._events(calls[key])
            else:
                now = datetime.fromtimestamp(self._clock.time(), UTC)
                why = "The call never reached the carrier"
                events.append(CallEvent(key, 0, Kind.ENDED, now, Outcome.NETWORK_ERROR, why))
        return events

    def started(self) -> list[tuple[UUID, str]]:
        """Every dial that was asked for, by key and number: what a telephone bill would list."""
        self._calls()
        return list(self._bill)

    def _write(self, line: dict[str, Any]) -> None:
        # One write to a file opened for appending is not torn by another process.
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, json.dumps({"at": self._clock.time(), **line}).encode() + b"\n")
        finally:
            os.close(descriptor)

    def _calls(self) -> dict[UUID, _Call]:
        """All calls by key; reads only what was appended since the last time."""
        try:
            with self.log.open("rb") as log:
                log.seek(self._read_to)
                news = log.read()
        except FileNotFoundError:
            return {}
        whole = news[: news.rfind(b"\n") + 1]
        self._read_to += len(whole)
        for text in whole.splitlines():
            self._remember(json.loads(text))
        return self._known

    def _remember(self, line: dict[str, Any]) -> None:
        key = UUID(line["key"])
        if line["op"] == "start":
            self._bill.append((key, line["number"]))
            self._known.setdefault(key, _Call(key, line["number"], line["at"]))
        elif key in self._known:
            self._known[key].orders.append((line["at"], line["op"]))

    def _events(self, call: _Call) -> Iterator[CallEvent]:
        """The events of a call that have happened by now, in order."""
        now = self._clock.time()
        for sequence, (at, kind, outcome, cause) in enumerate(self._story(call)):
            if at <= now:
                yield CallEvent(
                    call.key, sequence, kind, datetime.fromtimestamp(at, UTC), outcome, cause
                )

    def _story(self, call: _Call) -> Iterator[tuple[float, Kind, Outcome | None, str]]:
        """The whole life of a call as it looks from its orders so far."""
        luck = random.Random(f"{self._seed}:{call.key}")  # noqa: S311 # nosec B311
        outcome = self._outcome(call.number, luck)
        stopped = min((at for at, op in call.orders if op == "hang_up"), default=float("inf"))
        rings = call.asked_at + 0.3 / self._speed
        picked_up = call.asked_at + (_RINGS[outcome] + luck.random()) / self._speed
        if min(stopped, picked_up) > rings and outcome is not Outcome.INVALID_NUMBER:
            yield rings, Kind.RINGING, None, ""
        if stopped <= picked_up:
            yield stopped, Kind.ENDED, Outcome.CANCELLED_BY_AGENT, "Stopped by the agent"
            return
        if outcome is not Outcome.ANSWERED:
            yield picked_up, Kind.ENDED, outcome, _CAUSES[outcome]
            return
        yield picked_up, Kind.CONNECTED, None, ""
        drops = picked_up + self._talk(call.number, luck) / self._speed
        ends = min(stopped, drops)
        for at, op in call.orders:
            if op in ("hold", "retrieve") and picked_up <= at < ends:
                yield at, Kind.HELD if op == "hold" else Kind.RETRIEVED, None, ""
        cause = "Ended by the agent" if stopped <= drops else _CAUSES[outcome]
        yield ends, Kind.ENDED, Outcome.ANSWERED, cause

    def _outcome(self, number: str, luck: random.Random) -> Outcome:
        forced = FORCED.get(number[-2:])
        if forced or self._seed is None:
            return forced or Outcome.ANSWERED
        return luck.choices(list(_CHANCES), list(_CHANCES.values()))[0]

    def _talk(self, number: str, luck: random.Random) -> float:
        """How many seconds until the customer or the line ends the call."""
        if number.endswith(DROPPED):
            return 3.0
        if number.endswith(LONG_TALK):
            return 3600.0
        return luck.uniform(45, 240)
