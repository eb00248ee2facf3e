"""How many callbacks are overdue stands beside "Queue" in the bar of every supervisor's page."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.agentdesk.pages import HTMX
from tests.factories import make_callback, make_campaign

H = timedelta(hours=1)
COUNT = re.compile(r'<span class="count" data-tone="overdue">([\d,+]+)<')


def shown(client: Client, name: str, query: str = "") -> list[str]:
    """The count each time that it stands on the page: in the bar, and in the small menu."""
    page = client.get(reverse(name) + query)
    assert page.status_code == 200
    return COUNT.findall(page.content.decode())


@pytest.fixture
def three(campaign):
    """Two that are overdue in two campaigns, and one that is not."""
    for one, due in ((campaign, -H), (make_campaign(), -H), (campaign, H)):
        make_callback(one, due=due)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("name", ["queue", "wallboard", "campaigns", "dnc", "health", "exchange"])
def test_it_stands_on_every_page_twice(supervisor, name):
    assert shown(supervisor, name) == ["2", "2"]


def test_where_nothing_is_overdue_nothing_is_said(supervisor, campaign):
    make_callback(campaign, due=H)
    assert shown(supervisor, "campaigns") == []


@pytest.mark.usefixtures("three")
def test_filters_do_not_change_it(supervisor, campaign):
    assert shown(supervisor, "queue", f"?campaign={campaign.pk}") == ["2", "2"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("name", ["queue", "queue-news", "wallboard"])
def test_it_follows_in_its_place(supervisor, name):
    fresh = supervisor.get(reverse(name), headers=HTMX).content.decode()
    assert COUNT.findall(fresh) == ["2"]
    assert 'hx-swap-oob="innerHTML:.nav-overdue"' in fresh


@pytest.mark.usefixtures("three")
def test_it_is_counted_once_and_only_for_a_supervisor(supervisor, agent):
    desk = Client()
    desk.force_login(agent.user)
    for client, name, times in ((supervisor, "campaigns", 1), (desk, "desk", 0)):
        client.get(reverse(name))  # what a process keeps is read the first time
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(name))
        counts = [one for one in asked if "COUNT(*)" in one["sql"] and '"due_at" <' in one["sql"]]
        assert len(counts) == times
