"""Files as people send them, and jobs of them."""

import csv
import io

from openpyxl import Workbook

from callbacks.exchange import jobs
from callbacks.exchange.jobs import Options

CONTACTS, CALLBACKS = "contacts", "callbacks"


def csv_file(*rows, delimiter=","):
    """The bytes of a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def xlsx_file(*rows):
    """The bytes of a workbook with one sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def taken(content, kind=CONTACTS, *, name="people.csv", **options):
    """The job of a file, its columns guessed."""
    said = {"region": "GB", "zone": "Europe/London", **options}
    job = jobs.take_file([content], name=name, options=Options(kind, **said))
    jobs.finish(job.pk)
    job.refresh_from_db()
    return job


def checked(content, kind=CONTACTS, *, columns=None, **options):
    """The same, checked with the guessed columns or others."""
    job = taken(content, kind, **options)
    assert jobs.choose_columns(job.pk, columns or job.columns)
    jobs.finish(job.pk)
    job.refresh_from_db()
    return job


def imported(content, kind=CONTACTS, **options):
    """The same, imported."""
    job = checked(content, kind, **options)
    assert jobs.start_import(job.pk)
    jobs.finish(job.pk)
    job.refresh_from_db()
    return job


def outcomes(job):
    """Line, outcome, column and code of every line."""
    return list(job.lines.order_by("line").values_list("line", "outcome", "column", "code"))


def figures(job):
    """What stands on the page of the job."""
    return {name: getattr(job, name) for name in ("total", "refused", "added", "merged")}
