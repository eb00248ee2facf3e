"""Who looks at the pages in these tests."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def supervisor(db):
    """A signed-in supervisor in London."""
    client = Client()
    client.user = make_user("supervisor")
    client.force_login(client.user)
    return client
