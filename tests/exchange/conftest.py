"""Somebody who may import."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def supervisor(db):
    client = Client()
    client.user = make_user("supervisor", zone="Europe/Berlin")
    client.force_login(client.user)
    return client
