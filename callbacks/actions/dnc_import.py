"""A do-not-call list from a CSV file: checked line by line, then listed in chunks (RULES 4).

Both halves go on where they stopped, one committed chunk after the other, whoever does the work:
the page that takes a small file, the beat, or ``manage.py import_dnc``.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from callbacks.actions.dnc import Entry, forbid_many
from callbacks.queue import Actor
from callbacks.rules.states import PENDING
from campaigns.models import Campaign
from contacts.actions import dnc_hash
from contacts.models import DncImport, DncImportLine, DoNotCall
from contacts.rules.phone import NumberRefusedError, read_any_number

LARGEST = 10_000_000  # bytes
MOST_LINES = 100_000
CHUNK = 1000
COLUMNS = ("number", "campaign", "reason")
# A tick goes on for about as long as the beat waits between two of them.
PATIENCE_SECONDS = 2.0
_DELIMITERS = ",;\t|"

State = DncImport.State
Outcome = DncImportLine.Outcome


class FileRefusedError(Exception):
    """The file cannot be read as a list of numbers. ``code`` is stable; nothing was stored."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Forecast:
    """What importing a checked file would do now."""

    new: int
    known: int
    callbacks: int


def take_file(content: bytes, *, name: str, region: str, user_id: int | None = None) -> DncImport:
    """Store a file to be checked. ``region`` is how numbers without a country code are read.

    Raises FileRefusedError with the code ``large``, ``encoding``, ``empty``, ``header`` or
    ``lines``.
    """
    if len(content) > LARGEST:
        raise FileRefusedError("large", "The file is larger than 10 MB. Split it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefusedError("encoding", f"Line {line} is not UTF-8. Save it as UTF-8") from error
    if "\0" in text:
        raise FileRefusedError("encoding", "This is no text file. Save the list as CSV")
    if not text.strip():
        raise FileRefusedError("empty", "The file is empty")
    if max(text.count("\n"), text.count("\r")) > MOST_LINES + 1:
        raise FileRefusedError("lines", f"The file has more than {MOST_LINES:,} lines. Split it")
    delimiter = _delimiter(text)
    reader, source = _reader(text, 0, delimiter)
    try:
        headings = [heading.strip().lower() for heading in next(reader)]
    except csv.Error:
        headings = []
    columns = {name: headings.index(name) for name in COLUMNS if name in headings}
    if "number" not in columns:
        raise FileRefusedError(
            "header", "The first line has to name the columns, one of them “number”"
        )
    return DncImport.objects.create(
        name=name[:200],
        region=region,
        content=text,
        size=len(text),
        delimiter=delimiter,
        columns=columns,
        ignored=[heading for heading in headings if heading and heading not in COLUMNS],
        offset=source.tell(),
        line=reader.line_num,
        by_id=user_id,
    )


def _delimiter(text: str) -> str:
    try:
        return csv.Sniffer().sniff(text.split("\n", 1)[0], _DELIMITERS).delimiter
    except csv.Error:  # one column alone has none
        return ","


def _reader(text: str, offset: int, delimiter: str) -> "tuple[Any, io.StringIO]":
    source = io.StringIO(text, newline="")
    source.seek(offset)
    return csv.reader(source, delimiter=delimiter), source


def work_off_imports() -> int:
    """Check and list what waits, chunk by chunk, for up to two seconds. Returns how many lines."""
    handled, until = 0, monotonic() + PATIENCE_SECONDS
    while monotonic() < until:
        done = _next_chunk(DncImport.objects.filter(state__in=[State.CHECKING, State.IMPORTING]))
        if done is None:
            break
        handled += done
    return handled


def finish(job_id: int) -> None:
    """Do all that is left of the half that the import is in, however long it takes."""
    open_job = DncImport.objects.filter(pk=job_id, state__in=[State.CHECKING, State.IMPORTING])
    state = open_job.values_list("state", flat=True).first()
    while _next_chunk(open_job.filter(state=state)) is not None:
        continue


def do_chunk(job_id: int) -> None:
    """One chunk of it: the whole of a small file."""
    _next_chunk(DncImport.objects.filter(pk=job_id))


@transaction.atomic
def _next_chunk(jobs: Any) -> int | None:
    """One chunk of the oldest of the jobs that nobody works on; None when there is none."""
    job = jobs.order_by("pk").select_for_update(skip_locked=True).first()
    if job is None or job.state not in (State.CHECKING, State.IMPORTING):
        return None
    return _check(job) if job.state == State.CHECKING else _list(job)


def _check(job: DncImport) -> int:
    reader, source = _reader(job.content, job.offset, job.delimiter)
    slugs = set(Campaign.objects.values_list("slug", flat=True))
    lines = list(islice(_checked(job, reader, slugs), CHUNK))
    DncImportLine.objects.bulk_create(lines)
    job.total += len(lines)
    job.refused += sum(line.outcome == Outcome.REFUSED for line in lines)
    job.offset = source.tell()
    job.line += reader.line_num
    changed = ["total", "refused", "offset", "line"]
    if len(lines) < CHUNK:
        job.state, job.content = State.READY, ""
        changed += ["state", "content"]
    job.save(update_fields=changed)
    return len(lines)


def _checked(job: DncImport, reader: Any, slugs: set[str]) -> Iterator[DncImportLine]:
    while True:
        line = DncImportLine(job=job, line=job.line + reader.line_num + 1, outcome=Outcome.REFUSED)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line.column, line.code, line.message = (
                "",
                "unreadable",
                f"Unreadable: {error}"[:200],
            )
            yield line
            continue
        if any(cell.strip() for cell in cells):
            _judge(line, cells, job, slugs)
            yield line


def _judge(line: DncImportLine, cells: Sequence[str], job: DncImport, slugs: set[str]) -> None:
    """What becomes of one line: ready to be listed, or refused for the first thing wrong."""
    said = {
        name: cells[place].strip() if place < len(cells) else ""
        for name, place in job.columns.items()
    }
    line.scope, reason = said.get("campaign", "").lower(), said.get("reason", "")
    line.column, line.code, line.message = _wrong(line, cells, said, slugs)
    if line.code:
        line.scope = ""
        return
    try:
        e164 = read_any_number(said["number"], job.region)
    except NumberRefusedError as error:
        line.scope = ""
        line.column, line.code = "number", error.code
        line.message = f"This is no telephone number, read as one of {job.region}"
        return
    line.outcome, line.number_hash, line.reason = Outcome.READY, dnc_hash(e164), reason


def _wrong(
    line: DncImportLine, cells: Sequence[str], said: dict[str, str], slugs: set[str]
) -> tuple[str, str, str]:
    """Column, code and message of what is wrong around the number; empty when nothing is."""
    if any("\n" in cell or "\r" in cell for cell in cells):
        return (
            "",
            "quote",
            f"A quotation mark in line {line.line} is not closed there",
        )
    if not said["number"]:
        return "number", "required", "The number is missing"
    if line.scope and line.scope not in slugs:
        return "campaign", "unknown", f"There is no campaign “{line.scope[:60]}”"
    if len(said.get("reason", "")) > 200:
        return "reason", "long", "The reason is longer than 200 characters"
    return "", "", ""


def start_import(job_id: int) -> bool:
    """List what was checked. False, and nothing done, unless it is ready for that."""
    return bool(
        DncImport.objects.filter(pk=job_id, state=State.READY).update(state=State.IMPORTING)
    )


def discard(job_id: int) -> bool:
    """Forget a file that was not imported. False, and nothing done, once importing has begun."""
    return bool(
        DncImport.objects.filter(pk=job_id, state__in=[State.CHECKING, State.READY]).delete()[0]
    )


def _list(job: DncImport) -> int:
    lines = list(job.lines.filter(outcome=Outcome.READY).order_by("line")[:CHUNK])
    entries = [Entry(line.number_hash, line.scope, line.reason) for line in lines]
    found = forbid_many(entries, source="import", actor=Actor("supervisor", job.by_id))
    for line, listed in zip(lines, found, strict=True):
        line.outcome = Outcome.LISTED if listed.new else Outcome.KNOWN
        line.cancelled = listed.cancelled
    for outcome in (Outcome.LISTED, Outcome.KNOWN):
        known = [line.pk for line in lines if line.outcome == outcome]
        DncImportLine.objects.filter(pk__in=known).update(outcome=outcome)
    DncImportLine.objects.bulk_update([line for line in lines if line.cancelled], ["cancelled"])
    job.listed += sum(one.new for one in found)
    job.known += sum(not one.new for one in found)
    job.cancelled += sum(one.cancelled for one in found)
    if len(lines) < CHUNK:
        job.state = State.DONE
        DncImport.objects.filter(pk=job.pk).update(finished_at=Now())
    job.save(update_fields=["listed", "known", "cancelled", "state"])
    return len(lines)


_CONCERNED = """
SELECT count(DISTINCT c.id) FROM dnc_import_line l
JOIN phone_number n ON n.dnc_hash = l.number_hash
JOIN contact_number cn ON cn.number_id = n.id
JOIN callback c ON c.contact_id = cn.contact_id AND c.state = ANY(%(pending)s::text[])
JOIN campaign g ON g.id = c.campaign_id AND l.scope IN ('', g.slug)
WHERE l.job_id = %(job)s AND l.outcome = 'ready'
"""


def forecast(job: DncImport) -> Forecast:
    """How many lines are new, known already (also by an earlier line), and what they cancel."""
    ready = job.lines.filter(outcome=Outcome.READY)
    there = DoNotCall.objects.filter(number_hash=OuterRef("number_hash"), scope=OuterRef("scope"))
    new = ready.filter(~Exists(there)).values("number_hash", "scope").distinct().count()
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, {"job": job.pk, "pending": sorted(PENDING)})
        callbacks = cursor.fetchone()[0]
    return Forecast(new, ready.count() - new, callbacks)


def report(job: DncImport) -> Iterator[list[Any]]:
    """The report, line by line, with a heading. It names no number: the file does."""
    yield ["line", "outcome", "column", "code", "message", "campaign", "callbacks cancelled"]
    words = dict(Outcome.choices)
    lines = job.lines.order_by("line").values_list(
        "line", "outcome", "column", "code", "message", "scope", "cancelled"
    )
    for line, outcome, *rest in lines.iterator(2000):
        yield [line, words[Outcome(outcome)], *rest]
