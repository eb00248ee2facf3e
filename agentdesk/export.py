"""Rows of the queue as a file, a few hundred at a time: what a supervisor sees, in columns.

The columns are a resource of django-import-export. Its own ``export`` gathers all rows in one
Dataset first; here a row is sent when it is read, so that a million need no more memory than one
page.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import batched, chain, islice
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from import_export import resources  # type: ignore[import-untyped]
from import_export.fields import Field  # type: ignore[import-untyped]
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell.cell import (  # type: ignore[import-untyped]
    ILLEGAL_CHARACTERS_RE as _ILLEGAL,
)

from agentdesk.rows import Row, rows_of
from callbacks import queries
from callbacks.exchange.files import defused
from callbacks.models import Callback
from callbacks.rules import words
from contacts import clock

CHUNK = 500
MOST_OF_A_SHEET = 1_000_000  # Excel shows 1,048,576
BLOCK = 64 * 1024


class QueueColumns(resources.Resource):  # type: ignore[misc]
    """What stands in each column. Times are wall-clock times of the zone in the heading."""

    reference = Field("callback__reference", "Reference")
    contact = Field("callback__contact__name", "Contact")
    number = Field("callback__number__e164", "Number")
    campaign = Field("callback__campaign__name", "Campaign")
    due = Field(column_name="Due")
    due_there = Field(column_name="Due for contact")
    zone = Field("callback__contact__zone", "Contact zone")
    promise = Field("promise__text", "Promise")
    kind = Field("callback__get_kind_display", "Type")
    outcome = Field(column_name="Original outcome")
    retry = Field(column_name="Retry")
    agent = Field(column_name="Agent")
    gate = Field("gate__text", "May we call?")
    attention = Field("callback__attention", "Attention")
    priority = Field("callback__priority", "Priority")
    state = Field("callback__state", "State")
    about = Field("callback__about", "About")

    def __init__(self, zone: str) -> None:
        super().__init__()
        self._zone = zone
        self.fields["due"].column_name = f"Due in {zone}"

    def dehydrate_due(self, row: Row) -> str:
        """On the viewer's clock."""
        return _wall(row.callback.due_at, self._zone)

    def dehydrate_due_there(self, row: Row) -> str:
        """On the contact's clock; empty where nobody knows it."""
        return _wall(row.callback.due_at, row.callback.contact.zone)

    def dehydrate_outcome(self, row: Row) -> str:
        """What the first call ended with, in words."""
        return words.OUTCOMES.get(row.callback.trigger_outcome, "")

    def dehydrate_retry(self, row: Row) -> str:
        """As the row says it: Retry 2 of 3."""
        return words.retry_label(row.callback.retry_number, row.callback.retry_max)

    def dehydrate_agent(self, row: Row) -> str:
        """Who has it in hand, or for whom it waits."""
        return str(row.callback.agent or row.callback.reserved_for or "")


def _wall(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" if zone else ""


def lines(found: QuerySet[Callback], zone: str) -> Iterator[list[str]]:
    """The headings, then a line for each callback in the order of the view.

    Which ones they are is read once, at the beginning; what is said of each, when its line comes.
    """
    columns = QueueColumns(zone)
    yield [defused(heading) for heading in columns.get_export_headers()]
    ids = found.values_list("pk", flat=True).iterator(chunk_size=5000)
    for some in batched(ids, CHUNK):
        known = queries.with_names().in_bulk(some)
        there = [known[pk] for pk in some if pk in known]
        for row in rows_of(there, zone, clock.now()):
            yield [defused(cell) for cell in columns.export_resource(row)]


def as_workbook(rows: Iterator[list[str]]) -> Iterator[bytes]:
    """The rows as XLSX: written to a file on disk, since a workbook is packed at its end."""
    book = Workbook(write_only=True)
    headings = next(rows)
    rest = [*islice(rows, 1)]
    while rest or not book.worksheets:
        sheet = book.create_sheet()
        sheet.append(headings)
        for row in chain(rest, islice(rows, MOST_OF_A_SHEET - 1)):
            sheet.append([_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", cell) for cell in row])
        rest = [*islice(rows, 1)]
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from iter(_reading(file), b"")


def _reading(file: IO[Any]) -> Callable[[], bytes]:
    return lambda: file.read(BLOCK)
