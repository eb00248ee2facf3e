"""Every address of the project, and who may not use it: whatever is new has to be placed here."""

import re
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import make_user, snapshot

VALUES = {
    "int": 1, "slug": "x", "str": "x", "path": "x", "uuid": "0b29c6c4-6a4c-4a0a-9f5d-1f1f6f5a2c11",
}  # fmt: skip
EVERYBODY = {"ask", "ask-campaign", "status", "cancel-call", "do-not-call", "healthz"}
ANY_ROLE = {"home", "jump", "single-keys"}
BEARERS = {"metrics"}  # or supervisors
OTHERS = ("account", "admin", "api")  # tested where they are built: allauth, Django, tests/api
AGENTS = re.compile(r"desk(-.+)?")
SUPERVISORS = re.compile(r"(queue|campaign|dnc|exchange)(s|-.+)?|health|wallboard")
NO = {302, 401, 403, 404, 405}


def addresses(patterns, before=""):
    """Names with the arguments that they take."""
    for one in patterns:
        if isinstance(one, URLResolver):
            if one.app_name != "admin" and not str(one.pattern).startswith("v1"):
                yield from addresses(one.url_patterns)
        elif isinstance(one, URLPattern) and one.name and not one.name.startswith(OTHERS):
            converters = one.pattern.converters
            yield one.name, {name: VALUES[_kind(kind)] for name, kind in converters.items()}


def _kind(converter):
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


ALL = sorted(addresses(get_resolver().url_patterns), key=lambda one: one[0])
PLACED = [(name, values) for name, values in ALL if name not in EVERYBODY | ANY_ROLE | BEARERS]


def test_every_address_has_its_place():
    lost = [
        name for name, _ in PLACED if not AGENTS.fullmatch(name) and not SUPERVISORS.fullmatch(name)
    ]
    assert lost == []
    assert len(PLACED) > 50


@pytest.fixture
def strangers(campaign):
    found = {"anonymous": Client()}
    for role in ("agent", "supervisor", "nobody"):
        found[role] = Client()
        found[role].force_login(make_user(*([] if role == "nobody" else [role])))
    return found


@pytest.mark.parametrize(("name", "values"), PLACED, ids=[name for name, _ in PLACED])
def test_nobody_reads_or_changes_what_is_for_another_role(strangers, name, values):
    theirs = "agent" if AGENTS.fullmatch(name) else "supervisor"
    path = reverse(name, kwargs=values)
    before = snapshot()
    for (who, client), method in product(strangers.items(), ("get", "post", "put", "delete")):
        if who != theirs:
            response = getattr(client, method)(path)
            assert response.status_code in NO, (who, method, response.status_code)
            if response.status_code == 302:
                assert "/accounts/login/" in response["Location"]
    assert snapshot() == before
