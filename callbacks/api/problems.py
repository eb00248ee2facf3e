"""Errors as RFC 9457 problem details, each with a stable ``code``."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from callbacks.actions.inbound_calls import RepeatedError
from callbacks.actions.intake import IntakeRefusedError
from callbacks.rules.states import RefusedError
from contacts.rules.phone import NumberRefusedError
from contacts.rules.timezones import NonexistentTimeError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "The request cannot be read",
    401: "A key is needed",
    403: "This key may not do that",
    404: "Not found",
    405: "There is no such method here",
    406: "Only JSON is answered",
    409: "Not possible as things stand",
    413: "The request is too large",
    415: "Only JSON is read",
    422: "The request is not valid",
    429: "Too many requests",
    503: "Busy",
}


class FieldProblem(serializers.Serializer):
    """What is wrong with one field: where (a JSON pointer), a stable code, and words."""

    pointer = serializers.CharField(help_text="JSON pointer into the request, such as #/number")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """A problem as RFC 9457 describes it. Programs look at ``code``; the texts may change."""

    type = serializers.CharField(help_text="urn:ringback:problem: and the code")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblem(many=True, required=False)


def answers(*codes: int, **done: Any) -> dict[Any, Any]:
    """What an operation answers, for the schema: ``ok=…`` and ``created=…``, and its problems."""
    found: dict[Any, Any] = {{"ok": 200, "created": 201}[name]: it for name, it in done.items()}
    for code in (401, 403, 422, 429, 503, *codes):
        found[code, MEDIA_TYPE] = Problem
    return found


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: everything foreseen becomes a problem, the rest is a bug (500)."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(str(error) or None)
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_fields(error.get_full_details(), "#"))
        return _problem(422, "invalid", "Put right what is listed under errors", errors)
    if isinstance(error, exceptions.APIException):
        return _foreseen(error)
    return _refused(error)


def _foreseen(error: exceptions.APIException) -> Response:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    code = str(error.get_codes())
    return _problem(error.status_code, code, str(error.detail), headers=headers)


def _refused(error: Exception) -> Response | None:
    """Refusals of our own actions: the words that a page would show, under their own code."""
    match error:
        case RefusedError():
            return _problem(404 if error.code == "missing" else 409, error.code, str(error))
        case RepeatedError():
            return _problem(422, "repeated", str(error))
        case IntakeRefusedError():
            pointer = f"#/{error.field}" if error.field else "#"
            listed = {"pointer": pointer, "code": error.code, "detail": str(error)}
            return _problem(422, error.code, str(error), [listed])
        case NumberRefusedError():
            return _problem(422, error.code, str(error))
        case NonexistentTimeError():
            return _problem(422, "nonexistent", str(error))
        case OperationalError():
            return _problem(503, "busy", "Try again in a moment", headers={"Retry-After": "1"})
    return None


def _fields(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    """Every message of a validation error with the place that it concerns."""
    if isinstance(details, Mapping) and {"message", "code"} == set(details):
        yield {"pointer": pointer, "code": details["code"], "detail": str(details["message"])}
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _fields(
                inner, pointer if name == "non_field_errors" else f"{pointer}/{step}"
            )
    else:
        for inner in details:
            yield from _fields(inner, pointer)


def _problem(
    code: int,
    name: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:ringback:problem:{name}",
        "title": TITLES.get(code, "It did not work"),
        "status": code,
        "detail": detail,
        "code": name,
    }
    if errors is not None:
        body["errors"] = errors
    return Response(body, status=code, headers=headers, content_type=MEDIA_TYPE)
