"""What the command palette finds for whom, and the switch of the single keys."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agentdesk.models import SavedView, User
from callbacks.models import Callback
from tests.agentdesk.pages import HTMX, words
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    make_user,
    offered,
    snapshot,
)

JUMP = reverse("jump")
KEYS = reverse("single-keys")
# A stranger is sent to sign in; somebody without a role is refused.
WHO = {"agent": 200, "supervisor": 200, "administrator": 200, "nobody": 403, "anonymous": 302}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def client_of(who):
    if who == "anonymous":
        return Client()
    return signed_in(make_user(*([] if who == "nobody" else [who])))


def options(response):
    """The addresses of the options, in their order."""
    return re.findall(r'role="option"[^>]*href="([^"]*)"', response.content.decode())


def story(callback):
    return reverse("queue-story", args=[callback.pk])


@pytest.fixture
def campaign(db):
    return make_campaign(name="Web requests")


@pytest.mark.parametrize(("who", "status"), WHO.items())
def test_who_may_search(db, who, status):
    assert client_of(who).get(JUMP, {"q": "ines"}).status_code == status


@pytest.mark.parametrize(("who", "status"), WHO.items())
def test_who_may_switch_their_keys(db, who, status):
    client = client_of(who)
    before = snapshot()
    response = client.post(KEYS, {"single_keys": "off"}, headers=HTMX)
    assert response.status_code == status
    off = User.objects.filter(single_keys=False).count()
    assert off == (1 if status == 200 else 0)
    if status != 200:
        assert snapshot() == before


@pytest.mark.parametrize(("address", "method"), [(JUMP, "post"), (KEYS, "get")])
def test_each_address_answers_one_method_alone(supervisor, address, method):
    before = snapshot()
    assert getattr(supervisor, method)(address).status_code == 405
    assert snapshot() == before


def test_the_keys_are_not_switched_without_the_csrf_token(db):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("supervisor"))
    before = snapshot()
    assert client.post(KEYS, {"single_keys": "off"}).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("text", ["ines carv", "7400 123 456", "+44 7400 123456", "3456"])
def test_a_supervisor_finds_a_callback_and_its_story(supervisor, campaign, text):
    callback = make_callback(campaign, contact=make_contact("Ines Carvalho"))
    type(callback.number).objects.filter(pk=callback.number_id).update(e164="+447400123456")
    make_callback(campaign, contact=make_contact("Tom Ardley"))
    response = supervisor.get(JUMP, {"q": text})
    assert options(response) == [story(callback)]
    said = words(response)
    assert f"Ines Carvalho +44 7400 123456 · Web requests · {callback.reference}" in said
    assert "Overdue 1 min" in said
    assert "in London" in said


def test_a_reference_and_a_public_id_lead_to_the_story(supervisor, campaign):
    callback = make_callback(campaign)
    for text in (callback.reference, callback.public_id):
        assert options(supervisor.get(JUMP, {"q": text})) == [story(callback)]


def test_eight_are_shown_and_it_says_so(supervisor, campaign):
    for _ in range(9):
        make_callback(campaign, contact=make_contact("Ines"))
    response = supervisor.get(JUMP, {"q": "ines"})
    assert len(options(response)) == 8
    assert "Callbacks, the first 8" in words(response)


def test_how_a_callback_stands_is_said(supervisor, campaign):
    agent = make_agent(campaign)
    offered(agent, make_callback(campaign, contact=make_contact("Ines")))
    assert f"Offered to {agent}" in words(supervisor.get(JUMP, {"q": "ines"}))
    busy = make_agent(campaign)
    in_work(busy, make_callback(campaign, contact=make_contact("Tom")))
    assert f"In hand: {busy}" in words(supervisor.get(JUMP, {"q": "tom"}))
    done = make_callback(campaign, contact=make_contact("Rui"))
    Callback.objects.filter(pk=done.pk).update(state="cancelled", ended_at=done.due_at)
    assert "Cancelled" in words(supervisor.get(JUMP, {"q": "rui"}))


def test_one_letter_finds_no_callback(supervisor, campaign):
    make_callback(campaign, contact=make_contact("I"))
    assert options(supervisor.get(JUMP, {"q": "i"})) == []
    assert options(supervisor.get(JUMP, {"q": " i "})) == []


def test_only_ones_own_saved_views_are_offered_by_name(supervisor):
    late = SavedView.objects.create(
        user=supervisor.user, name="Late in Lisbon", query="view=overdue&zone=Europe/Lisbon"
    )
    SavedView.objects.create(user=supervisor.user, name="Busy", query="view=all&outcome=busy")
    SavedView.objects.create(user=make_user("supervisor"), name="Late of another", query="view=all")
    assert len(options(supervisor.get(JUMP))) == 2
    response = supervisor.get(JUMP, {"q": "LATE"})
    assert options(response) == [f"/queue/?{late.query.replace('&', '&amp;')}"]
    assert supervisor.get(f"/queue/?{late.query}").status_code == 200


def test_an_agent_finds_what_is_theirs_alone_and_it_leads_to_the_desk(campaign):
    agent, other = make_agent(campaign), make_agent(campaign)
    client = signed_in(agent.user)
    for reserved_for in (None, other.user, agent.user):
        make_callback(campaign, contact=make_contact("Ines"), reserved_for=reserved_for)
    gone = make_callback(campaign, contact=make_contact("Ines"), reserved_for=agent.user)
    Callback.objects.filter(pk=gone.pk).update(state="cancelled", ended_at=gone.due_at)
    in_work(other, make_callback(campaign, contact=make_contact("Ines")))
    SavedView.objects.create(user=agent.user, name="Ines", query="view=all")
    assert options(client.get(JUMP, {"q": "ines"})) == [reverse("desk")]
    in_work(agent, make_callback(campaign, contact=make_contact("Ines")))
    assert options(client.get(JUMP, {"q": "ines"})) == [reverse("desk")] * 2
    assert options(client.get(JUMP, {"q": gone.reference})) == []


@pytest.mark.parametrize("text", ["<b>", "%", "\0", "x" * 3000, "١٢٣٤"])
def test_any_text_is_answered(supervisor, campaign, text):
    make_callback(campaign)
    response = supervisor.get(JUMP, {"q": text})
    assert response.status_code == 200
    assert options(response) == []


def test_a_name_is_shown_as_it_is_written(supervisor, campaign):
    make_callback(campaign, contact=make_contact("<img src=x> Ines"))
    response = supervisor.get(JUMP, {"q": "ines"})
    assert "&lt;img src=x&gt; Ines" in response.content.decode()


def test_more_hits_ask_the_database_no_more(supervisor, campaign):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            supervisor.get(JUMP, {"q": "ines"})
        return len(queries)

    make_callback(campaign, contact=make_contact("Ines"))
    few = asked()
    for _ in range(6):
        make_callback(campaign, contact=make_contact("Ines"))
    assert asked() == few


def test_the_switch_is_drawn_anew_and_the_page_is_told(supervisor):
    assert "data-single-keys" not in supervisor.get("/queue/").content.decode()
    response = supervisor.post(KEYS, {"single_keys": "off"}, headers=HTMX)
    assert response["HX-Trigger"] == '{"single-keys": {"said": "off"}}'
    assert 'aria-checked="false"' in response.content.decode()
    assert (
        '<html lang="en-GB" data-single-keys="off">' in supervisor.get("/queue/").content.decode()
    )
    response = supervisor.post(KEYS, {"single_keys": "on"})
    assert response["Location"] == reverse("home")
    assert "data-single-keys" not in supervisor.get("/queue/").content.decode()


@pytest.mark.parametrize("said", [{}, {"single_keys": ""}, {"single_keys": "perhaps"}])
def test_a_switch_is_on_or_off(supervisor, said):
    before = snapshot()
    assert supervisor.post(KEYS, said, headers=HTMX).status_code == 400
    assert snapshot() == before


def test_another_persons_keys_stay_as_they_are(supervisor):
    other = make_user("supervisor")
    supervisor.post(KEYS, {"single_keys": "off", "user": other.pk})
    assert User.objects.get(pk=other.pk).single_keys


@pytest.mark.parametrize(
    ("who", "here", "not_here"),
    [
        ("supervisor", "g q", "g d"),
        ("administrator", "g q", "g d"),
        ("agent", "g d", "g q"),
    ],
)
def test_the_keys_lead_where_the_role_may_go(campaign, who, here, not_here):
    user = make_agent(campaign).user if who == "agent" else make_user(who)
    page = signed_in(user).get(reverse("home"), follow=True).content.decode()
    assert f'data-key="{here}"' in page
    assert f'data-key="{not_here}"' not in page
    assert 'data-key="ctrl+k"' in page
    assert 'data-key="?"' in page
