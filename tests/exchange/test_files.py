"""Files as bytes: any place in them is found again, and one bad line spoils no other."""

import io
import random

import pytest
from openpyxl import Workbook

from callbacks.exchange import files, jobs, store
from callbacks.exchange.files import FileRefusedError
from callbacks.exchange.jobs import Options
from callbacks.exchange.models import ExchangeJob, ExchangePiece
from tests.exchange.files import csv_file, taken, xlsx_file

OPTIONS = Options("contacts", "GB", "Europe/London")


def read(text, offset=0, line=0):
    source = io.BufferedReader(io.BytesIO(text))
    return list(files.rows(source, offset, line, ","))


def told(text):
    return [(row.line, row.cells, row.problem[:11]) for row in read(text)]


def test_rows_know_their_line_also_after_cells_of_several_lines():
    text = b'a,b\n\n"x\ny",2\n , \n3,4'
    assert told(text) == [(1, ["a", "b"], ""), (3, ["x\ny", "2"], ""), (6, ["3", "4"], "")]


@pytest.mark.parametrize("after", [1, 40])
def test_a_mark_that_is_not_closed_spoils_its_line_alone(after):
    text = b'a,"b\n' + b"1,2\n" * after
    found = told(text)
    assert found[0] == (1, ['a,"b'], "A quotation")
    assert found[1:] == [(2 + place, ["1", "2"], "") for place in range(after)]


def test_a_quotation_mark_inside_a_cell_is_one():
    assert told(b'5" pipe,x\n') == [(1, ['5" pipe', "x"], "")]


def test_a_cell_longer_than_the_reader_takes_spoils_its_line_alone():
    assert told(b"x" * 200_000 + b"\n1,2\n")[1:] == [(2, ["1", "2"], "")]


def test_reading_goes_on_from_any_row():
    rng = random.Random(7)
    rows = [
        [rng.choice(["é", 'a "quoted" one', "two\nlines", "x" * 90, ""]) for _ in range(4)] + ["."]
        for _ in range(60)
    ]
    text = csv_file(*rows).replace(b"\r\n", b"\n")
    whole = read(text)
    assert len(whole) == 60
    for place, row in enumerate(whole[:-1]):
        assert read(text, row.next_offset, row.next_line) == whole[place + 1 :]


@pytest.mark.parametrize("piece", [1, 7, 64])
def test_a_stored_file_reads_like_the_file(db, monkeypatch, piece):
    monkeypatch.setattr(store, "PIECE", piece)
    content = bytes(range(256))
    job = ExchangeJob.objects.create(kind="contacts", stage="mapping", name="x")
    assert store.write_pieces(job, [content[:100], b"", content[100:]]) == 256
    assert job.pieces.count() == -(-256 // piece)
    source = store.opened(job, 256)
    assert source.read() == content
    for start in (0, 3, 250, 256, 300):
        source.seek(start)
        assert source.read(5) == content[start : start + 5]
    source.seek(-4, io.SEEK_END)
    assert source.read() == content[-4:]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_text_is_the_same_however_it_arrives(size):
    text = "\ufeffä,b\r\nc,d\re,f\n".encode()
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    assert b"".join(files.text_of(chunks)) == "ä,b\nc,d\ne,f\n".encode()


def test_large_files_are_refused_and_not_kept(db, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 50)
    with pytest.raises(FileRefusedError) as refused:
        jobs.take_file([b"number\n", b"x" * 50], name="x", options=OPTIONS)
    assert refused.value.code == "large"
    assert not ExchangePiece.objects.exists()
    assert not ExchangeJob.objects.exists()


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_too_many_lines_are_refused(db, monkeypatch, make):
    monkeypatch.setattr(files, "MOST_LINES", 3)
    few = make(["number"], *[["12"]] * 3)
    assert taken(few).stage == "mapping"
    many = make(["number"], *[["12"]] * 4)
    if make is xlsx_file:
        job = taken(many)
        assert (job.stage, job.pieces.count()) == ("broken", 0)
        assert job.problem.startswith("The file has more than 3 lines")
        return
    with pytest.raises(FileRefusedError) as refused:
        taken(many)
    assert refused.value.code == "lines"


def test_a_workbook_that_unpacks_to_too_much_is_refused(db, monkeypatch):
    monkeypatch.setattr(files, "LARGEST_UNPACKED", 100)
    job = taken(xlsx_file(["number"], ["12"]))
    assert (job.stage, job.problem) == (
        "broken",
        "The workbook is too large unpacked. Split it",
    )


def test_an_empty_workbook_says_so(db):
    assert taken(xlsx_file()).problem == "The first line has to name the columns"


def test_a_workbook_that_says_wrongly_how_large_it_is_is_read_whole(db):
    book = Workbook()
    for row in (["number", "name"], ["12", "A"], ["13", "B"]):
        book.active.append(row)
    packed = io.BytesIO()
    book.save(packed)
    job = taken(packed.getvalue())
    assert jobs.sample(job) == [["12", "A"], ["13", "B"]]
