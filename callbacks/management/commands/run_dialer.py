"""The process that owns a carrier's event connection."""

import signal
import time
from datetime import timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.db.models.functions import Coalesce

from callbacks.actions.calls import apply_event
from callbacks.dialers import get_dialer
from callbacks.dialers.base import Dialer
from callbacks.dialers.simulator import Simulator
from callbacks.models import Attempt
from contacts import clock

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.1
# A dial that was just asked for may not have reached the carrier yet.
SETTLING = timedelta(seconds=10)


def reconcile(dialer: Dialer) -> int:
    """Apply all that the carrier knows of calls that are open with us. Returns what changed."""
    now = clock.now()
    attempts = list(
        Attempt.objects.exclude(state=Attempt.State.ENDED).values_list(
            "key", Coalesce("dialed_at", "intended_at")
        )
    )
    settled = {key for key, asked_at in attempts if asked_at < now - SETTLING}
    changed = 0
    for event in dialer.reconcile([key for key, _ in attempts]):
        never_seen = event.sequence == 0 and event.cause.startswith("The call never")
        if never_seen and event.key not in settled:
            continue
        changed += apply_event(event)
    return changed


class Command(BaseCommand):
    """``manage.py run_dialer``: applies what the carrier reports until it is told to stop."""

    help = "Own the carrier's event connection and apply what it reports."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or SIGINT; a lost database is waited for."""
        self.going = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        dialer = get_dialer()
        while self.going:
            if isinstance(dialer, Simulator):
                dialer.beat()
            try:
                reconcile(dialer)
            except DatabaseError as error:
                log.warning("database trouble, trying again", error=str(error))
                close_old_connections()
                time.sleep(1)
            time.sleep(TICK_SECONDS)

    def _stop(self, *_: object) -> None:
        self.going = False
