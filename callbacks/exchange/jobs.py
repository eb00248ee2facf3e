"""An import from the upload to its end, stage by stage; each goes on where it stopped.

A chunk and the job's own place are one transaction: killed in the middle nothing is half done,
and nothing is done twice. Whoever does the work, the page for a small file or the worker, holds
the job's row meanwhile.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from callbacks.exchange import files
from callbacks.exchange.check import check_chunk
from callbacks.exchange.columns import columns_of, guessed
from callbacks.exchange.files import FileRefusedError
from callbacks.exchange.models import ExchangeJob, ExchangeLine
from callbacks.exchange.store import PIECE, opened, write_pieces
from callbacks.exchange.write import write_chunk

# A tick goes on for about as long as the beat waits between two of them.
PATIENCE_SECONDS = 2.0
# A workbook up to this size is read while the page waits, and so are so many lines.
SMALL = 500_000
SAMPLE = 3
_UNPACKED = 1_000_000  # the first piece of the text of a workbook, while it is written
Stage = ExchangeJob.Stage


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is read: ``region`` for national numbers, ``zone`` for clock times without one,
    ``campaign_slug`` for lines that name no campaign."""

    kind: str
    region: str
    zone: str
    campaign_slug: str = ""
    user_id: int | None = None


@transaction.atomic
def take_file(chunks: Iterable[bytes], *, name: str, options: Options) -> ExchangeJob:
    """Store a file; its columns are guessed from the headings, and somebody has to confirm them.

    Raises FileRefusedError (``large``, ``encoding``, ``lines``, ``empty``, ``headings``); then
    nothing is stored.
    """
    parts = (chunk for chunk in _limited(chunks) if chunk)
    first = next(parts, b"")
    if not first.strip():
        raise FileRefusedError("empty", "The file is empty")
    workbook = first.startswith(files.ZIP)
    job = ExchangeJob.objects.create(
        kind=options.kind,
        stage=Stage.READING if workbook else Stage.MAPPING,
        name=name[:200],
        region=options.region,
        zone=options.zone,
        campaign_slug=options.campaign_slug,
        by_id=options.user_id,
    )
    whole = chain([first], parts)
    job.size = write_pieces(job, whole if workbook else files.text_of(whole))
    if not workbook:
        job.delimiter = files.delimiter_of(opened(job, job.size).readline().decode())
        _read_headings(job)
    job.save()
    return job


def _limited(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > files.LARGEST:
            raise FileRefusedError("large", "The file is larger than 25 MB. Split it")
        yield chunk


def _read_headings(job: ExchangeJob) -> None:
    """Take the first row as headings and guess the columns from them. Raises FileRefusedError."""
    first = next(files.rows(opened(job, job.size), 0, 0, job.delimiter), None)
    if first is None or first.problem:
        raise FileRefusedError("headings", "The first line has to name the columns")
    named = [place for place, heading in enumerate(first.cells) if heading]
    job.headings = [heading[:100] for heading in first.cells[: named[-1] + 1]]
    job.first_offset, job.first_line = first.next_offset, first.next_line
    job.columns = guessed(job.kind, job.headings)


def sample(job: ExchangeJob) -> list[list[str]]:
    """The first rows, to see what is in which column."""
    source = opened(job, job.size)
    found = files.rows(source, job.first_offset, job.first_line, job.delimiter)
    width = len(job.headings)
    return [(row.cells + [""] * width)[:width] for row in islice(found, SAMPLE)]


def work_off_exchange() -> int:
    """Read, check and import what waits, for up to two seconds. Returns how many chunks."""
    handled, until = 0, monotonic() + PATIENCE_SECONDS
    while monotonic() < until:
        if not _next_chunk(ExchangeJob.objects.filter(stage__in=ExchangeJob.WAITING)):
            break
        handled += 1
    return handled


def do_small(job: ExchangeJob) -> None:
    """All of the stage that a small file is in, while the page waits for it."""
    mine = ExchangeJob.objects.filter(pk=job.pk, stage=job.stage)
    until = monotonic() + PATIENCE_SECONDS / 2
    while job.size < SMALL and monotonic() < until and _next_chunk(mine):
        continue


def finish(job_id: int) -> None:
    """Do all that is left of the stage that the job is in, however long it takes."""
    job = ExchangeJob.objects.get(pk=job_id)
    while _next_chunk(ExchangeJob.objects.filter(pk=job_id, stage=job.stage)):
        continue


@transaction.atomic
def _next_chunk(jobs: Any) -> bool:
    """One chunk of the oldest of the jobs that nobody works on; False when there is none."""
    job = (
        jobs.filter(stage__in=ExchangeJob.WAITING)
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
        .first()
    )
    if job is None:
        return False
    if job.stage == Stage.READING:
        _unpack(job)
    elif job.stage == Stage.CHECKING:
        job.stage = Stage.CHECKING if check_chunk(job) else Stage.READY
    elif not write_chunk(job):
        job.stage = Stage.DONE
        ExchangeJob.objects.filter(pk=job.pk).update(finished_at=Now())
    job.save(update_fields=_PROGRESS)
    return True


_PROGRESS = ["stage", "problem", "delimiter", "headings", "columns", "size", "first_offset",
             "first_line", "offset", "line", "total", "refused", "to_add", "to_merge", "added",
             "merged"]  # fmt: skip


def _unpack(job: ExchangeJob) -> None:
    """A workbook becomes text, which can be read from any place. All of it or nothing."""
    try:
        with transaction.atomic():
            _become_text(job)
    except FileRefusedError as error:
        job.stage, job.problem = Stage.BROKEN, str(error)
        job.pieces.all().delete()
    else:
        job.stage = Stage.MAPPING


def _become_text(job: ExchangeJob) -> None:
    packed = opened(job, job.size)
    size = write_pieces(job, files.workbook_as_csv(packed), first=_UNPACKED)
    job.pieces.filter(number__lt=_UNPACKED).delete()
    for number in range(-(-size // PIECE)):
        job.pieces.filter(number=_UNPACKED + number).update(number=number)
    job.size, job.delimiter = size, ","
    _read_headings(job)


@transaction.atomic
def choose_columns(job_id: int, columns: Mapping[str, int]) -> bool:
    """Check the file with these columns, by their places. False, and nothing done, when it is late.

    Checked before, it is checked anew.
    """
    job = _locked(job_id, Stage.MAPPING)
    if job is None:
        return False
    job.columns = {name: columns[name] for name in columns_of(job.kind) if name in columns}
    job.stage, job.offset, job.line = Stage.CHECKING, job.first_offset, job.first_line
    job.save(update_fields=["columns", "stage", "offset", "line"])
    return True


@transaction.atomic
def change_columns(job_id: int) -> bool:
    """Ask for the columns again; what was checked is forgotten. False when importing has begun."""
    job = _locked(job_id, Stage.READY)
    if job is None:
        return False
    job.lines.all().delete()
    job.stage, job.total, job.refused, job.to_add, job.to_merge = Stage.MAPPING, 0, 0, 0, 0
    job.save(update_fields=["stage", "total", "refused", "to_add", "to_merge"])
    return True


@transaction.atomic
def start_import(job_id: int) -> bool:
    """Import what was checked. False, and nothing done, unless it is ready for that."""
    job = _locked(job_id, Stage.READY)
    if job is None:
        return False
    job.pieces.all().delete()  # the lines have all that is needed now
    job.stage = Stage.IMPORTING
    job.save(update_fields=["stage"])
    return True


@transaction.atomic
def discard(job_id: int) -> bool:
    """Forget a file of which nothing was imported. False, and nothing done, once it has begun.

    A workbook that is being read is not waited for.
    """
    job = _locked(job_id, Stage.MAPPING, Stage.CHECKING, Stage.READY, Stage.BROKEN)
    return bool(job and job.delete()[0])


def _locked(job_id: int, *stages: Stage) -> ExchangeJob | None:
    jobs = ExchangeJob.objects.select_for_update().filter(pk=job_id, stage__in=stages)
    return jobs.first()


def refused_lines(job: ExchangeJob) -> Iterator[list[str]]:
    """The error file: the refused lines as they were, each with its line, column and reason.

    Put right and without the last three columns, it can be imported in its turn.
    """
    yield [*map(files.defused, job.headings), "line", "column", "why"]
    width = len(job.headings)
    refused = job.lines.filter(outcome=ExchangeLine.Outcome.REFUSED).order_by("line")
    found = refused.values_list("cells", "line", "column", "message")
    for cells, line, column, why in found.iterator(2000):
        filled = (cells + [""] * width)[:width]
        yield [*map(files.defused, filled), str(line), files.defused(column), why]


def as_csv(rows: Iterable[list[str]]) -> Iterator[str]:
    """Rows as CSV, some hundred lines at a time, marked as UTF-8 for spreadsheets."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    for number, row in enumerate(rows):
        writer.writerow(row)
        if number % 200 == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
