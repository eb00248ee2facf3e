"""``manage.py import_dnc``: the same import from a terminal."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.models import DncImport
from tests.factories import make_callback, snapshot, story


def run(*words):
    out = StringIO()
    call_command("import_dnc", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def csv_file(tmp_path):
    def write(text):
        path = tmp_path / "list.csv"
        path.write_text(text)
        return path

    return write


def test_the_command_lists_and_reports(campaign, csv_file, tmp_path):
    callback = make_callback(campaign, due=timedelta(hours=1))
    path = csv_file(f"number\n{callback.number.e164}\n0134\n")
    said = run(str(path), "--report", str(tmp_path / "report.csv"))
    assert "line 3, number: This is no telephone number" in said
    assert "1 listed, 0 listed already, 1 refused; 1 callbacks cancelled" in said
    assert story(callback) == ["request", "cancel"]
    with (tmp_path / "report.csv").open() as written:
        assert [row["outcome"] for row in csv.DictReader(written)] == ["listed", "refused"]


def test_the_command_only_checks_where_that_was_asked(campaign, csv_file):
    callback = make_callback(campaign)
    before = snapshot()
    said = run(str(csv_file(f"number\n{callback.number.e164}\n")), "--check")
    assert "1 to be listed, 0 listed already, 0 refused; 1 callbacks to be cancelled" in said
    assert snapshot() == before
    assert not DncImport.objects.exists()


def test_the_command_shows_the_first_refusals_and_how_many_more(db, csv_file):
    said = run(str(csv_file("number\n" + "1\n" * 25)))
    assert said.count("This is no telephone number") == 20
    assert "… and 5 more" in said


@pytest.mark.parametrize("text", ["", "telephone\n1\n"])
def test_the_command_refuses_what_is_no_list(db, csv_file, text):
    with pytest.raises(CommandError):
        run(str(csv_file(text)))
    assert not DncImport.objects.exists()


def test_the_command_says_when_there_is_no_file(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(str(tmp_path / "none.csv"))
