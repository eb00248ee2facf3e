"""Who may ask, how often, and how much at once. Named in settings by their paths."""

import io
from typing import Any

import structlog
from redis.exceptions import RedisError
from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

log = structlog.get_logger(__name__)

LARGEST_BODY = 65_536


class TooLargeError(exceptions.APIException):
    """More than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "Send less at once"
    default_code = "too_large"


class NeedsScope(BasePermission):
    """The key has the scope that the address asks for; an address without one is for nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """401 without a key, 403 with one that lacks the scope."""
        scope = getattr(view, "scope", None)
        self.message = f"It needs the scope {scope}"
        return request.auth is not None and scope in request.auth.scopes


class KeyThrottle(SimpleRateThrottle):
    """So many requests a minute for each key. Without Valkey nobody is throttled."""

    scope = "api"

    def get_cache_key(self, request: Request, view: Any) -> str:
        """By key; without one by address."""
        who = request.auth.prefix if request.auth is not None else self.get_ident(request)
        return f"throttle:{self.scope}:{who}"

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether there is room for one more."""
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            log.warning("throttle lost", error=str(error))
            return True


class SmallJSONParser(JSONParser):
    """JSON up to 64 kB."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> object:
        """The body. Raises ParseError, TooLargeError."""
        body = stream.read(LARGEST_BODY + 1)
        if len(body) > LARGEST_BODY:
            raise TooLargeError
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("It is nested too deeply") from error
