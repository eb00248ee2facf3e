"""What waits for one agent, until the grace is over."""

from datetime import timedelta

import pytest

from callbacks.actions.sweeps import release_reserved
from tests.factories import story

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("due", "released"),
    [
        (timedelta(minutes=-14), 0),
        (timedelta(minutes=-15), 1),  # 15 minutes past its time, anybody may have it
        (timedelta(minutes=5), 0),
    ],
)
def test_a_personal_callback_goes_to_anybody_after_the_grace(
    make_callback, campaign, agent, due, released
):
    mine = make_callback(campaign, due=due, reserved_for=agent.user)
    assert release_reserved() == released
    mine.refresh_from_db()
    assert (mine.reserved_for_id is None) == bool(released)
    assert story(mine) == ["request", *["roll"] * released]


def test_releasing_twice_tells_the_story_once(make_callback, campaign, agent):
    mine = make_callback(campaign, due=timedelta(hours=-1), reserved_for=agent.user)
    assert (release_reserved(), release_reserved()) == (1, 0)
    assert story(mine) == ["request", "roll"]
