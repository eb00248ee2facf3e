"""What the desk stands on, asked as cheaply as it can be: carrier, database, broker."""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import redis
from django.conf import settings
from django.db import connection

from callbacks.dialers import get_dialer
from callbacks.rules.words import Chip

LONG_TRANSACTION = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Part:
    """One part in words: how it is, and what that means."""

    title: str
    chip: Chip
    more: str


def parts() -> list[Part]:
    """Carrier, database and broker. Raises what the database raises when it is not there."""
    return [_carrier(), _database(), _broker()]


def _carrier() -> Part:
    health = get_dialer().health()
    if health.can_dial:
        return Part("Carrier", Chip("kept", "check", "Calls can be started"), health.why)
    return Part("Carrier", Chip("overdue", "phone-off", "No call can be started"), health.why)


_OLDEST = """
SELECT current_setting('server_version'), coalesce(max(now() - xact_start), interval '0')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def _database() -> Part:
    started = monotonic()
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        version, oldest = cursor.fetchone()
    took = int((monotonic() - started) * 1000)
    more = f"PostgreSQL {version.split()[0]}, answered in {took} ms"
    if oldest > LONG_TRANSACTION:
        text = f"A transaction has been open for {int(oldest.total_seconds())} s"
        return Part("Database", Chip("risk", "alarm", text), f"It slows every claim. {more}")
    return Part("Database", Chip("kept", "check", "Answers"), more)


def _broker() -> Part:
    patience = settings.BROKER_PATIENCE
    started = monotonic()
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=patience, socket_connect_timeout=patience
        ) as valkey:
            waiting = valkey.llen("celery")
    except redis.RedisError:
        return Part(
            "Broker",
            Chip("overdue", "warning", "Does not answer"),
            "Sweeps do not run and desks are told nothing until it is back; nothing is lost",
        )
    took = int((monotonic() - started) * 1000)
    ticks = "1 tick waits" if waiting == 1 else f"{waiting} ticks wait"
    return Part(
        "Broker", Chip("kept", "check", "Answers"), f"{ticks} for a worker, answered in {took} ms"
    )
