"""What a monitoring system reads at /metrics, and who may read it."""

import pytest
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from agentdesk.health import SWEEPS
from callbacks.models import Sweep
from campaigns.models import HoursChange
from contacts import clock
from tests.agentdesk.test_health import H, M, ran
from tests.factories import make_agent, make_callback, make_user, snapshot

TOKEN = "a long secret of the monitoring system"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def bearing(words):
    return Client(headers={"authorization": words})


def figures(response):
    """Every figure by its name and labels."""
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def read():
    response = bearing(f"Bearer {TOKEN}").get(reverse("metrics"))
    assert response.status_code == 200
    return figures(response)


# --- who


def test_a_bearer_of_the_token_reads_them(db, token):
    response = bearing(f"Bearer {TOKEN}").get(reverse("metrics"))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=")
    assert bearing(f"bearer {TOKEN}").get(reverse("metrics")).status_code == 200


@pytest.mark.parametrize(
    "words", ["", TOKEN, "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ü"]
)
def test_for_anybody_else_who_has_not_signed_in_there_is_nothing(db, token, words):
    response = bearing(words).get(reverse("metrics"))
    assert response.status_code == 404
    assert b"ringback_sweep" not in response.content


@pytest.mark.parametrize("words", ["Bearer", "Bearer ", "Bearer None"])
def test_without_a_token_in_the_settings_nobody_is_a_bearer(db, settings, words):
    settings.METRICS_TOKEN = ""
    assert bearing(words).get(reverse("metrics")).status_code == 404


@pytest.mark.parametrize(
    ("roles", "status"),
    [(["supervisor"], 200), (["administrator"], 200), (["agent"], 403), ([], 403)],
)
def test_of_those_signed_in_supervisors_read_them(db, settings, roles, status):
    settings.METRICS_TOKEN = ""
    client = Client()
    client.force_login(make_user(*roles))
    response = client.get(reverse("metrics"))
    assert response.status_code == status
    assert (b"ringback_sweep" in response.content) is (status == 200)


def test_reading_changes_nothing_and_nothing_else_is_answered(campaign, token):
    make_callback(campaign)
    before = snapshot()
    client = bearing(f"Bearer {TOKEN}")
    client.get(reverse("metrics"))
    assert client.post(reverse("metrics")).status_code == 405
    assert snapshot() == before


# --- what


def test_every_sweep_has_its_figures(campaign, token):
    make_callback(campaign, callable_until=clock.now() - 3 * M)
    ran("roll_windows", took_ms=250, handled=4, handled_ever=99)
    found = read()
    assert found["ringback_sweep_lag_seconds", "roll_windows"] == 180
    assert found["ringback_sweep_duration_seconds", "roll_windows"] == 0.25
    assert found["ringback_sweep_handled_total", "roll_windows"] == 99
    assert found["ringback_sweep_last_run_timestamp_seconds", "roll_windows"] == pytest.approx(
        clock.now().timestamp(), abs=0.001
    )
    lags = {key[1] for key in found if key[0] == "ringback_sweep_lag_seconds"}
    assert lags == {one.name for one in SWEEPS}


def test_a_sweep_that_never_ran_has_no_time_of_its_last_run(db, token):
    Sweep.objects.all().delete()
    assert not [key for key in read() if key[0] == "ringback_sweep_last_run_timestamp_seconds"]
    ran("roll_windows")
    last = [key[1] for key in read() if key[0] == "ringback_sweep_last_run_timestamp_seconds"]
    assert last == ["roll_windows"]


def test_the_queue_is_counted_by_its_tabs(campaign, token):
    make_callback(campaign, due=-M)
    make_callback(campaign, due=90 * 24 * H, attention="Look")
    found = read()
    assert found["ringback_queue_callbacks", "overdue"] == 1
    assert found["ringback_queue_callbacks", "all"] == 2
    assert found["ringback_queue_callbacks", "attention"] == 1


def test_an_unfinished_change_of_hours_shows_how_far_it_is(db, token):
    HoursChange.objects.create(reason="Over", finished_at=clock.now(), checked=2, total=2)
    begun = {"started_at": clock.now(), "checked": 30, "total": 120}
    going = HoursChange.objects.create(reason="Quiet hours changed", **begun)
    found = read()
    progress = {key: value for key, value in found.items() if "hours_change" in key[0]}
    key = ("ringback_hours_change_progress", str(going.pk), "Quiet hours changed")
    assert progress == {key: 0.25}


def test_rows_that_came_after_the_count_do_not_make_it_more_than_all(db, token):
    begun = {"started_at": clock.now(), "checked": 130, "total": 120}
    HoursChange.objects.create(reason="Quiet hours changed", **begun)
    assert [value for key, value in read().items() if "hours_change" in key[0]] == [1.0]


def test_two_readers_get_the_same(campaign, token):
    make_agent(campaign)
    make_callback(campaign)
    assert read() == read()
