"""The description of the API: builds without a warning, and says what is so."""

import json
from io import StringIO

from django.core.management import call_command
from django.test import Client

from agentdesk.keys import SCOPES
from callbacks.api import do_not_call, inbound_calls
from callbacks.api.frame import ApiView


def schema():
    out = StringIO()
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out
    )
    return json.loads(out.getvalue())


def test_it_builds_without_a_warning():
    assert schema()["openapi"].startswith("3.")


def test_it_names_every_address_and_method():
    found = {
        (method, path) for path, operations in schema()["paths"].items() for method in operations
    }
    assert found == {
        ("post", "/v1/do-not-call"),
        ("get", "/v1/do-not-call/{number}"),
        ("post", "/v1/inbound-calls"),
        ("post", "/v1/inbound-calls/{call_id}/undo"),
    }


def test_every_operation_wants_a_key_and_answers_problems():
    told = schema()
    assert told["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for operations in told["paths"].values():
        for operation in operations.values():
            assert operation["security"] == [{"key": []}]
            for code in ("401", "403", "422", "429", "503"):
                assert list(operation["responses"][code]["content"]) == ["application/problem+json"]


def test_every_view_names_a_scope_that_exists():
    named = [thing for module in (do_not_call, inbound_calls) for thing in vars(module).values()]
    views = {one for one in named if isinstance(one, type) and issubclass(one, ApiView)}
    assert {view.scope for view in views - {ApiView}} == set(SCOPES)


def test_anybody_may_read_it():
    response = Client().get("/v1/schema/")
    assert response.status_code == 200
    assert b"/v1/do-not-call" in response.content
