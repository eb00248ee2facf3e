"""The beat: every tick exists, expires, may run twice, leaves a record, and stands on the page."""

from datetime import timedelta

import pytest
from celery import current_app
from django.utils.module_loading import import_string

from agentdesk.health import SWEEPS
from callbacks import ticks
from callbacks.models import Callback, Sweep
from callbacks.ticks import FULL, tick
from contacts import clock
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    offered,
    snapshot,
)

TABLE = current_app.conf.beat_schedule
H = timedelta(hours=1)


def run(entry):
    """The tick as the worker runs it, without a worker."""
    import_string(entry["task"])()


# --- the record of a run


def test_a_run_leaves_its_record(db):
    assert tick("a_sweep", lambda: 7) == 7
    mine = Sweep.objects.get(name="a_sweep")
    assert (mine.handled, mine.handled_ever) == (7, 7)
    assert mine.ran_at >= clock.now()  # which is when this transaction began


def test_a_second_run_counts_on(db):
    tick("a_sweep", lambda: 7)
    Sweep.objects.filter(name="a_sweep").update(ran_at=clock.now() - H)
    tick("a_sweep", lambda: 2)
    mine = Sweep.objects.get(name="a_sweep")
    assert (mine.handled, mine.handled_ever) == (2, 9)
    assert mine.ran_at >= clock.now()


def test_the_place_where_a_sweep_goes_on_is_kept(db):
    Sweep.objects.create(name="a_sweep", ran_at=clock.now() - H, cursor={"newest": 12})
    tick("a_sweep", lambda: 0)
    assert Sweep.objects.get(name="a_sweep").cursor == {"newest": 12}


def test_a_sweep_that_breaks_has_not_run(db):
    Sweep.objects.create(name="a_sweep", ran_at=clock.now() - H)

    def broken():
        raise RuntimeError("no carrier")

    with pytest.raises(RuntimeError, match="no carrier"):
        tick("a_sweep", broken)
    assert Sweep.objects.get(name="a_sweep").ran_at == clock.now() - H


def test_full_batches_follow_each_other_and_are_counted_together(db, monkeypatch):
    monkeypatch.setattr(ticks, "monotonic", lambda: 0.0)  # no time passes
    batches = iter([FULL, FULL, 3, 99])
    assert tick("a_sweep", lambda: next(batches)) == FULL + FULL + 3
    assert Sweep.objects.get(name="a_sweep").handled == FULL + FULL + 3


def test_a_tick_with_endless_work_ends_all_the_same(db, monkeypatch):
    seconds = iter(range(100))
    monkeypatch.setattr(ticks, "monotonic", lambda: float(next(seconds)))
    assert tick("a_sweep", lambda: FULL) < 5 * FULL


# --- the beat table


@pytest.mark.parametrize("name", sorted(TABLE))
def test_every_task_of_the_table_is_known_to_the_worker(name):
    assert import_string(TABLE[name]["task"]).name == TABLE[name]["task"]
    current_app.loader.import_default_modules()
    assert TABLE[name]["task"] in current_app.tasks


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_tick_expires_so_that_a_backlog_is_no_burst(name):
    entry = TABLE[name]
    # Seconds, not a crontab: beat's crontab goes wrong when the clocks change.
    assert isinstance(entry["schedule"], int | float)
    assert 1 <= entry["options"]["expires"] <= max(1, entry["schedule"])


@pytest.fixture
def something_of_everything(db, simulator):
    """A floor on which every sweep finds something."""
    campaign = make_campaign(expires_stale=True, stale_days=1)
    make_agent(campaign)
    late = offered(make_agent(campaign), make_callback(campaign))
    left = make_agent(campaign)
    work = in_work(left, make_callback(campaign))
    make_callback(campaign, due=-30 * H, callable_in=-30 * H)
    make_callback(campaign, due=-2 * H, callable_in=-2 * H, callable_until=clock.now() - H)
    type(left).objects.filter(pk=left.pk).update(seen_at=clock.now() - H)
    Callback.objects.filter(pk=work.callback_id).update(accepted_at=clock.now() - H)
    Callback.objects.filter(pk=late.callback_id).update(offer_expires_at=clock.now() - H)
    return {
        "release_expired_offers": late.callback_id,
        "release_absent_agents": work.callback_id,
    }


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_tick_may_run_twice(something_of_everything, name):
    run(TABLE[name])
    once = snapshot()
    run(TABLE[name])
    assert snapshot() == once


def test_the_floor_does_give_the_sweeps_something_to_do(something_of_everything):
    for name in ("release_expired_offers", "release_absent_agents", "expire_stale", "roll_windows"):
        run(TABLE[name])
        assert Sweep.objects.get(name=name).handled == 1, name


# --- no sweep is forgotten


def test_every_tick_of_the_beat_stands_on_the_health_page():
    assert {one.task for one in SWEEPS} == set(TABLE)


def test_every_sweep_that_a_tick_runs_stands_on_the_health_page(db, simulator):
    make_campaign()
    for entry in TABLE.values():
        run(entry)
    assert set(Sweep.objects.values_list("name", flat=True)) == {one.name for one in SWEEPS}
