"""The lag of every sweep from the rows themselves; on time, behind or not running."""

from datetime import timedelta

import pytest

from agentdesk import actions, health
from agentdesk.bulk import start_bulk
from agentdesk.bulk_work import work_off_bulk_jobs
from agentdesk.health import SWEEPS, Condition, readings
from agentdesk.matching import match_idle_agents
from callbacks.actions import dnc_import, sweeps, unattended, windows
from callbacks.actions.offers import reject_offer
from callbacks.models import Attempt, Callback, Sweep
from campaigns.actions import pause
from campaigns.models import HoursChange
from contacts import clock
from tests.agentdesk.walls import put
from tests.factories import (
    in_work,
    make_agent,
    make_attempt,
    make_callback,
    make_campaign,
    make_user,
    offered,
    snapshot,
)

S, M, H, D = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def lag(name):
    return {one.sweep.name: one.lag for one in readings()}[name]


def ran(name, ago=timedelta(), **facts):
    """The sweep ran some time ago."""
    Sweep.objects.update_or_create(name=name, defaults={"ran_at": clock.now() - ago, **facts})


def gone(agent, ago):
    """The agent was last seen so long ago that they have been absent for ``ago``."""
    put(agent, seen_at=clock.now() - actions.ABSENT_AFTER - ago)


def open_attempt(callback, state, ago, **fields):
    begun = clock.now() - ago
    made = {"intended_at": begun, "dialed_at": begun, "ended_at": None, **fields}
    return make_attempt(callback, "", ago=ago, state=state, **made)


@pytest.fixture(autouse=True)
def nothing_waits(db):
    HoursChange.objects.all().delete()


@pytest.fixture
def busy_campaign(campaign):
    """Everybody has something to do and nothing is late: all lags are zero."""
    in_work(make_agent(campaign), make_callback(campaign))
    offered(make_agent(campaign), make_callback(campaign))
    make_callback(campaign, callable_until=clock.now() + H)
    HoursChange.objects.all().delete()
    ran("deduplicate", cursor={"newest": Callback.objects.latest("pk").pk})
    return campaign


def test_on_a_floor_where_nothing_is_late_nothing_lags(busy_campaign):
    assert {one.sweep.name: one.lag for one in readings()} == {
        one.name: timedelta() for one in SWEEPS
    }


# --- offers


def test_offers_lag_since_their_deadline_and_no_more_when_they_are_redirected(campaign):
    agent = make_agent(campaign)
    work = offered(agent, make_callback(campaign))
    Callback.objects.filter(pk=work.callback_id).update(offer_expires_at=clock.now() - 7 * S)
    assert lag("release_expired_offers") == 7 * S
    assert actions.release_expired_offers() == 1
    assert lag("release_expired_offers") == timedelta()


def test_an_offer_to_a_lost_agent_lags_since_they_are_absent(campaign):
    agent = make_agent(campaign)
    callback = make_callback(campaign)
    offered(agent, callback)
    put(callback, offered_at=clock.now() - H)
    gone(agent, 9 * S)
    assert lag("release_expired_offers") == 9 * S
    put(agent, seen_at=None)
    assert lag("release_expired_offers") == H
    actions.release_expired_offers()
    assert lag("release_expired_offers") == timedelta()


# --- matching


def test_matching_lags_since_there_were_both_a_callback_and_an_idle_agent(campaign):
    make_callback(campaign, callable_in=-4 * M)
    assert lag("match_idle_agents") == timedelta()  # nobody is there
    agent = make_agent(campaign, idle=3 * M)
    assert lag("match_idle_agents") == 3 * M
    put(agent, since=clock.now() - H)
    assert lag("match_idle_agents") == 4 * M
    assert match_idle_agents() == 1
    assert lag("match_idle_agents") == timedelta()


def test_an_idle_agent_of_another_campaign_makes_no_lag(campaign):
    make_callback(campaign)
    make_agent(make_campaign())
    assert match_idle_agents() == 0
    assert lag("match_idle_agents") == timedelta()


def test_a_paused_campaign_makes_no_lag(campaign, agent):
    make_callback(campaign)
    pause(campaign, by="Ruth")
    assert match_idle_agents() == 0
    assert lag("match_idle_agents") == timedelta()


def test_what_is_not_yet_callable_makes_no_lag(campaign, agent):
    make_callback(campaign, callable_in=M)
    assert lag("match_idle_agents") == timedelta()


def test_what_everybody_idle_has_just_rejected_makes_no_lag(campaign, agent):
    callback = make_callback(campaign)
    work = offered(agent, callback)
    reject_offer(callback_id=callback.pk, agent_id=agent.pk, version=work.version, reason="not_now")
    assert match_idle_agents() == 0
    assert lag("match_idle_agents") == timedelta()


def test_an_agent_who_rejected_is_idle_since_then(campaign, agent):
    work = offered(agent, make_callback(campaign))
    make_callback(campaign, callable_in=-9 * M)
    put(agent, since=clock.now() - H)
    reject_offer(
        callback_id=work.callback_id, agent_id=agent.pk, version=work.version, reason="not_now"
    )
    assert lag("match_idle_agents") == timedelta()  # this very instant
    assert match_idle_agents() == 1


def test_a_personal_callback_lags_while_its_agent_is_idle(campaign):
    agent = make_agent(campaign, idle=2 * M)
    make_callback(campaign, due=-M, callable_in=-6 * M, reserved_for_id=agent.pk)
    assert lag("match_idle_agents") == 2 * M
    make_agent(campaign, idle=H)  # nobody else may have it
    assert lag("match_idle_agents") == 2 * M
    agent.campaigns.clear()
    assert lag("match_idle_agents") == timedelta()


def test_a_personal_callback_lags_past_its_grace(campaign):
    busy = make_agent(campaign)
    in_work(busy, make_callback(campaign))
    make_callback(
        campaign, due=-20 * M, reserved_for_id=busy.pk, reserved_until=clock.now() - 5 * M
    )
    assert lag("match_idle_agents") == 5 * M
    assert sweeps.release_reserved() == 1
    assert lag("match_idle_agents") == timedelta()


def test_a_personal_callback_lags_while_its_agent_is_away(campaign):
    away = make_agent(campaign, presence="not_ready", idle=3 * M)
    make_callback(campaign, due=-4 * M, reserved_for_id=away.pk)
    assert lag("match_idle_agents") == 3 * M
    match_idle_agents()
    assert lag("match_idle_agents") == timedelta()
    assert Callback.objects.get().reserved_for_id is None


def test_a_wrap_up_lags_past_its_end(campaign):
    agent = make_agent(campaign)
    put(agent, presence="wrap_up", wrap_up_until=clock.now() - 2 * S)
    assert lag("match_idle_agents") == 2 * S
    match_idle_agents()
    assert lag("match_idle_agents") == timedelta()


# --- what lost agents left


def left_in_hand(campaign, accepted=H, absent=H):
    agent = make_agent(campaign)
    callback = make_callback(campaign)
    in_work(agent, callback)
    put(callback, accepted_at=clock.now() - accepted)
    callback.refresh_from_db()
    gone(agent, absent)
    return agent, callback


@pytest.mark.parametrize(
    ("accepted", "ended", "absent", "since"),
    [
        (60 * M, 30 * M, 40 * M, 25 * M),  # the call ended last, and five minutes were given
        (60 * M, 50 * M, 9 * M, 9 * M),  # the agent was lost last
        (60 * M, 4 * M, 40 * M, timedelta()),  # the five minutes are not over
    ],
)
def test_a_call_that_ended_with_nobody_at_the_desk_lags(campaign, accepted, ended, absent, since):
    agent, callback = left_in_hand(campaign, accepted, absent)
    make_attempt(callback, "no_answer", ago=ended)
    assert lag("schedule_retries") == since
    assert lag("release_absent_agents") == timedelta()
    assert unattended.schedule_retries([agent.pk]) == (1 if since else 0)
    assert lag("schedule_retries") == timedelta()


def test_work_of_a_lost_agent_without_a_dial_lags(campaign):
    agent, _ = left_in_hand(campaign, accepted=20 * M, absent=H)
    assert lag("release_absent_agents") == 15 * M
    assert lag("schedule_retries") == timedelta()
    assert unattended.release_absent_agents([agent.pk]) == 1
    assert lag("release_absent_agents") == timedelta()


@pytest.mark.parametrize("state", ["connected", "unknown"])
def test_a_call_without_its_agent_lags_until_a_person_is_asked(campaign, state):
    agent, callback = left_in_hand(campaign, accepted=20 * M, absent=H)
    open_attempt(callback, state, 19 * M)
    assert lag("release_absent_agents") == 15 * M
    assert unattended.release_absent_agents([agent.pk]) == 1
    assert lag("release_absent_agents") == timedelta()


def test_work_of_an_agent_who_is_there_makes_no_lag(campaign):
    agent, callback = left_in_hand(campaign)
    make_attempt(callback, "no_answer", ago=30 * M)
    assert lag("schedule_retries") > timedelta()
    put(agent, seen_at=clock.now())
    assert lag("schedule_retries") == timedelta()
    Attempt.objects.all().delete()
    assert lag("release_absent_agents") == timedelta()


def test_a_file_of_numbers_lags_until_it_is_checked(db):
    handed_in = dnc_import.take_file(b"number\n07400 123456\n", name="list.csv", region="GB")
    put(handed_in, created_at=clock.now() - M)
    assert lag("work_off_imports") == M
    assert dnc_import.work_off_imports() == 1
    assert lag("work_off_imports") == timedelta()  # checked: somebody has to start it
    assert dnc_import.start_import(handed_in.pk)
    ran("work_off_imports", 4 * S)
    assert lag("work_off_imports") == 4 * S
    dnc_import.work_off_imports()
    assert lag("work_off_imports") == timedelta()


def test_an_action_on_all_that_match_lags_from_its_last_run(campaign):
    make_callback(campaign)
    job = start_bulk(make_user("supervisor"), "cancel", {}, "view=all")
    put(job, created_at=clock.now() - M)
    assert lag("work_off_bulk_jobs") == M  # it has never run
    ran("work_off_bulk_jobs", 4 * S)
    assert lag("work_off_bulk_jobs") == 4 * S
    work_off_bulk_jobs()
    assert lag("work_off_bulk_jobs") == timedelta()


# --- windows, calls, duplicates, stale ones


def test_windows_lag_since_they_closed(campaign):
    make_callback(campaign, callable_until=clock.now() - 3 * M, due=-H, callable_in=-H)
    make_callback(campaign, callable_until=clock.now() + M)
    assert lag("roll_windows") == 3 * M
    assert windows.roll_windows() == 1
    assert lag("roll_windows") == timedelta()


def test_a_change_of_hours_lags_until_it_is_finished(campaign):
    HoursChange.objects.all().delete()
    HoursChange.objects.create(reason="Calling hours changed", asked_at=clock.now() - 2 * M)
    HoursChange.objects.create(
        reason="Over", region="US", asked_at=clock.now() - D, finished_at=clock.now()
    )
    assert lag("hours_changes") == 2 * M
    windows.work_off_hours_changes()
    assert lag("hours_changes") == timedelta()


def test_calls_lag_since_the_carrier_was_last_asked_about_those_open(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    open_attempt(callback, "connected", 20 * M)
    assert lag("reconcile_attempts") == 20 * M - sweeps.SETTLING
    ran("reconcile_attempts", 3 * M)
    assert lag("reconcile_attempts") == 3 * M
    Attempt.objects.update(state="ended", ended_at=clock.now())
    assert lag("reconcile_attempts") == timedelta()


def test_a_dial_that_was_just_asked_for_makes_no_lag(campaign, agent):
    callback = make_callback(campaign)
    in_work(agent, callback)
    open_attempt(callback, "dialing", 9 * S)
    assert lag("reconcile_attempts") == timedelta()
    Attempt.objects.update(dialed_at=None)  # intended: the carrier has not been asked to ring
    assert lag("reconcile_attempts") == timedelta()


@pytest.mark.parametrize(("ago", "late"), [(9 * M, timedelta()), (11 * M, M)])
def test_an_unknown_call_lags_after_ten_minutes_until_a_person_is_asked(campaign, agent, ago, late):
    callback = make_callback(campaign)
    in_work(agent, callback)
    open_attempt(callback, "unknown", ago)
    assert lag("flag_unknown_dials") == late
    assert unattended.flag_unknown_dials() == bool(late)
    assert lag("flag_unknown_dials") == timedelta()


def test_duplicates_lag_since_the_first_callback_that_was_not_looked_at(campaign):
    first, second = make_callback(campaign), make_callback(campaign)
    put(first, created_at=clock.now() - 5 * M)
    put(second, created_at=clock.now() - 2 * M)
    assert lag("deduplicate") >= 5 * M
    sweeps.deduplicate()
    assert lag("deduplicate") == timedelta()
    third = make_callback(campaign)
    put(third, created_at=clock.now() - 40 * S)
    assert lag("deduplicate") == 40 * S


def test_stale_callbacks_lag_where_the_campaign_gives_them_up(campaign):
    make_callback(campaign, due=-3 * D - 2 * H, callable_in=None)
    assert lag("expire_stale") == timedelta()
    put(campaign, expires_stale=True)
    assert lag("expire_stale") == 2 * H
    put(campaign, stale_days=4)
    assert lag("expire_stale") == timedelta()
    put(campaign, stale_days=3)
    assert sweeps.expire_stale() == 1
    assert lag("expire_stale") == timedelta()


def test_all_is_read_in_one_statement(busy_campaign, django_assert_num_queries):
    with django_assert_num_queries(1):
        readings()


def test_reading_changes_nothing(busy_campaign):
    before = snapshot()
    readings()
    assert snapshot() == before


# --- on time, behind, not running


def reading(name="roll_windows"):
    return next(one for one in readings() if one.sweep.name == name)


def test_the_interval_is_that_of_the_beat_table(db):
    assert reading("roll_windows").interval == 2 * S
    assert reading("deduplicate").interval == 15 * S


def test_a_sweep_that_never_ran_is_not_running(db):
    assert reading().condition is Condition.NOT_RUNNING


def test_a_sweep_with_nothing_to_do_is_on_time_only_while_it_runs(db):
    tolerance = reading().tolerance
    ran("roll_windows", tolerance)
    assert reading().condition is Condition.ON_TIME
    ran("roll_windows", tolerance + S)
    assert reading().condition is Condition.NOT_RUNNING


def test_a_sweep_that_runs_and_does_not_keep_up_is_behind(campaign):
    ran("roll_windows")
    tolerance = reading().tolerance
    late = make_callback(campaign, due=-H, callable_in=-H)
    put(late, callable_until=clock.now() - tolerance)
    assert reading().condition is Condition.ON_TIME
    put(late, callable_until=clock.now() - tolerance - S)
    assert reading().condition is Condition.BEHIND


def test_the_whole_is_as_well_as_its_worst_part(campaign):
    assert health.worst(readings()) is Condition.NOT_RUNNING
    for one in SWEEPS:
        ran(one.name, cursor={"newest": 2**40})
    assert health.worst(readings()) is Condition.ON_TIME
    make_callback(campaign, due=-H, callable_in=-H, callable_until=clock.now() - H)
    assert health.worst(readings()) is Condition.BEHIND
