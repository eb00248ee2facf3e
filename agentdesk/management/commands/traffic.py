"""Life at the demo desk: requests come in, demo agents answer them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, close_old_connections

from agentdesk.demo.traffic import Traffic

_TICK = 0.25
_FAREWELL = 3.0


class Command(BaseCommand):
    """``manage.py traffic``: keeps the demo alive until it is told to stop."""

    help = "Post requests and let demo agents work on them. Only in demo mode; Ctrl-C stops it."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("--per-minute", type=float, default=6, help="requests a minute")
        parser.add_argument("--agents", type=int, default=3, help="how many demo agents work")
        parser.add_argument("--seconds", type=float, default=0, help="stop after so many; 0: never")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT, SIGTERM or the time is over. Raises CommandError outside demo mode."""
        if not settings.DEMO:
            raise CommandError("This is no demo: traffic would call real people")
        if options["per_minute"] < 0 or options["agents"] < 0:
            raise CommandError("Requests and agents cannot be fewer than none")
        with _told_to_stop() as stop:
            traffic = Traffic(
                self._tell, agents=options["agents"], per_minute=options["per_minute"]
            )
            names = ", ".join(desk.name for desk in traffic.desks) or "nobody is free"
            self._tell("At the desk", names)
            self._run(traffic, stop, options["seconds"] or float("inf"))

    def _run(self, traffic: Traffic, stop: Event, seconds: float) -> None:
        end = monotonic() + seconds
        try:
            while not stop.is_set() and monotonic() < end:
                try:
                    traffic.tick()
                except OperationalError as error:
                    self._tell("Database lost", f"waiting ({type(error).__name__})")
                    close_old_connections()
                    stop.wait(1)
                stop.wait(_TICK)
        finally:
            self._close(traffic)

    def _close(self, traffic: Traffic) -> None:
        """Hang up, finish and leave; the sweep settles what takes longer."""
        end = monotonic() + _FAREWELL
        while not traffic.leave() and monotonic() < end:
            Event().wait(_TICK)
        self._tell("Traffic", "stopped, all its agents are Not Ready")

    def _tell(self, who: str, what: str) -> None:
        self.stdout.write(f"{datetime.now().astimezone():%H:%M:%S}  {who} {what}")
        self.stdout.flush()


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """An event that Ctrl-C and SIGTERM set; the earlier handlers come back at the end."""
    stop = Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
