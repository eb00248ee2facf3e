"""A key and a program that has it."""

import pytest

from agentdesk.keys import create_key
from tests.api.program import Program


@pytest.fixture
def key(db):
    """A live key with every scope, and its token."""
    return create_key("Telephone system", scopes=["dnc", "calls"], days=90)


@pytest.fixture
def program(key):
    return Program(key[1])
