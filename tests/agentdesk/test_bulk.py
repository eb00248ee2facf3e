"""An action on all that match: which they are, and what is told of it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agentdesk import bulk
from agentdesk.bulk import BulkRefusedError, start_bulk, stop_bulk
from agentdesk.bulk_work import work_off_bulk_jobs
from agentdesk.models import BulkJob
from agentdesk.verbs import BULK, VERBS
from callbacks.models import Callback
from contacts import clock
from tests.agentdesk.jobs import ALL, cancel, counts, lines
from tests.factories import (
    in_work,
    make_callback,
    make_campaign,
    make_contact,
    make_user,
    snapshot,
    story,
)

M, H = timedelta(minutes=1), timedelta(hours=1)


# --- which they are


def test_all_that_match_are_written_down_in_the_order_of_the_view(campaign, ruth):
    late = [make_callback(campaign, due=-n * M) for n in (1, 3, 2)]
    make_callback(campaign, due=H)
    job = cancel(ruth, "view=overdue")
    assert counts(job) == ("running", 3, 0, 0)
    ids = list(job.lines.order_by("pk").values_list("callback_id", flat=True))
    assert ids == [late[1].pk, late[2].pk, late[0].pk]
    assert {one.state for one in Callback.objects.all()} == {"scheduled"}  # nothing is done yet


def test_they_are_written_down_in_one_statement_however_many(campaign, ruth):
    def statements():
        with CaptureQueriesContext(connection) as asked:
            cancel(make_user("supervisor"))
        return len(asked)

    make_callback(campaign)
    few = statements()
    for _ in range(20):
        make_callback(campaign)
    assert statements() == few


def test_what_comes_afterwards_is_not_part_of_it(campaign, ruth):
    before = make_callback(campaign)
    job = cancel(ruth)
    after = make_callback(campaign)
    assert work_off_bulk_jobs() == 1
    assert counts(job) == ("done", 1, 1, 0)
    assert story(before) == ["request", "cancel"]
    assert story(after) == ["request"]


def test_the_view_is_of_the_users_own_day(campaign):
    """Today is another day at either end of the world."""
    for hours in (-36, -24, -12, 12, 24, 36):
        make_callback(campaign, due=hours * H)
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        user = make_user("supervisor", zone=zone)
        today = clock.now().astimezone(ZoneInfo(zone)).date()
        mine = {
            one.pk
            for one in Callback.objects.all()
            if one.due_at.astimezone(ZoneInfo(zone)).date() == today
        }
        assert set(lines(cancel(user, "view=today"))) == mine != set()


def test_no_more_than_may_be_worked_off_at_once(campaign, ruth, monkeypatch):
    monkeypatch.setattr(bulk, "AT_MOST", 2)
    for _ in range(2):
        make_callback(campaign)
    stop_bulk(cancel(ruth).pk)
    make_callback(campaign)
    before = snapshot()
    with pytest.raises(BulkRefusedError, match="More than 2 callbacks match") as refused:
        cancel(ruth)
    assert refused.value.code == "many"
    assert snapshot() == before


def test_nothing_that_matches_is_refused(campaign, ruth):
    make_callback(campaign, due=H)
    before = snapshot()
    with pytest.raises(BulkRefusedError) as refused:
        cancel(ruth, "view=overdue")
    assert refused.value.code == "empty"
    assert snapshot() == before


@pytest.mark.parametrize(("shown", "begins"), [(1, False), (2, True), (40, True), (None, True)])
def test_what_has_grown_since_it_was_shown_is_looked_at_again(
    campaign, ruth, monkeypatch, shown, begins
):
    monkeypatch.setattr(bulk, "GROWTH_AT_LEAST", 1)
    for _ in range(3):
        make_callback(campaign)
    before = snapshot()
    if begins:
        assert cancel(ruth, expected=shown).total == 3
        return
    with pytest.raises(BulkRefusedError, match="3 callbacks match now, not 1") as refused:
        cancel(ruth, expected=shown)
    assert refused.value.code == "grown"
    assert snapshot() == before


@pytest.mark.parametrize("verb", [one.name for one in VERBS if one not in BULK] + ["no-such"])
def test_only_some_actions_can_be_done_to_all(campaign, ruth, verb):
    make_callback(campaign)
    before = snapshot()
    with pytest.raises(BulkRefusedError) as refused:
        start_bulk(ruth, verb, {}, ALL)
    assert refused.value.code == "verb"
    assert snapshot() == before


def test_a_view_that_there_is_not_is_refused(campaign, ruth):
    make_callback(campaign)
    before = snapshot()
    with pytest.raises(BulkRefusedError) as refused:
        cancel(ruth, "view=nowhere")
    assert refused.value.code == "view"
    assert snapshot() == before


@pytest.mark.parametrize("wrong", ["campaign=987654", "due_within=soon", "zone=Mars/Base"])
def test_a_filter_that_makes_no_sense_does_not_widen_what_is_done(campaign, ruth, wrong):
    make_callback(campaign)
    before = snapshot()
    with pytest.raises(BulkRefusedError) as refused:
        cancel(ruth, f"view=all&{wrong}")
    assert refused.value.code == "filter"
    assert snapshot() == before


def test_the_filters_of_the_view_hold(campaign, ruth):
    mine, other = make_callback(campaign), make_callback(make_campaign())
    job = cancel(ruth, f"view=all&campaign={campaign.pk}&order=priority&after=nonsense")
    assert list(lines(job)) == [mine.pk]
    work_off_bulk_jobs()
    assert (story(mine)[-1], story(other)[-1]) == ("cancel", "request")


def test_asked_for_twice_while_it_runs_it_is_one_job(campaign, ruth):
    callback = make_callback(campaign)
    job = start_bulk(ruth, "skip", {}, ALL)
    assert start_bulk(ruth, "skip", {}, ALL) == job
    assert start_bulk(make_user("supervisor"), "skip", {}, ALL) != job
    stop_bulk(job.pk)
    assert start_bulk(ruth, "skip", {}, ALL) != job
    assert story(callback) == ["request"]


# --- what is told of it


def test_the_report_has_a_line_for_each(campaign, ruth, agent):
    names = ("Leila Osei", '=HYPERLINK("x")')
    callbacks = [
        make_callback(campaign, contact=make_contact(name), due=-(9 - n) * M)
        for n, name in enumerate(names)
    ]
    job = cancel(ruth)
    in_work(agent, callbacks[1])
    work_off_bulk_jobs()
    heading, *rows = bulk.report(BulkJob.objects.get())
    assert heading == ["reference", "name", "outcome", "code", "words"]
    assert rows == [
        [callbacks[0].reference, "Leila Osei", "Done", "", ""],
        [
            callbacks[1].reference, '\'=HYPERLINK("x")', "Refused", "state",
            f"This callback is working: cannot cancel. {agent} has it in hand",
        ],
    ]  # fmt: skip
    assert job.pk


def test_the_report_of_a_stopped_job_says_what_was_not_done(campaign, ruth):
    make_callback(campaign)
    job = cancel(ruth)
    assert list(bulk.report(job))[1][2] == "Waiting"
    stop_bulk(job.pk)
    job.refresh_from_db()
    assert list(bulk.report(job))[1][2] == "Not done: the job was stopped"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("running", "Cancel callbacks: 1,237 of 1,240"),
        ("done", "Cancelled 1,234 of 1,240. 3 refused"),
        ("stopped", "Stopped. Cancelled 1,234 of 1,240. 3 refused"),
    ],
)
def test_what_became_of_all_in_one_sentence(state, said):
    job = BulkJob(verb="cancel", state=state, total=1240, done=1234, refused=3)
    assert bulk.said(job) == said
