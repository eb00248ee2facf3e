"""Keys of programs: hashed, scoped, over one day; and what stands in front of every address."""

from datetime import timedelta
from io import StringIO

import pytest
import redis
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from agentdesk.keys import KeyRefusedError, create_key, revoke_key
from agentdesk.models import ApiKey
from callbacks.api import do_not_call
from callbacks.api.policies import LARGEST_BODY, KeyThrottle
from contacts import clock
from tests.api.program import Program, fields, problem
from tests.factories import make_user, snapshot

LIST = "/v1/do-not-call"
CALLS = "/v1/inbound-calls"
ADDRESSES = [
    ("post", LIST, "dnc"),
    ("get", f"{LIST}/+442079460134", "dnc"),
    ("post", CALLS, "calls"),
    ("post", f"{CALLS}/abc/undo", "calls"),
]


@pytest.mark.parametrize(("method", "path", "scope"), ADDRESSES)
def test_every_address_wants_a_key(db, method, path, scope):
    before = snapshot()
    response = Program().send(method, path, {} if method == "post" else None)
    assert (response.status_code, problem(response)) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="Ringback"'
    assert snapshot() == before


@pytest.mark.parametrize(("method", "path", "scope"), ADDRESSES)
def test_every_address_wants_its_scope(db, method, path, scope):
    other = {"dnc": "calls", "calls": "dnc"}[scope]
    _, token = create_key("Half", scopes=[other], days=1)
    before = snapshot()
    response = Program(token).send(method, path, {} if method == "post" else None)
    assert (response.status_code, problem(response)) == (403, "permission_denied")
    assert scope in response.json()["detail"]
    assert snapshot() == before
    _, fitting = create_key("Other half", scopes=[scope], days=1)
    assert Program(fitting).send(method, path, {} if method == "post" else None).status_code in (
        200, 404, 422,
    )  # fmt: skip


@pytest.mark.parametrize("role", ["agent", "supervisor", "administrator"])
def test_a_session_opens_nothing(db, role):
    client = Client()
    client.force_login(make_user(role))
    assert client.get(f"{LIST}/+442079460134").status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Bearer", "Bearer ", "Bearer x", "Bearer x.y", "Basic YTpi", "bearer rb_0123456789.short",
        "Bearer rb_0123456789." + "x" * 43, "Bearer rb_0123456789." + "x" * 5000, "Bearer \u00e9.a",
    ],
)  # fmt: skip
def test_what_is_no_key_opens_nothing(key, header):
    response = Program().get(f"{LIST}/+442079460134", Authorization=header)
    assert (response.status_code, problem(response)) in (
        (401, "key_unknown"), (401, "not_authenticated"),
    )  # fmt: skip


def test_a_right_prefix_with_another_secret_opens_nothing(key):
    found, token = key
    _, other = create_key("Another", scopes=["dnc"], days=1)
    mixed = f"{found.prefix}.{other.partition('.')[2]}"
    assert problem(Program(mixed).get(f"{LIST}/+442079460134")) == "key_unknown"
    assert Program(token).get(f"{LIST}/+442079460134").status_code == 200


def test_a_revoked_key_and_one_that_is_over_open_nothing(key):
    found, token = key
    assert Program(token).get(f"{LIST}/+442079460134").status_code == 200
    ApiKey.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert problem(Program(token).get(f"{LIST}/+442079460134")) == "key_expired"
    assert not revoke_key(found.prefix)  # it is over already
    ApiKey.objects.update(expires_at=clock.now() + timedelta(days=1))
    assert revoke_key(found.prefix)
    assert problem(Program(token).get(f"{LIST}/+442079460134")) == "key_revoked"


def test_only_a_hash_of_the_secret_is_kept(key):
    _, token = key
    row = str(ApiKey.objects.values_list().get())
    assert token.partition(".")[2] not in row
    assert token.partition(".")[0] in row


def test_the_last_use_is_noted_at_most_once_a_minute(key, program):
    program.get(f"{LIST}/+442079460134")
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    program.get(f"{LIST}/+442079460134")
    assert ApiKey.objects.get().last_used_at == first
    earlier = clock.now() - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=earlier)
    program.get(f"{LIST}/+442079460134")
    assert ApiKey.objects.get().last_used_at > earlier


def test_a_name_has_two_live_keys_while_a_program_changes_over(db):
    first, _ = create_key("Dialler", scopes=["dnc"], days=1)
    create_key("Dialler", scopes=["dnc"], days=1)
    with pytest.raises(KeyRefusedError):
        create_key("Dialler", scopes=["dnc"], days=1)
    assert ApiKey.objects.count() == 2
    create_key("Another", scopes=["dnc"], days=1)
    revoke_key(first.prefix)
    create_key("Dialler", scopes=["dnc"], days=1)
    assert ApiKey.objects.filter(name="Dialler").count() == 3


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 1), (["all"], 1), (["dnc", "x"], 1), (["dnc"], 0)]
)
def test_a_key_that_makes_no_sense_is_refused(db, scopes, days):
    with pytest.raises(KeyRefusedError):
        create_key("Dialler", scopes=scopes, days=days)
    assert not ApiKey.objects.exists()


# --- manage.py apikey


def run(*words):
    out, err = StringIO(), StringIO()
    call_command("apikey", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_creates_shows_once_lists_and_revokes(db):
    out, err = run("create", "Dialler", "--scope", "dnc", "--scope", "calls", "--days", "30")
    token = out.strip()
    assert "cannot be shown again" in err
    assert Program(token).get(f"{LIST}/+442079460134").status_code == 200
    listed, _ = run("list")
    prefix, _, secret = token.partition(".")
    assert prefix in listed
    assert "live    Dialler  calls,dnc" in listed
    assert secret not in listed
    assert run("revoke", token)[0] == f"Revoked {prefix}\n"
    assert "revoked Dialler" in run("list")[0]
    assert problem(Program(token).get(f"{LIST}/+442079460134")) == "key_revoked"


def test_the_command_says_what_it_refuses(db):
    run("create", "Dialler", "--scope", "dnc")
    run("create", "Dialler", "--scope", "dnc")
    for words, why in (
        (("create", "Dialler", "--scope", "dnc"), "two live keys"),
        (("create", "D", "--scope", "dnc", "--days", "0"), "at least a day"),
        (("create", "D", "--scope", "all"), "invalid choice"),
        (("revoke", "rb_0000000000"), "no live key"),
    ):
        with pytest.raises(CommandError, match=why):
            run(*words)
    assert ApiKey.objects.count() == 2


# --- what every address has in common


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "parse_error"),
        (b"", 422, "invalid"),
        (b'{"number": NaN}', 400, "parse_error"),
        (b"[" * 60_000, 400, "parse_error"),
        (b"\xff\xfe", 400, "parse_error"),
        (b"[]", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (b" " * (LARGEST_BODY + 1), 413, "too_large"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(program, body, status, code):
    before = snapshot()
    response = program.post(LIST, body)
    assert (response.status_code, problem(response)) == (status, code)
    assert snapshot() == before


def test_forms_are_not_read_and_pages_not_answered(program):
    sent = program.post(LIST, b"number=1", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert problem(sent) in ("unsupported_media_type", "invalid", "parse_error")
    response = program.client.post(LIST, {"number": "1"}, headers=program.headers)
    assert (response.status_code, problem(response)) == (415, "unsupported_media_type")
    asked = program.get(f"{LIST}/+442079460134", Accept="text/html")
    assert (asked.status_code, problem(asked)) == (406, "not_acceptable")


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options"])
def test_other_methods_are_problems(program, method):
    response = program.send(method, LIST)
    assert (response.status_code, problem(response)) == (405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/v1/", "/v1/nothing", "/v1/do-not-call/", f"{CALLS}/x/y"])
def test_an_address_that_is_not_there_is_a_problem_too(program, path):
    for response in (program.get(path), program.post(path)):
        assert (response.status_code, problem(response)) == (404, "not_found")


def test_too_many_requests_are_told_when_to_come_back(program, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "rate", "2/min", raising=False)
    path = f"{LIST}/+442079460134"
    assert [program.get(path).status_code for _ in range(3)] == [200, 200, 429]
    response = program.get(path)
    assert problem(response) == "throttled"
    assert 1 <= int(response["Retry-After"]) <= 61
    _, other = create_key("Another", scopes=["dnc"], days=1)
    assert Program(other).get(path).status_code == 200


def test_without_valkey_nobody_is_throttled(program, monkeypatch):
    def gone(*_):
        raise redis.exceptions.ConnectionError("gone")

    monkeypatch.setattr(KeyThrottle.cache, "get", gone)
    assert program.get(f"{LIST}/+442079460134").status_code == 200


def test_a_busy_database_asks_for_patience(program, monkeypatch):
    def busy(*_, **__):
        raise OperationalError("lock timeout")

    monkeypatch.setattr(do_not_call, "forbid_number", busy)
    response = program.post(LIST, {"number": "+442079460134"})
    assert (response.status_code, problem(response)) == (503, "busy")
    assert response["Retry-After"] == "1"


def test_an_unknown_field_is_an_error_and_not_ignored(program):
    """A misspelt campaign must not become a number listed everywhere."""
    before = snapshot()
    response = program.post(LIST, {"number": "+442079460134", "campain": "x", "a/b~c": 1})
    assert fields(response) == [("#/a~1b~0c", "unknown"), ("#/campain", "unknown")]
    assert snapshot() == before
