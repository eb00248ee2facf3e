"""The supervisors' do-not-call list: who may, what is asked, what is answered."""

import csv
import re
from html import unescape
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agentdesk import dnc_urls
from callbacks.actions import dnc_import
from callbacks.actions.dnc import forbid_calls
from callbacks.actions.dnc_import import take_file, work_off_imports
from callbacks.queue import CUSTOMER
from contacts.actions import dnc_hash
from contacts.models import DncImport, DoNotCall
from tests.factories import make_agent, make_callback, make_user, snapshot, story

NUMBER = "020 7946 0134"
E164 = "+442079460134"
USERS = ("agent", "supervisor", "administrator", "nobody", "anonymous")
# What the one who may gets with nothing filled in.
ADDRESSES = {
    "dnc": ("get", 200),
    "dnc-search": ("post", 422),
    "dnc-add": ("post", 422),
    "dnc-upload": ("post", 422),
    "dnc-import": ("get", 200),
    "dnc-import-start": ("post", 302),
    "dnc-import-discard": ("post", 302),
    "dnc-import-report": ("get", 200),
}


@pytest.fixture
def supervisor(db):
    client = Client()
    client.user = make_user("supervisor")
    client.force_login(client.user)
    return client


@pytest.fixture
def job(db):
    """A file that was taken, and not yet looked at."""
    return take_file(f"number\n{E164}\n".encode(), name="list.csv", region="GB")


def address(name, job):
    pattern = next(one for one in dnc_urls.urlpatterns if one.name == name)
    return reverse(name, kwargs=dict.fromkeys(pattern.pattern.converters, job.pk))


def signed_in(user, campaign):
    client = Client()
    if user == "agent":
        client.force_login(make_agent(campaign).user)
    elif user != "anonymous":
        client.force_login(make_user(*[] if user == "nobody" else [user]))
    return client


def rows():
    return (
        snapshot(),
        list(DoNotCall.objects.values_list()),
        list(DncImport.objects.values_list()),
    )


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(unescape(text).split())


def upload(client, text, name="list.csv", **fields):
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile(name, content, "text/csv")
    return client.post(reverse("dnc-upload"), {"file": file, "region": "GB", **fields})


# --- who may


def test_the_table_names_every_address():
    assert {one.name for one in dnc_urls.urlpatterns} == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("user", USERS)
def test_each_user_gets_what_their_role_allows(campaign, job, user, name):
    method, status = ADDRESSES[name]
    client = signed_in(user, campaign)
    before = rows()
    response = getattr(client, method)(address(name, job))
    if user in ("supervisor", "administrator"):
        assert response.status_code == status
        return
    assert response.status_code == (302 if user == "anonymous" else 403)
    if user == "anonymous":
        assert response["Location"].startswith(reverse("account_login"))
    assert rows()[1:] == before[1:]


@pytest.mark.parametrize("name", ADDRESSES)
def test_each_address_answers_one_method_alone(supervisor, job, name):
    other = "post" if ADDRESSES[name][0] == "get" else "get"
    before = rows()
    assert getattr(supervisor, other)(address(name, job)).status_code == 405
    assert rows() == before


@pytest.mark.parametrize("name", [name for name, (how, _) in ADDRESSES.items() if how == "post"])
def test_nothing_is_posted_without_the_csrf_token(job, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("supervisor"))
    before = rows()
    assert client.post(address(name, job)).status_code == 403
    assert rows() == before


@pytest.mark.parametrize("pk", [987_654, 10**20])
@pytest.mark.parametrize("name", [name for name in ADDRESSES if name.startswith("dnc-import")])
def test_an_import_that_does_not_exist_is_not_found(supervisor, name, pk):
    path = reverse(name, kwargs={"job_id": pk})
    assert getattr(supervisor, ADDRESSES[name][0])(path).status_code == 404


@pytest.mark.parametrize(("role", "there"), [("supervisor", True), ("agent", False)])
def test_the_way_there_stands_in_the_bar_of_those_who_may(campaign, role, there):
    place = "queue" if role == "supervisor" else "desk"
    html = signed_in(role, campaign).get(reverse(place)).content.decode()
    assert (f'href="{reverse("dnc")}"' in html) is there


# --- the list


def test_an_empty_list_says_how_numbers_come_here(supervisor):
    assert "The list is empty" in words(supervisor.get(reverse("dnc")))


def test_entries_are_shown_in_words_and_no_number_is(supervisor, campaign):
    callback = make_callback(campaign)
    number = str(callback.number.e164)
    forbid_calls(callback.number, reason="Asked", source="form", actor=CUSTOMER, campaign=campaign)
    DoNotCall.objects.create(number_hash=dnc_hash(E164), source="import")
    response = supervisor.get(reverse("dnc"))
    text = words(response)
    assert f"ending {number[-4:]} {campaign.name} the customer Asked" in text
    assert "not kept Everywhere a file" in text
    assert number not in response.content.decode()
    assert "at least five years" in text
    assert "cannot be taken back" in text


@pytest.mark.parametrize("typed", [NUMBER, E164, "+44 (0)20 7946-0134", " 02079460134 "])
def test_a_number_is_found_however_it_is_typed(supervisor, typed):
    before = words(supervisor.post(reverse("dnc-search"), {"number": typed}))
    assert "Not on the list +44 20 7946 0134" in before
    DoNotCall.objects.create(number_hash=dnc_hash(E164), source="api", reason="Wrote to us")
    response = supervisor.post(reverse("dnc-search"), {"number": typed})
    assert response.status_code == 200
    assert "On the list +44 20 7946 0134 Everywhere, since" in words(response)
    assert "by a program: Wrote to us" in words(response)


@pytest.mark.parametrize("typed", ["", "12", "abc", "4" * 60, "\0"])
@pytest.mark.parametrize("name", ["search", "add"])
def test_what_is_no_number_is_said_beside_the_field(supervisor, name, typed):
    before = rows()
    response = supervisor.post(reverse(f"dnc-{name}"), {"number": typed})
    html = response.content.decode()
    assert response.status_code == 422
    assert rows()[1:] == before[1:]
    control = re.search(rf'<input[^>]*id="{name}-number"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in control
    assert f'aria-describedby="{name}-number-error"' in control
    assert f'id="{name}-number-error"' in html
    assert re.search(rf'role="alert"[^>]*autofocus.*?href="#{name}-number"', html, re.DOTALL)
    assert html.count('aria-invalid="true"') == 1  # the other form is left alone


def test_not_even_an_administrator_takes_an_entry_off(campaign):
    entry = DoNotCall.objects.create(number_hash=dnc_hash(E164))
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    change = reverse("admin:contacts_donotcall_change", args=[entry.pk])
    assert client.get(change).status_code == 200
    delete = reverse("admin:contacts_donotcall_delete", args=[entry.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    several = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    client.post(reverse("admin:contacts_donotcall_changelist"), several)
    assert DoNotCall.objects.get() == entry


def test_messages_of_other_pages_are_not_shown_here(supervisor):
    user = supervisor.user
    user.set_password("a long enough one")
    user.save()
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": "a long enough one"})
    client.post(reverse("dnc-add"), {"number": NUMBER})
    html = client.get(reverse("dnc")).content.decode()
    assert "signed in" not in html
    assert html.count('class="notice" data-tone="kept"') == 1
    assert "is on the list now" not in words(client.get(reverse("dnc")))  # said once


# --- one number


def test_a_number_is_added_everywhere_and_what_waits_is_cancelled(supervisor, campaign):
    callback = make_callback(campaign)
    number = str(callback.number.e164)
    response = supervisor.post(reverse("dnc-add"), {"number": number, "reason": "By letter"})
    assert (response.status_code, response["Location"]) == (302, reverse("dnc"))
    told = f"The number ending {number[-4:]} is on the list now. 1 callback was cancelled."
    assert told in words(supervisor.get(reverse("dnc")))
    entry = DoNotCall.objects.get()
    assert (entry.scope, entry.source, entry.reason) == ("", "supervisor", "By letter")
    event = callback.events.latest("pk")
    assert (event.name, event.actor_kind, event.actor_id) == (
        "cancel", "supervisor", supervisor.user.pk,
    )  # fmt: skip
    supervisor.post(reverse("dnc-add"), {"number": number})
    assert "was on the list already" in words(supervisor.get(reverse("dnc")))
    assert DoNotCall.objects.count() == 1


def test_a_number_is_added_for_one_campaign(supervisor, campaign):
    supervisor.post(reverse("dnc-add"), {"number": NUMBER, "campaign": campaign.slug})
    assert DoNotCall.objects.get().scope == campaign.slug
    assert f"{campaign.name} a supervisor" in words(supervisor.get(reverse("dnc")))


@pytest.mark.parametrize(
    ("field", "value"), [("campaign", "no-such-one"), ("reason", "x" * 201), ("campaign", "\0")]
)
def test_other_fields_are_checked_too_and_nothing_typed_is_lost(supervisor, field, value):
    before = rows()
    response = supervisor.post(reverse("dnc-add"), {"number": NUMBER, field: value})
    html = response.content.decode()
    assert response.status_code == 422
    assert f'id="add-{field}-error"' in html
    assert f'value="{NUMBER}"' in html
    assert rows()[1:] == before[1:]


# --- a file


def test_a_file_is_checked_shown_and_then_listed(supervisor, campaign):
    callback = make_callback(campaign)
    response = upload(supervisor, f"number,note\n{callback.number.e164},x\nrubbish,y\n")
    page = response["Location"]
    before = rows()
    text = words(supervisor.get(page))
    assert "to be listed 1 listed already 0 refused 1 callbacks to be cancelled 1" in text
    assert "Columns that are not read: note" in text
    assert "3 number This is no telephone number, read as one of GB" in text
    assert rows() == before
    job = DncImport.objects.get()
    assert (job.name, job.by_id) == ("list.csv", supervisor.user.pk)
    supervisor.post(reverse("dnc-import-start", args=[job.pk]))
    text = words(supervisor.get(page))
    assert "listed 1 listed already 0 refused 1 callbacks cancelled 1" in text
    assert story(callback) == ["request", "cancel"]
    assert "list.csv Imported, 2 lines" in words(supervisor.get(reverse("dnc")))


def test_starting_twice_lists_once(supervisor):
    upload(supervisor, f"number\n{E164}\n")
    job = DncImport.objects.get()
    for _ in range(2):
        response = supervisor.post(reverse("dnc-import-start", args=[job.pk]))
        assert response["Location"] == reverse("dnc-import", args=[job.pk])
    job.refresh_from_db()
    assert (job.listed, job.known, job.state) == (1, 0, "done")


def test_a_file_can_be_forgotten_until_it_is_listed(supervisor):
    upload(supervisor, f"number\n{E164}\n", name="wrong.csv")
    job = DncImport.objects.get()
    response = supervisor.post(reverse("dnc-import-discard", args=[job.pk]))
    assert response["Location"] == reverse("dnc")
    assert "Forgot wrong.csv" in words(supervisor.get(reverse("dnc")))
    assert not DncImport.objects.exists()
    upload(supervisor, f"number\n{E164}\n")
    done = DncImport.objects.get()
    supervisor.post(reverse("dnc-import-start", args=[done.pk]))
    before = rows()
    response = supervisor.post(reverse("dnc-import-discard", args=[done.pk]))
    assert response["Location"] == reverse("dnc-import", args=[done.pk])
    assert rows()[1:] == before[1:]


def test_a_large_file_shows_how_far_it_is_until_it_is_done(supervisor, monkeypatch):
    monkeypatch.setattr(dnc_import, "CHUNK", 2)
    numbers = [f"+4474001234{place:02d}" for place in range(7)]
    page = upload(supervisor, "number\n" + "\n".join(numbers))["Location"]

    def polled():
        response = supervisor.get(page, headers={"HX-Request": "true"})
        html = response.content.decode()
        assert "<html" not in html
        return html

    html = polled()
    assert 'hx-trigger="every 1s"' in html
    assert re.search(r"<progress[^>]*value=\"(?!0\")\d\d\"", html)
    assert "2 lines looked at, 0 refused so far" in html
    work_off_imports()
    html = polled()
    assert "hx-trigger" not in html
    assert "Checked: 7 to be listed, 0 refused" in html
    supervisor.post(reverse("dnc-import-start", args=[DncImport.objects.get().pk]))
    assert "2 of 7 lines done" in polled()
    assert "List 7 numbers" not in polled()
    work_off_imports()
    assert "Imported: 7 listed, 0 refused" in polled()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        ("phone\n1\n", "The first line has to name the columns, one of them “number”"),
        (b"number\n\xff\n", "Line 2 is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "This is no text file"),
        (b"x" * (dnc_import.LARGEST + 1), "The file is larger than 10 MB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_the_field(supervisor, content, said):
    before = rows()
    response = upload(supervisor, content)
    html = unescape(response.content.decode())
    assert response.status_code == 422
    assert said in html
    control = re.search(r'<input[^>]*id="upload-file"[^>]*>', html)[0]
    assert 'aria-invalid="true"' in control
    assert "upload-file-error" in control
    assert rows()[1:] == before[1:]


def test_without_a_file_or_with_a_country_that_does_not_exist_nothing_is_taken(supervisor):
    before = rows()
    response = supervisor.post(reverse("dnc-upload"), {"region": "GB"})
    assert "Choose a CSV file" in words(response)
    response = upload(supervisor, f"number\n{E164}\n", region="XX")
    assert response.status_code == 422
    assert "Choose a country" in words(response)
    assert rows()[1:] == before[1:]


def test_a_file_full_of_refusals_has_nothing_to_list(supervisor):
    page = upload(supervisor, "number\n" + "1\n" * 120)["Location"]
    text = words(supervisor.get(page))
    assert "refused 120" in text
    assert "The first 100. The report has them all." in text
    assert "Forget this file" in text
    assert not re.search(r"List \d+ number", text)


def test_the_report_is_a_csv_without_numbers(supervisor):
    upload(supervisor, f"number\n{E164}\nrubbish\n")
    job = DncImport.objects.get()
    supervisor.post(reverse("dnc-import-start", args=[job.pk]))
    response = supervisor.get(reverse("dnc-import-report", args=[job.pk]))
    text = response.getvalue().decode()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment")
    found = list(csv.DictReader(StringIO(text)))
    assert [(row["line"], row["outcome"], row["column"], row["code"]) for row in found] == [
        ("2", "listed", "", ""), ("3", "refused", "number", "impossible"),
    ]  # fmt: skip
    assert "7946" not in text


def test_names_of_files_are_shown_and_not_obeyed(supervisor):
    name = "<script>alert(1)<script>.csv"
    page = upload(supervisor, f"number\n{E164}\n", name=name)["Location"]
    assert b"<script>alert" not in supervisor.get(page).content
