"""What desks and workers are told after a commit. A lost notice costs a second, never a fact."""

import json
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

QUEUE = "queue"


def desk_channel(user_id: int) -> str:
    """The channel on which an agent's desk listens."""
    return f"desk:{user_id}"


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    patience = settings.BROKER_PATIENCE
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=patience, socket_connect_timeout=patience
    )


def tell_agent(user_id: int | None, name: str, **facts: Any) -> None:
    """After the commit, tell an agent's desk that ``name`` happened; it fetches what it needs."""
    if user_id is not None:
        _after_commit(partial(_publish, desk_channel(user_id), name, facts))


def tell_queue() -> None:
    """After the commit, tell the supervisors' pages that the queue changed."""
    _after_commit(partial(_publish, QUEUE, "queue", {}))


def knock() -> None:
    """After the commit, wake the matching: something may be due, or somebody may be idle."""
    _after_commit(_wake_matching)


def _after_commit(act: Callable[[], None]) -> None:
    transaction.on_commit(act, robust=True)


def _publish(channel: str, name: str, facts: dict[str, Any]) -> None:
    try:
        _valkey().publish(channel, json.dumps({"name": name, **facts}))
    except redis.RedisError as error:
        log.warning("notice lost", channel=channel, notice=name, error=str(error))


def _wake_matching() -> None:
    try:
        current_app.send_task("agentdesk.tasks.match_idle_agents", expires=5, retry=False)
    except OperationalError as error:
        log.warning("knock lost", error=str(error))
