"""The queue as a file: all that the view shows, harmless in a spreadsheet."""

import asyncio
import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import AsyncRequestFactory, Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from agentdesk import export
from agentdesk.streams import streamed
from agentdesk.views.exchange import CSV
from callbacks.exchange.files import armed, defused
from callbacks.models import Callback
from tests.exchange.files import checked, outcomes
from tests.factories import make_callback, make_contact

H = timedelta(hours=1)
PATH = "/queue/export/"


def sent(client, query=""):
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200
    return response, b"".join(response.streaming_content)


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode().lstrip("\ufeff"))))


def sheet(content):
    found = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [["" if cell is None else cell for cell in row] for row in found]


def test_the_view_is_saved_with_what_stands_in_its_rows(supervisor, campaign):
    late = make_callback(campaign, due=-H, contact=make_contact("Ines", zones=("Europe/Lisbon",)))
    make_callback(campaign, due=H)
    response, content = sent(supervisor, "view=overdue&format=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="queue.csv"'
    (row,) = table(content)
    berlin = late.due_at.astimezone(ZoneInfo("Europe/Berlin"))
    there = late.due_at.astimezone(ZoneInfo("Europe/Lisbon"))
    assert row["Reference"] == late.reference
    assert (row["Contact"], row["Campaign"]) == ("Ines", campaign.name)
    assert row["Number"] == f"'{late.number.e164}"
    assert row["Due in Europe/Berlin"] == f"{berlin:%Y-%m-%d %H:%M}"
    assert row["Due for contact"] == f"{there:%Y-%m-%d %H:%M}"
    assert row["Promise"].startswith("Overdue")
    assert row["May we call?"].startswith("Callable now")
    assert row["State"] == "scheduled"


def test_a_workbook_has_the_same_rows(supervisor, campaign):
    for hours in (-3, -1, -2):
        make_callback(campaign, due=hours * H)
    _, text = sent(supervisor, "view=overdue")
    response, packed = sent(supervisor, "view=overdue&format=xlsx")
    assert "spreadsheetml" in response["Content-Type"]
    rows = sheet(packed)
    assert [dict(zip(rows[0], map(str, row), strict=True)) for row in rows[1:]] == table(text)


def test_a_workbook_goes_on_with_another_sheet_where_one_is_full(monkeypatch):
    monkeypatch.setattr(export, "MOST_OF_A_SHEET", 2)
    for count, sheets in ((0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)):
        rows = iter([["head"], *([str(number)] for number in range(count))])
        book = load_workbook(io.BytesIO(b"".join(export.as_workbook(rows))))
        found = [[row[0] for row in one.iter_rows(values_only=True)] for one in book.worksheets]
        assert len(found) == sheets
        assert all(one[0] == "head" for one in found)
        assert [cell for one in found for cell in one[1:]] == [str(n) for n in range(count)]


def test_rows_come_in_the_order_of_the_view_across_chunks(supervisor, campaign, monkeypatch):
    monkeypatch.setattr(export, "CHUNK", 2)
    made = [make_callback(campaign, due=-hours * H) for hours in (1, 5, 3, 2, 4)]
    _, content = sent(supervisor, "view=overdue")
    ordered = sorted(made, key=lambda one: one.due_at)
    assert [row["Reference"] for row in table(content)] == [one.reference for one in ordered]


def test_no_query_for_each_row(supervisor, campaign):
    def queries(rows):
        for _ in range(rows):
            make_callback(campaign)
        with CaptureQueriesContext(connection) as found:
            sent(supervisor, "view=overdue")
        return len(found)

    queries(1)  # what a process keeps is read now
    few = queries(2)
    assert queries(20) == few


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula(supervisor, campaign, text, kind):
    make_callback(campaign, contact=make_contact(text), about=text)
    _, content = sent(supervisor, f"view=overdue&format={kind}")
    if kind == "csv":
        cells = list(csv.reader(io.StringIO(content.decode().lstrip("\ufeff"))))[1]
    else:
        cells = sheet(content)[1]
    assert cells.count(f"'{text}") == 2
    assert not [cell for cell in cells if str(cell).startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("text", ["", "Ines", "'quoted'", "=1", "+44", "-", "@a", "'", "'x"])
def test_what_was_defused_is_read_as_it_was(text):
    assert armed(defused(text)) == text


def test_what_was_exported_can_be_imported(supervisor, campaign):
    there = make_callback(campaign, due=24 * H)
    _, content = sent(supervisor, "view=all")
    Callback.objects.filter(pk=there.pk).update(state="cancelled", ended_at=there.due_at)
    job = checked(content, "callbacks", zone="Europe/London")
    assert outcomes(job) == [(2, "new", "", "")]
    assert job.lines.get().e164 == there.number.e164


def test_a_sign_that_no_workbook_takes_is_replaced(supervisor, campaign):
    make_callback(campaign, contact=make_contact("Ines\x0bX"))
    _, content = sent(supervisor, "view=overdue&format=xlsx")
    assert "Ines\N{REPLACEMENT CHARACTER}X" in sheet(content)[1]


@pytest.mark.parametrize("query", ["format=pdf", "view=nothing"])
def test_what_there_is_not_is_not_found(supervisor, query):
    assert supervisor.get(f"{PATH}?{query}").status_code == 404


def test_filters_narrow_what_is_saved(supervisor, campaign):
    mine = make_callback(campaign, contact=make_contact("Ines"))
    make_callback(campaign, contact=make_contact("Owen"))
    _, content = sent(supervisor, "view=overdue&q=Ines&format=csv")
    assert [row["Reference"] for row in table(content)] == [mine.reference]


def test_agents_have_no_queue_to_save(agent):
    client = Client()
    client.force_login(agent.user)
    assert client.get(reverse("queue-export")).status_code == 403


@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_it_is_sent_while_it_is_made(server):
    made = []

    def parts():
        for number in range(3):
            made.append(number)
            yield str(number)

    if server == "wsgi":
        response = streamed(RequestFactory().get("/"), parts(), content_type=CSV, name="a.csv")
        seen = [(part, len(made)) for part in response.streaming_content]
    else:
        request = AsyncRequestFactory().get("/")
        response = streamed(request, parts(), content_type=CSV, name="a.csv")

        async def read():
            return [(part, len(made)) async for part in response.streaming_content]

        with ThreadPoolExecutor(1) as thread:  # a browser test may have left a loop in this one
            seen = thread.submit(asyncio.run, read()).result()
    assert seen == [(b"0", 1), (b"1", 2), (b"2", 3)]
