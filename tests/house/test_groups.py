"""Browser tests, races and faults each stay in one process, or they starve one another."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_is_seen_by_whoever_hands_out_the_tests(
    request: pytest.FixtureRequest, worker_id: str
) -> None:
    """Versions of pytest and xdist that do not fit lose the groups without a word."""
    assert worker_id == "master" or request.node.nodeid.endswith("@together")
