"""Contacts from a file: one person stays one person, and every line says what became of it."""

import pytest

from callbacks.exchange import jobs
from callbacks.exchange.models import ExchangeLine
from contacts.models import Contact, ContactNumber, PhoneNumber
from tests.exchange.files import (
    checked,
    csv_file,
    figures,
    imported,
    outcomes,
    taken,
    xlsx_file,
)
from tests.factories import make_callback, make_contact, make_number, snapshot, story

HEAD = ["Phone", "Full name", "Timezone", "Country"]
ONE, TWO = "+447400100001", "+447400100002"


def people():
    found = Contact.objects.order_by("id")
    return list(found.values_list("name", "zones", "zone_source", "place"))


def test_every_line_gets_its_outcome_and_the_refused_ones_their_column(db):
    known = make_contact("Owen Marsh")
    e164 = str(known.numbers.get().e164)
    before = snapshot()
    job = checked(
        csv_file(
            HEAD,
            ["07400 100001", "Sarah Johnson", "", ""],
            ["", "", "", ""],
            ["12", "Nobody", "", ""],
            ["", "No number", "", ""],
            [e164, "owen MARSH", "", ""],
            [ONE, "Sarah Johnson", "", ""],
            [ONE, "Somebody Else", "", ""],
            [TWO, "Z", "Europe/Nowhere", ""],
            [TWO, "P", "", "Lisbon"],
            [TWO, "x" * 121, "", ""],
            ["0900 1234567", "Costly", "", ""],
        )
    )
    assert outcomes(job) == [
        (2, "new", "", ""),
        (4, "refused", "Phone", "impossible"),
        (5, "refused", "Phone", "required"),
        (6, "merge", "", ""),
        (7, "merge", "", ""),
        (8, "new", "", ""),
        (9, "refused", "Timezone", "zone"),
        (10, "refused", "Country", "place"),
        (11, "refused", "Full name", "long"),
        (12, "refused", "Phone", "costly"),
    ]
    assert (job.total, job.to_add, job.to_merge, job.refused) == (10, 2, 2, 6)
    assert snapshot() == before  # a dry run
    assert jobs.start_import(job.pk)
    jobs.finish(job.pk)
    job.refresh_from_db()
    assert (job.stage, figures(job)) == (
        "done",
        {"total": 10, "refused": 6, "added": 2, "merged": 2},
    )
    assert list(Contact.objects.order_by("id").values_list("name", flat=True)) == [
        "Owen Marsh",
        "Sarah Johnson",
        "Somebody Else",
    ]
    assert PhoneNumber.objects.count() == 2
    assert PhoneNumber.objects.get(e164=ONE).contacts.count() == 2


def test_the_same_file_twice_adds_nobody(db):
    content = csv_file(HEAD, [ONE, "Sarah", "Europe/Lisbon", "PT"], [TWO, "", "", ""])
    imported(content)
    before = snapshot()
    again = imported(content)
    assert figures(again) == {"total": 2, "refused": 0, "added": 0, "merged": 2}
    assert snapshot() == before


def test_what_is_not_known_is_filled_in_and_what_is_known_stays(db):
    make_contact("Ines", zones=())
    said = make_contact("", zones=("Europe/London",))
    numbers = [str(one.numbers.get().e164) for one in Contact.objects.order_by("id")]
    imported(
        csv_file(
            HEAD,
            [numbers[0], "INES", "Europe/Lisbon", "pt"],
            [numbers[1], "Owen", "Europe/Lisbon", ""],
        )
    )
    said.refresh_from_db()
    assert people() == [
        ("Ines", ["Europe/Lisbon"], "supervisor", "PT"),
        ("Owen", ["Europe/London"], "said", ""),  # said themselves: it stands above a file
    ]


def test_where_somebody_lives_is_not_taken_from_a_file_when_it_is_known(db):
    contact = make_contact("Ines")
    contact.place = "US-FL"
    contact.save()
    imported(csv_file(HEAD, [str(contact.numbers.get().e164), "Ines", "", "US"]))
    contact.refresh_from_db()
    assert contact.place == "US-FL"


def test_without_a_zone_the_number_tells(db):
    imported(csv_file(["number"], [ONE]))
    contact = Contact.objects.get()
    assert (contact.zone_source, contact.name) == ("number", "")
    assert "Europe/London" in contact.zones
    number = PhoneNumber.objects.get()
    assert (number.region, number.line_type, len(number.dnc_hash)) == ("GB", "mobile", 64)


def test_somebody_who_lives_elsewhere_than_we_knew_is_called_at_other_hours(campaign):
    contact = make_contact("Ines", zones=())
    callback = make_callback(campaign, contact=contact, callable_in=None, attention="")
    imported(csv_file(HEAD, [str(contact.numbers.get().e164), "Ines", "Europe/Lisbon", ""]))
    callback.refresh_from_db()
    assert callback.callable_from is not None
    assert story(callback) == ["request", "roll"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_usual_kinds_of_csv_are_read(db, delimiter):
    content = b"\xef\xbb\xbf" + csv_file(HEAD, [ONE, 'a, b; "c" | d', "", ""], delimiter=delimiter)
    imported(content)
    assert Contact.objects.get().name == 'a, b; "c" | d'


def test_a_workbook_is_read_like_a_text(db):
    job = imported(
        xlsx_file(HEAD, [7400100001, "Ines", None, None], [None], ["12", "X", "", ""]),
        name="people.xlsx",
    )
    assert outcomes(job) == [(2, "added", "", ""), (4, "refused", "Phone", "impossible")]
    assert str(PhoneNumber.objects.get().e164) == ONE


def test_columns_can_be_other_than_guessed(db):
    content = csv_file(["a", "b"], ["Sarah", ONE])
    assert taken(content).columns == {}
    imported(content, columns={"number": 1, "name": 0})
    assert Contact.objects.get().name == "Sarah"


def test_columns_changed_after_the_check_are_checked_anew(db):
    job = checked(csv_file(["phone", "mobile"], ["12", ONE]))
    assert (job.refused, job.to_add) == (1, 0)
    assert jobs.change_columns(job.pk)
    assert not job.lines.exists()
    assert jobs.choose_columns(job.pk, {"number": 1})
    jobs.finish(job.pk)
    job.refresh_from_db()
    assert (job.total, job.refused, job.to_add) == (1, 0, 1)


def test_more_than_one_chunk(db, monkeypatch):
    monkeypatch.setattr("callbacks.exchange.check.CHUNK", 3)
    monkeypatch.setitem(__import__("callbacks.exchange.write", fromlist=["x"]).CHUNK, "contacts", 3)
    rows = [[f"+4474001{place:05d}", f"P{place}", "", ""] for place in range(9)]
    job = imported(csv_file(HEAD, *rows, rows[0], ["12", "", "", ""]))
    assert figures(job) == {"total": 11, "refused": 1, "added": 9, "merged": 1}
    assert ContactNumber.objects.count() == 9


def test_what_a_line_said_is_not_kept_when_it_is_imported(db):
    job = imported(csv_file(HEAD, [ONE, "Sarah", "", ""], ["12", "Bad", "", ""]))
    kept = ExchangeLine.objects.order_by("line").values_list("cells", "said", "e164")
    assert list(kept) == [([], {}, ""), (["12", "Bad", "", ""], {}, "")]
    assert not job.pieces.exists()


def test_the_error_file_has_the_refused_lines_as_they_were_and_can_be_imported(db):
    job = imported(csv_file(HEAD, [ONE, "Sarah", "", ""], ["+12", "=1+1", "", ""]))
    text = "".join(jobs.as_csv(jobs.refused_lines(job)))
    lines = text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Phone,Full name,Timezone,Country,line,column,why"
    assert lines[1].startswith("'+12,'=1+1,,,3,Phone,This is no telephone number")
    again = checked(text.replace("'+12", "'+447400100009").encode())
    assert outcomes(again) == [(2, "new", "", "")]
    assert again.lines.get().said["name"] == "=1+1"


def test_whoever_comes_late_changes_nothing(db):
    job = imported(csv_file(HEAD, [ONE, "Sarah", "", ""]))
    before = snapshot()
    assert not jobs.start_import(job.pk)
    assert not jobs.choose_columns(job.pk, {"number": 0})
    assert not jobs.change_columns(job.pk)
    assert not jobs.discard(job.pk)
    assert jobs.work_off_exchange() == 0
    assert snapshot() == before


def test_a_workbook_that_is_being_read_is_not_forgotten_meanwhile(db):
    job = taken(csv_file(HEAD, [ONE, "Sarah", "", ""]))
    job.stage = "reading"
    job.save()
    assert not jobs.discard(job.pk)
    assert job.pieces.exists()


def test_a_file_is_forgotten_with_all_that_it_said(db):
    job = checked(csv_file(HEAD, [ONE, "Sarah", "", ""]))
    assert jobs.discard(job.pk)
    assert not ExchangeLine.objects.exists()
    assert not Contact.objects.exists()


def test_a_number_that_must_not_be_called_may_still_be_known(db):
    number = make_number()
    imported(csv_file(HEAD, [number.e164, "Sarah", "", ""]))
    assert Contact.objects.get().numbers.get().e164 == number.e164
