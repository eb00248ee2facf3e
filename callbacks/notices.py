"""What desks and workers are told after a commit. A lost notice costs a second, never a fact."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
_gathered: ContextVar[set[Callable[[], None]] | None] = ContextVar("gathered", default=None)


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
    """After the commit, tell an agent's desk that ``name`` happened; it fetches what it needs.

    The wallboard is told that something happened on the floor.
    """
    if user_id is not None:
        _after_commit(partial(_publish, desk_channel(user_id), name, facts))
        _after_commit(partial(_once, _publish_floor))


def tell_queue() -> None:
    """After the commit, tell the supervisors' pages that the queue changed."""
    _after_commit(partial(_once, _publish_queue))


def knock() -> None:
    """After the commit, wake the matching: something may be due, or somebody may be idle."""
    _after_commit(partial(_once, _wake_matching))


def knock_for(task: str) -> None:
    """After the commit, wake the tick of that name: there is work for it."""
    _after_commit(partial(_wake, task))


@contextmanager
def gathered() -> Iterator[None]:
    """Tell the pages and the matching once of many changes in a row, after the last of them.

    Desks are told at once as ever: somebody looks at what changes there.
    """
    told: set[Callable[[], None]] = set()
    before = _gathered.set(told)
    try:
        yield
    finally:
        _gathered.reset(before)
        for act in told:
            act()


def _once(act: Callable[[], None]) -> None:
    told = _gathered.get()
    if told is None:
        act()
    else:
        told.add(act)


def _after_commit(act: Callable[[], None]) -> None:
    transaction.on_commit(act, robust=True)


def _publish_queue() -> None:
    _publish(QUEUE, "queue", {})


def _publish_floor() -> None:
    _publish(QUEUE, "floor", {})


def _publish(channel: str, name: str, facts: dict[str, Any]) -> None:
    try:
        _valkey().publish(channel, json.dumps({"name": name, **facts}))
    except redis.RedisError as error:
        log.warning("notice lost", channel=channel, notice=name, error=str(error))


def _wake_matching() -> None:
    _wake("agentdesk.tasks.match_idle_agents")


def _wake(task: str) -> None:
    try:
        current_app.send_task(task, expires=5, retry=False)
    except OperationalError as error:
        log.warning("knock lost", error=str(error))
