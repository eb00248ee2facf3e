"""The supervisors' page of campaigns: two switches each, the policy in words, what waits."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk import campaign_urls
from agentdesk.matching import match_idle_agents
from callbacks.actions.intake import IntakeRefusedError, request_callback
from callbacks.models import Callback
from callbacks.queries import COUNT_CAP
from campaigns import actions
from campaigns.models import Campaign
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    make_request,
    make_user,
    snapshot,
)

M, D = timedelta(minutes=1), timedelta(days=1)
USERS = {
    "supervisor": ["supervisor"],
    "administrator": ["administrator"],
    "agent": ["agent"],
    "nobody": [],
}
MAY = {"supervisor", "administrator"}


def client_of(user, **options):
    client = Client(**options)
    if user != "anonymous":
        client.user = make_user(*USERS[user], last_name="Adeyemi")
        client.force_login(client.user)
    return client


@pytest.fixture
def supervisor(db):
    return client_of("supervisor")


def address(name, campaign):
    return reverse(name) if name == "campaigns" else reverse(name, args=[campaign.slug])


def press(client, name, campaign, to, **more):
    return client.post(address(name, campaign), {"to": to}, **more)


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def board(response, campaign):
    """What is read of one campaign."""
    pattern = rf'<section[^>]*id="campaign-{campaign.slug}".*?</section>'
    found = re.search(pattern, response.content.decode(), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


# --- who

ADDRESSES = {"campaigns": "get", "campaign-offers": "post", "campaign-intake": "post"}


def test_the_table_names_every_address():
    assert {one.name for one in campaign_urls.urlpatterns} == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("user", [*USERS, "anonymous"])
def test_the_switches_are_for_supervisors(campaign, user, name):
    client = client_of(user)
    before = snapshot()
    response = getattr(client, ADDRESSES[name])(address(name, campaign), {"to": "off"})
    if user in MAY:
        assert response.status_code == (200 if name == "campaigns" else 302)
        assert (snapshot() == before) is (name == "campaigns")
    else:
        assert response.status_code == (302 if user == "anonymous" else 403)
        assert snapshot() == before


@pytest.mark.parametrize(("name", "method"), ADDRESSES.items())
def test_each_address_answers_one_method_alone(campaign, supervisor, name, method):
    before = snapshot()
    other = "post" if method == "get" else "get"
    assert getattr(supervisor, other)(address(name, campaign), {"to": "off"}).status_code == 405
    assert snapshot() == before


@pytest.mark.parametrize("name", ["campaign-offers", "campaign-intake"])
def test_nothing_is_switched_without_the_csrf_token(campaign, name):
    client = client_of("supervisor", enforce_csrf_checks=True)
    before = snapshot()
    assert press(client, name, campaign, "off").status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("to", ["", "maybe", None])
def test_a_switch_is_on_or_off(campaign, supervisor, to):
    before = snapshot()
    data = {} if to is None else {"to": to}
    assert supervisor.post(address("campaign-offers", campaign), data).status_code == 400
    assert snapshot() == before


def test_a_campaign_that_does_not_exist_is_not_found(campaign, supervisor):
    before = snapshot()
    assert supervisor.post("/campaigns/no-such/offers/", {"to": "off"}).status_code == 404
    assert snapshot() == before


# --- offers


def test_a_paused_campaign_offers_nothing_and_its_rows_say_who_paused_it(campaign, supervisor):
    make_agent(campaign)
    callback = make_callback(campaign)
    press(supervisor, "campaign-offers", campaign, "off")
    assert match_idle_agents() == 0
    queue = words(supervisor.get(reverse("queue"), {"view": "all"}))
    assert "Campaign paused by Ada Adeyemi" in queue
    press(supervisor, "campaign-offers", campaign, "on")
    assert match_idle_agents() == 1
    assert Callback.objects.get() == callback


def test_a_paused_campaign_still_takes_requests(campaign, supervisor):
    press(supervisor, "campaign-offers", campaign, "off")
    campaign.refresh_from_db()
    request_callback(make_request(campaign))
    assert Callback.objects.get().state == "scheduled"


def test_whoever_paused_it_first_stays_named(campaign):
    press(client_of("supervisor"), "campaign-offers", campaign, "off")
    second = client_of("supervisor")
    second.user.first_name = "Noor"
    second.user.save()
    press(second, "campaign-offers", campaign, "off")
    campaign.refresh_from_db()
    assert (campaign.dials, campaign.paused_by) == (False, "Ada Adeyemi")


def test_pausing_touches_no_other_campaign_and_no_work_in_hand(campaign, supervisor):
    other = make_campaign()
    work = in_work(make_agent(campaign), make_callback(campaign))
    press(supervisor, "campaign-offers", campaign, "off")
    assert Campaign.objects.get(pk=other.pk).dials
    assert Callback.objects.get(pk=work.callback_id).state == "working"


# --- intake


def test_a_closed_intake_refuses_requests_and_still_calls(campaign, supervisor):
    make_agent(campaign)
    make_callback(campaign)
    press(supervisor, "campaign-intake", campaign, "off")
    campaign.refresh_from_db()
    before = snapshot()
    with pytest.raises(IntakeRefusedError):
        request_callback(make_request(campaign))
    assert snapshot() == before
    assert match_idle_agents() == 1
    press(supervisor, "campaign-intake", campaign, "on")
    campaign.refresh_from_db()
    request_callback(make_request(campaign))
    assert Callback.objects.count() == 2


# --- the verbs


def test_each_verb_says_whether_it_changed_anything(campaign):
    assert actions.pause(campaign, by="Ruth")
    assert not actions.pause(campaign, by="Noor")
    assert actions.resume(campaign)
    assert not actions.resume(campaign)
    assert actions.close_intake(campaign)
    assert not actions.close_intake(campaign)
    assert actions.open_intake(campaign)
    assert not actions.open_intake(campaign)
    campaign.refresh_from_db()
    assert (campaign.dials, campaign.takes_requests, campaign.paused_by) == (True, True, "")


def test_a_long_name_is_cut_and_not_refused(campaign):
    assert actions.pause(campaign, by="x" * 500)
    campaign.refresh_from_db()
    assert campaign.paused_by == "x" * 120


def test_pausing_is_told_to_the_queue_pages_once(
    campaign, monkeypatch, django_capture_on_commit_callbacks
):
    from agentdesk import switches
    from callbacks import notices

    told = []
    monkeypatch.setattr(notices, "tell_queue", lambda: told.append("queue"))
    monkeypatch.setattr(notices, "knock", lambda: told.append("knock"))
    switches.switch_offers(campaign, on=False, by="Ruth")
    switches.switch_offers(campaign, on=False, by="Ruth")
    assert told == ["queue", "knock"]


# --- the page


def test_a_campaign_shows_its_switches_and_what_waits(campaign, supervisor):
    make_callback(campaign, due=-M)
    make_callback(campaign, due=D)
    text = board(supervisor.get(reverse("campaigns")), campaign)
    assert "waiting 2 overdue 1" in text
    assert "Offered to agents" in text
    assert "Takes requests" in text
    actions.pause(campaign, by="Ruth Adeyemi")
    actions.close_intake(campaign)
    text = board(supervisor.get(reverse("campaigns")), campaign)
    assert "Paused by Ruth Adeyemi" in text
    assert "Resume offers" in text
    assert "Intake closed" in text
    assert "Open intake" in text


def test_a_large_count_stops_at_the_cap(campaign, supervisor, monkeypatch):
    monkeypatch.setattr("agentdesk.switches.COUNT_CAP", 1)
    for _ in range(3):
        make_callback(campaign)
    text = board(supervisor.get(reverse("campaigns")), campaign)
    assert "waiting 1+ overdue 1+" in text
    assert COUNT_CAP > 1


def test_the_policy_stands_there_in_words(campaign, supervisor):
    Campaign.objects.filter(pk=campaign.pk).update(dial_cap=9)
    text = board(supervisor.get(reverse("campaigns")), campaign)
    assert "After no answer, call again up to 3 times, 24 hours later each time; then" in text
    assert "In all, dial a contact at most 9 times." in text


def test_htmx_gets_the_pressed_switch_alone_and_others_the_page_again(campaign, supervisor):
    plain = press(supervisor, "campaign-offers", campaign, "off")
    assert plain["Location"] == f"{reverse('campaigns')}#campaign-{campaign.slug}"
    htmx = {"headers": {"hx-request": "true"}}
    response = press(supervisor, "campaign-offers", campaign, "on", **htmx)
    assert words(response) == f"Offered to agents Pause offers of {campaign}"
    assert response.content.decode().count("<form") == 1
    response = press(supervisor, "campaign-intake", campaign, "off", **htmx)
    assert words(response) == f"Intake closed Open intake of {campaign}"


def test_without_campaigns_the_page_says_so(supervisor):
    Campaign.objects.all().delete()
    assert "There is no campaign yet" in words(supervisor.get(reverse("campaigns")))


def test_the_page_needs_no_more_queries_for_more_campaigns(
    campaign, supervisor, django_assert_max_num_queries
):
    from campaigns.queries import rule_book

    for _ in range(6):
        make_campaign()
    for one in Campaign.objects.all():
        rule_book().policies(one.pk)  # a process reads each policy once for every edition
    with django_assert_max_num_queries(9):
        supervisor.get(reverse("campaigns"))
