"""The page on which supervisors see whether everything runs and keeps up."""

import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk import machinery
from agentdesk.health import SWEEPS
from callbacks.dialers import base
from callbacks.models import Sweep
from campaigns.models import HoursChange
from contacts import clock
from tests.agentdesk.test_health import ran
from tests.factories import make_agent, make_callback, make_user, snapshot

S, H = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def supervisor(db):
    client = Client()
    client.force_login(make_user("supervisor", zone="America/New_York"))
    return client


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def row(response, name):
    found = re.search(rf'<tr[^>]*id="sweep-{name}".*?</tr>', response.content.decode(), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


@pytest.mark.parametrize(
    ("roles", "status"),
    [(["supervisor"], 200), (["administrator"], 200), (["agent"], 403), ([], 403), (None, 302)],
)
def test_the_page_is_for_supervisors(db, simulator, roles, status):
    client = Client()
    if roles is not None:
        client.force_login(make_user(*roles))
    before = snapshot()
    assert client.get(reverse("health")).status_code == status
    assert client.post(reverse("health")).status_code == 405
    assert snapshot() == before


def test_every_sweep_has_a_row_with_its_sentence(supervisor, simulator):
    page = words(supervisor.get(reverse("health")))
    assert "A sweep is not running" in page
    for one in SWEEPS:
        assert one.title in page
        assert one.does in page


def test_a_row_says_when_how_much_and_whether(supervisor, simulator, campaign):
    ran("roll_windows", 4 * S, took_ms=31, handled=2, handled_ever=1_204)
    text = row(supervisor.get(reverse("health")), "roll_windows")
    assert "On time Nothing waits" in text
    assert "Every 2 s 4 s ago" in text
    assert "2 in 31 ms 1,204 ever" in text
    make_callback(campaign, due=-3 * H, callable_in=-3 * H, callable_until=clock.now() - 2 * H)
    text = row(supervisor.get(reverse("health")), "roll_windows")
    assert "Behind The oldest has waited 2 h" in text


def test_the_last_run_is_on_the_viewers_clock_with_the_zone_named(supervisor, simulator):
    ran("roll_windows")
    page = supervisor.get(reverse("health"))
    assert "Last run in New York" in words(page)
    here = Sweep.objects.get().ran_at.astimezone(ZoneInfo("America/New_York"))
    assert f"{here:%H:%M:%S}" in row(page, "roll_windows")


def test_a_sweep_that_never_ran_says_so(supervisor, simulator):
    assert "Not running" in row(supervisor.get(reverse("health")), "deduplicate")
    assert "Never" in row(supervisor.get(reverse("health")), "deduplicate")


def test_a_change_of_hours_shows_its_progress(supervisor, simulator, campaign):
    HoursChange.objects.all().delete()
    assert "All windows are computed with the hours in force" in words(
        supervisor.get(reverse("health"))
    )
    HoursChange.objects.create(
        reason="Calling hours changed", campaign=campaign, started_at=clock.now(),
        checked=1_500, total=6_000, changed=12,
    )  # fmt: skip
    page = supervisor.get(reverse("health"))
    assert f"Calling hours changed · {campaign}" in words(page)
    assert "1,500 of 6,000 callbacks looked at, 12 moved" in words(page)
    assert re.search(r'<progress[^>]* max="100" value="25"', page.content.decode())


def test_a_change_whose_campaign_is_gone_can_still_be_shown(supervisor, simulator):
    HoursChange.objects.create(reason="Calling hours changed", campaign_id=987_654)
    page = supervisor.get(reverse("health"))
    assert page.status_code == 200
    assert "Not begun" in words(page)


def test_the_carrier_the_database_and_the_broker_say_how_they_are(supervisor, simulator):
    page = words(supervisor.get(reverse("health")))
    assert "Carrier Calls can be started" in page
    assert "Database Answers PostgreSQL" in page
    assert "Broker Answers" in page


def test_a_carrier_that_cannot_dial_says_why(supervisor, simulator, monkeypatch):
    down = base.Health(can_dial=False, why="The event connection is down")
    monkeypatch.setattr(type(simulator), "health", lambda self: down)
    page = words(supervisor.get(reverse("health")))
    assert "No call can be started The event connection is down" in page


def test_a_broker_that_is_gone_does_not_take_the_page_along(supervisor, simulator, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    page = supervisor.get(reverse("health"))
    assert page.status_code == 200
    assert "Does not answer" in words(page)


def test_a_long_transaction_is_named(supervisor, simulator, monkeypatch):
    monkeypatch.setattr(machinery, "LONG_TRANSACTION", -S)  # any is too long
    assert "A transaction has been open for" in words(supervisor.get(reverse("health")))


def test_htmx_gets_what_changes_alone(supervisor, simulator):
    page = supervisor.get(reverse("health"), headers={"hx-request": "true"}).content.decode()
    assert page.lstrip().startswith('<div id="health-now"')
    assert "<html" not in page


def test_healthz_says_nothing_of_the_sweeps(db):
    assert Client().get(reverse("healthz")).content == b"ok"


def test_supervisors_find_the_page_and_agents_do_not(supervisor, simulator, campaign):
    link = f'href="{reverse("health")}"'
    assert link in supervisor.get(reverse("queue")).content.decode()
    client = Client()
    client.force_login(make_agent(campaign).user)
    assert link not in client.get(reverse("desk")).content.decode()
