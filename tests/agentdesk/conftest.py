"""Who looks at the pages in these tests."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def ruth(db):
    """A supervisor in London."""
    return make_user("supervisor")


@pytest.fixture
def supervisor(ruth):
    """Her browser, signed in."""
    client = Client()
    client.user = ruth
    client.force_login(client.user)
    return client
