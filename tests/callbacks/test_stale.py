"""Too old to be worth calling: given up by itself where the campaign says so (RULES 3)."""

from datetime import timedelta

import pytest

from callbacks.actions.sweeps import expire_stale
from callbacks.models import Callback
from tests.factories import in_work, make_callback, make_campaign, offered, snapshot, story

pytestmark = pytest.mark.django_db
D, S = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def strict(db):
    return make_campaign(expires_stale=True)


@pytest.mark.parametrize(("age", "gone"), [(3 * D, 0), (3 * D + S, 1), (30 * D, 1), (-D, 0)])
def test_more_than_three_days_overdue_is_stale(strict, age, gone):
    callback = make_callback(strict, due=-age)
    assert expire_stale() == gone
    after = Callback.objects.get(pk=callback.pk)
    assert after.state == ("expired" if gone else "scheduled")
    assert after.ended_reason == ("Too old to be worth calling" if gone else "")
    assert story(callback) == ["request", *["expire"] * gone]


def test_each_campaign_says_how_old_is_too_old_and_whether(strict):
    patient = make_campaign(expires_stale=True, stale_days=10)
    lenient = make_campaign()
    kept = [make_callback(one, due=-9 * D) for one in (patient, lenient)]
    gone = [make_callback(strict, due=-9 * D), make_callback(patient, due=-11 * D)]
    assert expire_stale() == 2
    states = dict(Callback.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in kept] == ["scheduled"] * 2
    assert [states[one.pk] for one in gone] == ["expired"] * 2


@pytest.mark.parametrize("hands", [offered, in_work])
def test_what_an_agent_has_in_hand_does_not_expire(strict, hands):
    from tests.factories import make_agent

    callback = make_callback(strict, due=-9 * D)
    hands(make_agent(strict), callback)
    before = snapshot()
    assert expire_stale() == 0
    assert snapshot() == before


def test_one_that_waits_for_a_person_expires_too(strict):
    make_callback(strict, due=-9 * D, callable_in=None, attention="Zone not known")
    assert expire_stale() == 1


def test_more_than_a_batch_takes_more_than_a_tick(strict, monkeypatch):
    from callbacks.actions import sweeps

    monkeypatch.setattr(sweeps, "BATCH", 2)
    for _ in range(5):
        make_callback(strict, due=-9 * D)
    assert [expire_stale() for _ in range(4)] == [2, 2, 1, 0]
