"""Signing in: by e-mail, throttled, and nobody makes an account by themselves."""

from uuid import uuid4

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/accounts/login/"


def _try(client: Client, email: str, password: str) -> object:
    return client.post(ADDRESS, {"login": email, "password": password})


@pytest.mark.parametrize(
    ("role", "place"),
    [("agent", "/desk/"), ("supervisor", "/queue/"), ("administrator", "/queue/")],
)
def test_everybody_arrives_where_they_work(client, role, place):
    email = f"{uuid4().hex}@example.com"
    user = make_user(role)
    user.email = email
    user.set_password("a long enough secret")
    user.save()
    assert _try(client, email.upper(), "a long enough secret").url == "/home/"
    assert client.get("/home/").url == place


def test_the_sixth_wrong_password_is_not_even_tried(client):
    email = f"{uuid4().hex}@example.com"
    user = make_user("agent")
    user.email = email
    user.set_password("a long enough secret")
    user.save()
    for _ in range(5):
        assert b"not correct" in _try(client, email, "wrong").content
    refused = _try(client, email, "a long enough secret")
    assert b"Too many failed login attempts" in refused.content
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client):
    before = make_user("agent").__class__.objects.count()
    page = client.post(
        "/accounts/signup/", {"email": "new@example.com", "password1": "a long enough secret"}
    )
    assert page.status_code == 200
    assert b"closed" in page.content.lower()
    assert make_user("agent").__class__.objects.count() == before + 1


def test_an_account_that_was_ended_cannot_sign_in(client):
    user = make_user("agent", is_active=False)
    user.set_password("a long enough secret")
    user.save()
    _try(client, user.email, "a long enough secret")
    assert "_auth_user_id" not in client.session
