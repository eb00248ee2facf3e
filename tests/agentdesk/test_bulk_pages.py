"""The pages of an action on all that match: who may see them, what they ask, what they say."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from agentdesk import bulk, bulk_urls
from agentdesk.bulk import start_bulk, stop_bulk
from agentdesk.bulk_work import work_off_bulk_jobs
from agentdesk.models import BulkJob
from agentdesk.verbs import BULK, VERBS
from callbacks.models import Callback
from contacts import clock
from tests.agentdesk.pages import HTMX, words
from tests.factories import (
    in_work,
    make_agent,
    make_callback,
    make_campaign,
    make_contact,
    make_user,
    snapshot,
    story,
)

H = timedelta(hours=1)
ADDRESSES = {
    "queue-ask-all": ("get", 200),
    "queue-act-all": ("post", 200),
    "queue-jobs": ("get", 200),
    "queue-job": ("get", 200),
    "queue-job-stop": ("post", 200),
    "queue-job-report": ("get", 200),
}
OF_A_JOB = ("queue-job", "queue-job-stop", "queue-job-report")
# Beside the owner of the job an administrator may see it; another supervisor does not know of it.
USERS = {
    "supervisor": 200, "administrator": 200, "other": 404, "agent": 403, "nobody": 403,
    "anonymous": 302,
}  # fmt: skip
ALL = {"query": "view=all", "expected": "1"}


@pytest.fixture
def clients(campaign, supervisor):
    """A signed-in client for each kind of user; ``supervisor`` owns the job."""
    people = {
        "administrator": make_user("administrator"),
        "other": make_user("supervisor"),
        "agent": make_agent(campaign).user,
        "nobody": make_user(),
    }
    found = {"supervisor": supervisor, "anonymous": Client()}
    for name, user in people.items():
        found[name] = Client()
        found[name].force_login(user)
    return found


@pytest.fixture
def job(campaign, supervisor):
    """A running job of the supervisor on one callback."""
    make_callback(campaign)
    return start_bulk(supervisor.user, "cancel", {}, "view=all")


def address(name, job=None, verb="cancel"):
    pattern = next(one for one in bulk_urls.urlpatterns if one.name == name)
    values = {"job_id": job.pk if job else 1, "verb": verb}
    return reverse(name, kwargs={key: values[key] for key in pattern.pattern.converters})


def start(client, verb="cancel", **fields):
    """Press the button of the form about all that match."""
    return client.post(address("queue-act-all", verb=verb), {**ALL, **fields}, headers=HTMX)


def ask(client, verb="cancel", query="view=all"):
    return client.get(address("queue-ask-all", verb=verb), {"query": query}, headers=HTMX)


# --- who may


def test_the_table_names_every_address():
    assert {one.name for one in bulk_urls.urlpatterns} == set(ADDRESSES)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_each_user_gets_what_their_role_allows(job, clients, user, name):
    expected = USERS[user]
    if user == "other" and name not in OF_A_JOB:
        expected = 200
    before = snapshot()
    method, _ = ADDRESSES[name]
    response = getattr(clients[user], method)(address(name, job), ALL, headers=HTMX)
    assert response.status_code == expected
    if expected != 200:
        assert snapshot() == before
    if expected == 302:
        assert response["Location"].startswith(reverse("account_login"))
    response.close()


@pytest.mark.parametrize("user", ["agent", "nobody"])
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "head", "options"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_the_pages_are_closed_to_others_whatever_the_method(job, clients, user, method, name):
    before = snapshot()
    assert getattr(clients[user], method)(address(name, job)).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("name", ADDRESSES)
def test_each_address_answers_one_method_alone(job, supervisor, name):
    other = "post" if ADDRESSES[name][0] == "get" else "get"
    before = snapshot()
    assert getattr(supervisor, other)(address(name, job), ALL).status_code == 405
    assert snapshot() == before


@pytest.mark.parametrize("name", [name for name, (how, _) in ADDRESSES.items() if how == "post"])
def test_nothing_is_posted_without_the_csrf_token(job, supervisor, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(supervisor.user)
    before = snapshot()
    assert client.post(address(name, job), ALL).status_code == 403
    assert snapshot() == before


@pytest.mark.parametrize("name", OF_A_JOB)
@pytest.mark.parametrize("pk", [987_654, 2**63, 10**30])
def test_a_job_that_does_not_exist_is_not_found(supervisor, name, pk):
    method, _ = ADDRESSES[name]
    assert getattr(supervisor, method)(reverse(name, args=[pk])).status_code == 404


@pytest.mark.parametrize("verb", [one.name for one in VERBS if one not in BULK] + ["no-such"])
def test_other_actions_have_no_such_page(job, supervisor, verb):
    before = snapshot()
    assert ask(supervisor, verb).status_code == 404
    assert start(supervisor, verb).status_code == 404
    assert snapshot() == before


# --- what is asked


@pytest.mark.parametrize("verb", BULK, ids=lambda one: one.name)
def test_each_action_is_asked_about_with_its_number(campaign, supervisor, verb):
    for _ in range(3):
        make_callback(campaign)
    response = ask(supervisor, verb.name)
    assert response.status_code == 200
    assert f"{verb.title}: all 3 that match" in words(response)
    text = response.content.decode()
    assert 'name="query" value="view=all"' in text
    assert 'name="expected" value="3"' in text
    assert 'name="ids"' not in text


def test_only_agents_of_the_campaigns_that_match_are_offered(campaign, supervisor):
    mine, other = make_agent(campaign), make_agent(make_campaign())
    make_callback(campaign)
    text = ask(supervisor, "reassign").content.decode()
    assert f'value="{mine.pk}"' in text
    assert f'value="{other.pk}"' not in text


def test_the_form_reads_no_callback(campaign, supervisor, django_assert_max_num_queries):
    def statements():
        with django_assert_max_num_queries(20) as asked:
            ask(supervisor, "call-now")
        return len(asked)

    make_callback(campaign)
    few = statements()
    for _ in range(15):
        make_callback(campaign)
    assert statements() == few


@pytest.mark.parametrize("query", ["view=attention", "view=nowhere"])
def test_where_nothing_matches_nothing_is_asked(job, supervisor, query):
    response = ask(supervisor, query=query)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#report"


# --- what begins


def test_it_begins_and_shows_how_far_it_is(campaign, supervisor):
    callbacks = [make_callback(campaign) for _ in range(2)]
    response = start(supervisor, expected="2")
    job = BulkJob.objects.get()
    assert response.status_code == 200
    text = response.content.decode()
    assert 'data-said="Cancel callbacks: 0 of 2"' in text
    assert f'hx-get="{reverse("queue-job", args=[job.pk])}"' in text
    assert 'hx-trigger="every 1s"' in text
    assert "<progress" in text
    assert "Stop" in words(response)
    assert {story(one)[-1] for one in callbacks} == {"request"}
    assert (job.user, job.verb, job.query) == (supervisor.user, "cancel", "view=all")


def test_what_the_form_said_is_kept(campaign, supervisor):
    make_callback(campaign)
    day = f"{clock.now() + 48 * H:%Y-%m-%d}"
    start(supervisor, "reschedule", day=day, time="14:30", ids="7", csrfmiddlewaretoken="x")
    assert BulkJob.objects.get().fields == {"day": day, "time": "14:30"}


@pytest.mark.parametrize(
    ("verb", "fields", "said"),
    [
        ("reschedule", {"day": "", "time": "14:30"}, "Enter a day"),
        ("reschedule", {"day": "2026-02-30", "time": "14:30"}, "Enter a day"),
        ("reassign", {"agent": "987654"}, "Choose an agent from the list"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    job, supervisor, verb, fields, said
):
    before = snapshot()
    response = start(supervisor, verb, expected="1,000+", **fields)
    assert response.status_code == 422
    assert response["HX-Retarget"] == f"#ask-all-{verb}"
    assert said in words(response)
    text = response.content.decode()
    assert 'name="expected" value="1,000+"' in text
    for value in fields.values():
        assert not value or value == "987654" or f'value="{value}"' in text
    assert snapshot() == before


@pytest.mark.parametrize("expected", ["", "many", "-1", "1.5", "٣", "1,00"])
def test_a_page_that_does_not_say_how_many_it_showed_begins_nothing(job, supervisor, expected):
    before = snapshot()
    response = start(supervisor, "skip", expected=expected)
    assert response.status_code == 422
    assert "did not say how many" in words(response)
    assert snapshot() == before


@pytest.mark.parametrize("expected", ["3", "1,000", "1,000+", "2+", "0003"])
def test_the_number_is_understood_as_the_page_says_it(campaign, supervisor, expected):
    for _ in range(3):
        make_callback(campaign)
    assert start(supervisor, expected=expected).status_code == 200


def test_what_has_grown_is_refused_with_both_numbers(campaign, supervisor, monkeypatch):
    monkeypatch.setattr(bulk, "GROWTH_AT_LEAST", 1)
    for _ in range(3):
        make_callback(campaign)
    before = snapshot()
    response = start(supervisor, expected="1")
    assert response.status_code == 409
    assert "3 callbacks match now, not 1" in words(response)
    assert snapshot() == before


# --- what is told


def test_stopped_it_says_so_and_offers_the_report(job, supervisor):
    response = supervisor.post(address("queue-job-stop", job), headers=HTMX)
    assert "Stopped. Cancelled 0 of 1" in words(response)
    assert "hx-trigger" not in response.content.decode()
    assert address("queue-job-report", job) in response.content.decode()
    assert Callback.objects.get().state == "scheduled"


def test_its_end_is_said_once_to_those_who_do_not_see_it(job, supervisor):
    assert "hx-swap-oob" not in supervisor.get(address("queue-job", job), headers=HTMX).text
    work_off_bulk_jobs()
    response = supervisor.get(address("queue-job", job), headers=HTMX)
    assert "queue-changed" in response["HX-Trigger-After-Swap"]
    text = response.text
    assert "hx-swap-oob=\"innerHTML:[data-region='status']\"" in text
    assert "hx-trigger" not in text  # it asks no more
    assert "hx-swap-oob" not in supervisor.get(address("queue-job", job)).text


def test_what_was_refused_is_listed_with_why(campaign, job, supervisor, agent):
    callback = make_callback(campaign, contact=make_contact("<b>Leila</b> Osei"))
    stop_bulk(job.pk)
    again = start_bulk(supervisor.user, "cancel", {}, "view=all")
    in_work(agent, callback)
    work_off_bulk_jobs()
    for headers in ({}, HTMX):
        response = supervisor.get(address("queue-job", again), headers=headers)
        assert "Cancelled 1 of 2. 1 refused" in words(response)
        assert "This callback is working: cannot cancel" in words(response)
        assert "&lt;b&gt;Leila&lt;/b&gt; Osei" in response.text


def test_the_report_is_a_file(job, supervisor):
    work_off_bulk_jobs()
    response = supervisor.get(address("queue-job-report", job))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="cancel-{job.pk}.csv"'
    rows = list(csv.reader(StringIO(response.getvalue().decode())))
    assert rows == [
        ["reference", "name", "outcome", "code", "words"],
        [Callback.objects.get().reference, "Ines Carvalho", "Done", "", ""],
    ]


def test_the_list_has_my_own_newest_first(campaign, job, supervisor):
    stop_bulk(job.pk)
    start_bulk(make_user("supervisor"), "complete", {}, "view=all")
    start_bulk(supervisor.user, "skip", {}, "view=all")
    said = words(supervisor.get(address("queue-jobs")))
    assert said.index("Skip: 0 of 1") < said.index("Stopped. Cancelled 0 of 1")
    assert "Mark complete" not in said


def test_an_empty_list_says_where_it_comes_from(supervisor):
    assert "Nothing yet" in words(supervisor.get(address("queue-jobs")))
