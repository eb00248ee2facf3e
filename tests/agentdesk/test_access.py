"""Who may touch what: every address of the desk and the queue, for every kind of user."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from agentdesk import queue_urls, urls
from agentdesk.access import access_desk, access_queue, access_supervised, roles
from callbacks.models import Callback
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_user,
    offered,
    snapshot,
)

USERS = ("agent", "supervisor", "administrator", "nobody", "anonymous")
# What the one who may gets without a claim of their own: 409 and 422 are answers of the page.
DESK = {
    "desk": ("get", 200),
    "desk-live": ("get", 200),
    "desk-presence": ("post", 200),
    "desk-extend": ("post", 200),
    "desk-accept": ("post", 409),
    "desk-reject": ("post", 409),
    "desk-call": ("get", 204),  # nothing in hand
    "desk-dial": ("post", 422),  # no key
    "desk-end": ("post", 409),
    "desk-hold": ("post", 409),
    "desk-done": ("post", 409),
    "desk-release": ("post", 409),
}
QUEUE = {
    "queue": ("get", 200),
    "queue-live": ("get", 200),
    "queue-news": ("get", 200),
    "queue-filter": ("get", 200),
    "queue-views": ("post", 422),  # no name
    "queue-story": ("get", 200),
    "queue-ask": ("get", 200),
    "queue-call-now": ("post", 200),
    "queue-reschedule": ("post", 422),  # no day
    "queue-skip": ("post", 200),
    "queue-reassign": ("post", 200),
    "queue-complete": ("post", 200),
    "queue-cancel": ("post", 200),
    "queue-bump-up": ("post", 200),
    "queue-bump-down": ("post", 200),
    "queue-customer-called": ("post", 200),
    "queue-undo": ("post", 409),  # not closed yet
    "queue-zone": ("post", 422),  # no zone
    "queue-do-not-call": ("post", 422),  # no reason
}
STREAMS = {"desk-live", "queue-live"}  # a stream cannot send anybody to the sign-in page


def expected(name, status, user, allowed):
    if user in allowed:
        return status
    return 302 if user == "anonymous" and name not in STREAMS else 403


TABLE = [
    (user, name, method, expected(name, status, user, allowed))
    for table, allowed in ((DESK, {"agent"}), (QUEUE, {"supervisor", "administrator"}))
    for name, (method, status) in table.items()
    for user in USERS
]


@pytest.fixture
def clients(campaign):
    """A signed-in client for each kind of user."""
    found = {"anonymous": Client()}
    people = {
        "agent": make_agent(campaign).user,
        "supervisor": make_user("supervisor"),
        "administrator": make_user("administrator"),
        "nobody": make_user(),
    }
    for name, user in people.items():
        found[name] = Client()
        found[name].force_login(user)
    return found


def address(name, callback, version=1):
    if name in DESK:
        pattern = next(one for one in urls.urlpatterns if one.name == name)
    else:
        pattern = next(one for one in queue_urls.urlpatterns if one.name == name)
    values = {"version": version, "callback_id": callback.pk, "verb": "call-now", "name": "agent"}
    return reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})


def chosen(callback):
    """What the queue sends beside the address: the callbacks that it is about."""
    return {"ids": [callback.pk]}


def test_the_table_names_every_address():
    assert {one.name for one in urls.urlpatterns} == set(DESK)
    assert {one.name for one in queue_urls.urlpatterns} == set(QUEUE)


@pytest.mark.parametrize(("user", "name", "method", "status"), TABLE)
def test_each_user_gets_what_their_role_allows(campaign, clients, user, name, method, status):
    callback = make_callback(campaign)
    before = snapshot()
    response = getattr(clients[user], method)(address(name, callback), chosen(callback))
    assert response.status_code == status
    if status in (302, 403):
        assert snapshot() == before
    if status == 302:
        assert response["Location"].startswith(reverse("account_login"))
    response.close()


@pytest.mark.parametrize("user", ["agent", "nobody"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
@pytest.mark.parametrize("name", sorted(set(QUEUE) - STREAMS))
def test_the_queue_is_closed_to_others_whatever_the_method(campaign, clients, user, method, name):
    callback = make_callback(campaign)
    before = snapshot()
    response = getattr(clients[user], method)(address(name, callback), chosen(callback))
    assert response.status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("name", [*DESK, *QUEUE])
def test_each_address_answers_one_method_alone(campaign, clients, name):
    method, _ = (DESK | QUEUE)[name]
    other = "post" if method == "get" else "get"
    before = snapshot()
    client = clients["agent" if name in DESK else "supervisor"]
    assert getattr(client, other)(address(name, make_callback(campaign))).status_code == 405
    assert Callback.objects.get().state == "scheduled"
    assert snapshot()["callback_event"][0] == before["callback_event"][0] + 1  # the request itself


@pytest.mark.parametrize(
    "name", [name for name, (method, _) in (DESK | QUEUE).items() if method == "post"]
)
def test_nothing_is_posted_without_the_csrf_token(campaign, name):
    callback = make_callback(campaign)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_agent(campaign).user if name in DESK else make_user("supervisor"))
    before = snapshot()
    assert client.post(address(name, callback), chosen(callback)).status_code == 403
    assert snapshot() == before


CLAIMED = [
    "desk-accept",
    "desk-reject",
    "desk-dial",
    "desk-end",
    "desk-hold",
    "desk-done",
    "desk-release",
]
PRESSED = {"key": "11111111-2222-4333-8444-555555555555", "code": "resolved", "reason": "not_now"}


@pytest.mark.parametrize("name", CLAIMED)
@pytest.mark.parametrize("hands", [offered, in_work])
def test_another_agents_claim_cannot_be_touched(campaign, agent, simulator, name, hands):
    work = hands(agent, make_callback(campaign))
    thief = Client()
    thief.force_login(make_agent(campaign).user)
    before = snapshot()
    response = thief.post(address(name, Callback.objects.get(), work.version), PRESSED)
    assert response.status_code in (403, 409)
    assert snapshot() == before
    assert simulator.started() == []


@pytest.mark.parametrize("name", CLAIMED)
@pytest.mark.parametrize(("hands", "version"), [(offered, 0), (in_work, 0), (in_work, 2)])
def test_a_page_with_another_version_changes_nothing(
    campaign, agent, simulator, name, hands, version
):
    hands(agent, make_callback(campaign))
    client = Client()
    client.force_login(agent.user)
    before = snapshot()
    response = client.post(address(name, Callback.objects.get(), version), PRESSED)
    assert response.status_code == 409
    assert snapshot() == before


@pytest.mark.parametrize("name", CLAIMED)
@pytest.mark.parametrize(("pk", "version"), [(987_654, 1), (10**20, 1), (0, 10**12), (0, 10**20)])
def test_a_claim_that_cannot_be_is_refused_and_breaks_nothing(
    campaign, agent, simulator, name, pk, version
):
    client = Client()
    client.force_login(agent.user)
    callback_id = pk or offered(agent, make_callback(campaign)).callback_id
    before = snapshot()
    path = reverse(name, kwargs={"callback_id": callback_id, "version": version})
    assert client.post(path, PRESSED).status_code == 409
    assert snapshot() == before


@pytest.mark.parametrize("pk", [987_654, 2**63, 10**30])
def test_the_story_of_a_callback_that_does_not_exist_is_not_found(clients, pk):
    path = reverse("queue-story", kwargs={"callback_id": pk})
    assert clients["supervisor"].get(path).status_code == 404


@pytest.mark.parametrize(
    ("user", "place"),
    [("agent", "desk"), ("supervisor", "queue"), ("administrator", "queue"), ("nobody", "ask")],
)
def test_everybody_has_a_place_of_their_own(clients, user, place):
    response = clients[user].get(reverse("home"))
    assert (response.status_code, response["Location"]) == (302, reverse(place))


def test_an_inactive_user_has_no_role(campaign):
    user = make_user("agent", "supervisor")
    assert roles(user) == {"agent", "supervisor"}
    user.is_active = False
    assert roles(user) == frozenset()


def test_a_supervisor_is_no_agent_and_an_agent_no_supervisor(campaign, agent):
    supervisor = make_user("supervisor")
    with pytest.raises(PermissionDenied):
        access_desk(supervisor)
    with pytest.raises(PermissionDenied):
        access_queue(agent.user)
    with pytest.raises(PermissionDenied):
        access_supervised(agent.user, make_callback(campaign).pk)
    assert access_queue(supervisor) == supervisor
    assert access_desk(agent.user).pk == agent.pk


def test_healthz_answers_anybody(db):
    assert Client().get(reverse("healthz")).content == b"ok"
