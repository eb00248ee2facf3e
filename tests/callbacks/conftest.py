"""What the races leave behind is tidied away."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def few_connections() -> Iterator[None]:
    """The threads of a race give back what they opened."""
    yield
    connection.close_pool()
