"""The supervisors' pages of an import: who may, what is asked, what is answered."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agentdesk import exchange_urls
from callbacks.exchange import jobs
from callbacks.exchange.models import ExchangeJob, ExchangeLine
from callbacks.models import Callback
from contacts.models import Contact
from tests.exchange.files import checked, csv_file, imported, taken, xlsx_file
from tests.factories import make_agent, make_campaign, make_user, snapshot

ONE = "+447400100001"
PEOPLE = csv_file(["number", "name"], [ONE, "Sarah"], ["12", "Nobody"])
USERS = ("agent", "supervisor", "administrator", "nobody", "anonymous")
# What the one who may gets with nothing filled in.
ADDRESSES = {
    "exchange": ("get", 200),
    "exchange-job": ("get", 200),
    "exchange-columns": ("post", 422),
    "exchange-again": ("post", 302),
    "exchange-start": ("post", 302),
    "exchange-discard": ("post", 302),
    "exchange-refused": ("get", 200),
    "queue-export": ("get", 200),
}
OF_A_JOB = [name for name in ADDRESSES if name not in ("exchange", "queue-export")]
BOTH = {"exchange"}  # the list takes a file too


def address(name, pk):
    pattern = next(one for one in exchange_urls.urlpatterns if one.name == name)
    return reverse(name, kwargs=dict.fromkeys(pattern.pattern.converters, pk))


def signed_in(user):
    client = Client()
    if user == "agent":
        client.force_login(make_agent(make_campaign()).user)
    elif user != "anonymous":
        client.force_login(make_user(*[] if user == "nobody" else [user]))
    return client


def rows():
    jobs_and_lines = (
        list(ExchangeJob.objects.order_by("pk").values_list()),
        list(ExchangeLine.objects.order_by("pk").values_list()),
    )
    found = snapshot()
    del found["user"]  # signing in
    return found, jobs_and_lines


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def upload(client, content=PEOPLE, name="people.csv", **fields):
    file = SimpleUploadedFile(name, content)
    said = {"kind": "contacts", "region": "GB", "zone": "Europe/London", **fields}
    return client.post(reverse("exchange"), {"file": file, **said})


# --- who may


def test_the_table_names_every_address():
    assert {one.name for one in exchange_urls.urlpatterns} == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("user", USERS)
def test_each_user_gets_what_their_role_allows(db, user, name):
    method, status = ADDRESSES[name]
    job = taken(PEOPLE)
    client = signed_in(user)
    before = rows()
    response = getattr(client, method)(address(name, job.pk))
    if user in ("supervisor", "administrator"):
        assert response.status_code == status
    else:
        assert response.status_code == (302 if user == "anonymous" else 403)
        assert rows() == before
    if user == "anonymous":
        assert response["Location"].startswith(reverse("account_login"))
    response.close()


@pytest.mark.parametrize("user", ["agent", "nobody", "anonymous"])
def test_nobody_else_can_send_a_file(db, user):
    client = signed_in(user)
    before = rows()
    assert upload(client).status_code in (302, 403)
    assert rows() == before


@pytest.mark.parametrize("name", sorted(set(ADDRESSES) - BOTH))
def test_each_address_answers_one_method_alone(supervisor, name):
    job = taken(PEOPLE)
    other = "post" if ADDRESSES[name][0] == "get" else "get"
    before = rows()
    assert getattr(supervisor, other)(address(name, job.pk)).status_code == 405
    assert rows() == before


@pytest.mark.parametrize(
    "name", ["exchange", *(name for name, (how, _) in ADDRESSES.items() if how == "post")]
)
def test_nothing_is_posted_without_the_csrf_token(db, name):
    job = taken(PEOPLE)
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("supervisor"))
    before = rows()
    assert client.post(address(name, job.pk)).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("pk", [987_654, 10**20])
@pytest.mark.parametrize("name", OF_A_JOB)
def test_an_import_that_does_not_exist_is_not_found(supervisor, name, pk):
    assert getattr(supervisor, ADDRESSES[name][0])(address(name, pk)).status_code == 404


# --- from the file to the end


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_a_file_goes_its_way(supervisor, make):
    content = make(["Phone", "Who"], [ONE, "Sarah Johnson"], ["12", "Nobody"])
    response = upload(supervisor, content)
    job = ExchangeJob.objects.get()
    path = reverse("exchange-job", args=[job.pk])
    assert (response.status_code, response["Location"]) == (302, path)
    page = supervisor.get(path)
    assert "Which column is which?" in words(page)
    assert "Sarah Johnson" in words(page)
    assert re.search(r'<option value="0" selected>Phone', page.content.decode())
    supervisor.post(reverse("exchange-columns", args=[job.pk]), {"number": 0, "name": 1})
    text = words(supervisor.get(path))
    assert "1 to be added" in text
    assert "Import 1 line" in text
    assert "Phone: This is no telephone number" in text
    assert not Contact.objects.exists()
    supervisor.post(reverse("exchange-start", args=[job.pk]))
    text = words(supervisor.get(path))
    assert "added 1 merged 0 refused 1" in text
    assert Contact.objects.get().name == "Sarah Johnson"
    refused = supervisor.get(reverse("exchange-refused", args=[job.pk]))
    assert b"12,Nobody,3,Phone" in b"".join(refused.streaming_content)
    again = supervisor.post(reverse("exchange-start", args=[job.pk]))
    assert again.status_code == 302
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b" \n ", "The file is empty"),
        (b"number\n\xff\xfe", "not UTF-8"),
        (b"number\n\0", "neither CSV nor"),
        (b'"number\n', "has to name the columns"),
    ],
)
def test_what_is_no_table_is_said_beside_the_field_and_nothing_is_stored(supervisor, content, says):
    before = rows()
    response = upload(supervisor, content, kind="callbacks", zone="Europe/Lisbon")
    html = response.content.decode()
    assert response.status_code == 422
    assert says in words(response)
    assert rows() == before
    control = re.search(r'<input type="file"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in control
    assert 'aria-describedby="id_file_error"' in control
    assert '<option value="callbacks" selected>' in html  # nothing else that was said is lost
    assert '<option value="Europe/Lisbon" selected>' in html


def test_a_broken_workbook_says_so(supervisor):
    upload(supervisor, xlsx_file(["number"], [ONE])[:-40], name="people.xlsx")
    job = ExchangeJob.objects.get()
    assert job.stage == "broken"
    assert "The workbook cannot be read" in words(
        supervisor.get(reverse("exchange-job", args=[job.pk]))
    )
    assert jobs.work_off_exchange() == 0


def test_a_form_without_a_file_is_refused(supervisor):
    before = rows()
    response = supervisor.post(reverse("exchange"), {"kind": "nothing", "region": "XX"})
    text = words(response)
    assert response.status_code == 422
    assert "Choose a CSV or XLSX file" in text
    assert "Choose what the file has" in text
    assert rows() == before


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        ({}, "Choose the column with the number"),
        ({"number": 9}, "Choose a column of the file"),
        ({"number": "x"}, "Choose a column of the file"),
        ({"number": 0, "name": 0}, "This column is the number already"),
    ],
)
def test_columns_that_make_no_sense_are_refused(supervisor, chosen, says):
    job = taken(PEOPLE)
    before = rows()
    response = supervisor.post(reverse("exchange-columns", args=[job.pk]), chosen)
    assert response.status_code == 422
    assert says in words(response)
    assert rows() == before


def test_callbacks_need_a_campaign_from_somewhere(supervisor, campaign):
    content = csv_file(["number", "when"], [ONE, "2026-01-01 10:00"])
    without = taken(content, "callbacks")
    path = reverse("exchange-columns", args=[without.pk])
    response = supervisor.post(path, {"number": 0, "when": 1})
    assert response.status_code == 422
    assert "Choose the column with the campaign" in words(response)
    named = taken(content, "callbacks", campaign_slug=campaign.slug)
    path = reverse("exchange-columns", args=[named.pk])
    assert supervisor.post(path, {"number": 0, "when": 1}).status_code == 302
    assert not Callback.objects.exists()


def test_what_a_cell_says_is_text_and_no_markup(supervisor):
    job = checked(csv_file(["number", "name"], [ONE, "<script>alert(1)</script>"]))
    html = supervisor.get(reverse("exchange-job", args=[job.pk])).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_lines_are_shown_a_page_at_a_time_and_by_outcome(supervisor, monkeypatch):
    monkeypatch.setattr("agentdesk.views.exchange.PAGE", 2)
    job = checked(csv_file(["number"], [ONE], [ONE], ["12"], ["13"], ["14"]))
    path = reverse("exchange-job", args=[job.pk])

    def lines(query):
        html = supervisor.get(path + query).content.decode()
        return re.findall(r'<th scope="row">(\d+)</th>', html)

    assert lines("") == ["2", "3"]
    assert lines("?show=&after=3") == ["4", "5"]
    assert lines("?show=refused&after=5") == ["6"]
    assert lines("?show=merge") == ["3"]
    assert lines("?show=merge&after=99999999999999999999") == ["3"]
    assert supervisor.get(path + "?show=nothing").status_code == 404


def test_a_file_is_forgotten_but_not_what_was_imported(supervisor):
    job, done = checked(PEOPLE), imported(csv_file(["number"], ["+447400100002"]))
    supervisor.post(reverse("exchange-discard", args=[done.pk]))
    response = supervisor.post(reverse("exchange-discard", args=[job.pk]), follow=True)
    assert "Forgot people.csv. Nothing of it was imported." in words(response)
    assert ExchangeJob.objects.get() == done


def test_a_long_file_waits_for_the_worker_and_says_how_far_it_is(supervisor, monkeypatch):
    monkeypatch.setattr("callbacks.exchange.jobs.SMALL", 0)
    job = taken(PEOPLE)
    path = reverse("exchange-job", args=[job.pk])
    supervisor.post(reverse("exchange-columns", args=[job.pk]), {"number": 0})
    html = supervisor.get(path).content.decode()
    assert 'hx-trigger="every 1s"' in html
    assert "Being checked" in html
    assert jobs.work_off_exchange() == 1
    part = supervisor.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Checked: 1 to be added, 0 to be merged, 1 refused" in part
    supervisor.post(reverse("exchange-start", args=[job.pk]))
    assert "0 added and 0 merged of 1 lines" in words(supervisor.get(path))
    assert jobs.work_off_exchange() == 1
    assert "every 1s" not in supervisor.get(path).content.decode()
