"""Server-sent events to the desks, fed by Valkey after each commit.

One subscription for the whole process, whatever the number of desks; a queue for each of them.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import aget_user
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from agentdesk.access import access_desk, access_queue
from agentdesk.models import Agent
from callbacks.notices import QUEUE, desk_channel

log = structlog.get_logger(__name__)

KEEP_ALIVE_SECONDS = 15
RETRY_MILLISECONDS = 1500
BACKLOG = 100


class Hub:
    """Fans the notices of Valkey out to the listeners of this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None

    def join(self, channel: str) -> "asyncio.Queue[str]":
        """A queue that receives what is told on the channel from now on."""
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        queue: asyncio.Queue[str] = asyncio.Queue(BACKLOG)
        self._listeners[channel].add(queue)
        return queue

    def leave(self, channel: str, queue: "asyncio.Queue[str]") -> None:
        """Forget a queue; its desk is gone."""
        self._listeners[channel].discard(queue)
        if not self._listeners[channel]:
            del self._listeners[channel]

    async def _read(self) -> None:
        while True:
            try:
                async with redis.asyncio.Redis.from_url(settings.REDIS_URL) as valkey:
                    await self._listen(valkey)
            except (redis.RedisError, OSError) as error:
                log.warning("Valkey lost, trying again", error=str(error))
                self._tell_all("resync")
                await asyncio.sleep(1)

    async def _listen(self, valkey: Any) -> None:
        async with valkey.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.psubscribe("desk:*", QUEUE)
            # Whatever was told while nobody listened: every page looks again.
            self._tell_all("resync")
            async for message in subscription.listen():
                self._tell(message["channel"].decode(), message["data"].decode())

    def _tell(self, channel: str, data: str) -> None:
        name = json.loads(data)["name"]
        for queue in self._listeners.get(channel, ()):
            _put(queue, f"event: {name}\ndata: {data}\n\n")

    def _tell_all(self, name: str) -> None:
        for queues in self._listeners.values():
            for queue in queues:
                _put(queue, f"event: {name}\ndata: {{}}\n\n")


def _put(queue: "asyncio.Queue[str]", text: str) -> None:
    """A desk that does not read loses its oldest notices, not our memory."""
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(text)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def _hub() -> Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


@require_GET
async def desk_events(request: HttpRequest) -> HttpResponseBase:
    """The stream of one agent's desk."""
    user = await aget_user(request)
    try:
        agent = await sync_to_async(access_desk)(user)
    except PermissionDenied:
        return HttpResponse("Sign in first", status=403)
    return await _stream(desk_channel(agent.pk), agent.pk)


@require_GET
async def queue_events(request: HttpRequest) -> HttpResponseBase:
    """The stream of the supervisors' queue."""
    user = await aget_user(request)
    try:
        await sync_to_async(access_queue)(user)
    except PermissionDenied:
        return HttpResponse("Sign in first", status=403)
    return await _stream(QUEUE, None)


async def _stream(channel: str, agent_id: int | None) -> StreamingHttpResponse:
    # A stream lasts for hours: it must not keep a connection of the pool meanwhile.
    await sync_to_async(_let_go)()
    response = StreamingHttpResponse(_events(channel, agent_id), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _events(channel: str, agent_id: int | None) -> AsyncIterator[str]:
    hub = _hub()
    queue = hub.join(channel)
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n\n"
        while True:
            if agent_id is not None:
                await sync_to_async(_seen)(agent_id)
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    while True:
                        yield await queue.get()
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        hub.leave(channel, queue)


def _seen(agent_id: int) -> None:
    """The agent's desk is connected."""
    Agent.objects.filter(pk=agent_id).update(seen_at=Now())
    _let_go()


def _let_go() -> None:
    connection.close()
