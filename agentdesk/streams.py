"""Long answers, sent while they are made, under WSGI and under ASGI."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed[T: (str, bytes)](
    request: HttpRequest, parts: Iterator[T], *, content_type: str, name: str
) -> StreamingHttpResponse:
    """An answer to be saved under a name, made part by part.

    Under ASGI Django would gather a plain iterator in memory first.
    """
    content = _awaited(parts) if isinstance(request, ASGIRequest) else parts
    response = StreamingHttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Accel-Buffering"] = "no"
    return response


async def _awaited[T: (str, bytes)](parts: Iterator[T]) -> AsyncIterator[T]:
    """The same parts, each made in the thread that has the request's database connection."""

    def following() -> T | None:
        return next(parts, None)

    while (part := await sync_to_async(following, thread_sensitive=True)()) is not None:
        yield part
