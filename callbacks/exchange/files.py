"""CSV and XLSX files as rows of text, in bounded memory.

The formats of django-import-export read a whole file into one Dataset; here a hundred thousand
rows are read a few at a time, from any place in the file, so that a killed import goes on there.
A workbook cannot be entered in the middle: it becomes CSV first.
"""

import codecs
import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped]

LARGEST = 25_000_000  # bytes
LARGEST_UNPACKED = 400_000_000  # bytes of a workbook's sheets
MOST_LINES = 200_000
MOST_COLUMNS = 64
# A quoted cell may have lines of its own, but not many: then a quotation mark was forgotten.
MOST_LINES_OF_A_ROW = 30
ZIP = b"PK\x03\x04"
_DELIMITERS = ",;\t|"
_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")
# What the reader of workbooks raises; wrong XML is a SyntaxError.
_UNREADABLE = (BadZipFile, SyntaxError, zlib.error, KeyError, ValueError, TypeError, EOFError,
               OSError, IndexError, AttributeError, NotImplementedError)  # fmt: skip


class FileRefusedError(Exception):
    """The file cannot be read as a table. ``code`` is stable; nothing was stored."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins in, its cells, where the next one begins, in bytes and lines.

    With a ``problem`` its line is no row, and reading goes on with the next line.
    """

    line: int
    cells: list[str]
    next_offset: int
    next_line: int
    problem: str = ""


def defused(value: object) -> str:
    """The text of a cell, so that no spreadsheet takes it for a formula: an apostrophe before it.

    ``armed`` is the way back, so that what was exported can be imported.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_SPREADSHEET) else text


def armed(text: str) -> str:
    """The cell as it was before it was defused."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_SPREADSHEET) else text


def text_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A CSV file as UTF-8 without a mark at its beginning, lines ended by ``\\n``.

    Raises FileRefusedError with the code ``encoding`` or ``lines``.
    """
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    decoder = io.IncrementalNewlineDecoder(utf8, translate=True)
    lines = 0
    for chunk in _ended(chunks):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            near = f"Near line {lines + 1} the file is not UTF-8. Save it as CSV UTF-8"
            raise FileRefusedError("encoding", near) from error
        if "\0" in text:
            raise FileRefusedError("encoding", "This is neither CSV nor an Excel workbook (.xlsx)")
        lines += text.count("\n")
        if lines > MOST_LINES + 1:
            raise too_many_lines()
        yield text.encode()


def _ended(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from (chunk for chunk in chunks if chunk)
    yield b""


def too_many_lines() -> FileRefusedError:
    """What to say of a file with more lines than are taken."""
    return FileRefusedError("lines", f"The file has more than {MOST_LINES:,} lines. Split it")


def delimiter_of(line: str) -> str:
    """What separates the headings."""
    try:
        return csv.Sniffer().sniff(line, _DELIMITERS).delimiter
    except csv.Error:  # one column alone has none
        return ","


def rows(source: io.BufferedReader, offset: int, line: int, delimiter: str) -> Iterator[Row]:
    """The rows from a place in the file on; ``line`` lines are before it. Empty ones are left out.

    A row that never ends is no row: its first line is a problem, and reading goes on after it.
    """
    source.seek(offset)
    while True:
        taken: list[bytes] = []
        feed = _lines(source, taken)
        try:
            cells, problem = next(csv.reader(feed, delimiter=delimiter)), ""
        except StopIteration:
            return
        except csv.Error as error:
            cells, problem = [], f"Unreadable: {error}"
        if _is_open(taken, cells) or (problem and len(taken) > 1):
            del taken[1:]
            source.seek(offset + len(taken[0]))
            cells, problem = [], f"A quotation mark in line {line + 1} is not closed"
        offset += sum(map(len, taken))
        started, line = line + 1, line + len(taken)
        if problem and not cells:
            cells = [taken[0].decode().rstrip("\n")]
        if problem or any(cell.strip() for cell in cells):
            tidy = [armed(cell.strip()) for cell in cells[:MOST_COLUMNS]]
            yield Row(started, tidy, offset, line, problem)


def _lines(source: io.BufferedReader, taken: list[bytes]) -> Iterator[str]:
    while len(taken) < MOST_LINES_OF_A_ROW and (raw := source.readline()):
        taken.append(raw)
        yield raw.decode()


def _is_open(taken: list[bytes], cells: list[str]) -> bool:
    """Whether a quoted cell has swallowed the end of its line for want of a mark."""
    swallowed = any("\n" in cell for cell in cells)
    return swallowed and sum(raw.count(b'"') for raw in taken) % 2 == 1


def workbook_as_csv(source: BinaryIO) -> Iterator[bytes]:
    """The first sheet of a workbook, as CSV with commas, row for row.

    Raises FileRefusedError with the code ``workbook``, ``large`` or ``lines``.
    """
    echo = io.StringIO()
    writer = csv.writer(echo, lineterminator="\n")
    for number, values in enumerate(_sheet(source)):
        if number > MOST_LINES:
            raise too_many_lines()
        # One line of text for one row of the sheet, so that both count the same.
        writer.writerow([_cell(value).replace("\n", " ") for value in values])
        yield echo.getvalue().encode()
        echo.seek(0)
        echo.truncate()


def _sheet(source: BinaryIO) -> Iterator[tuple[Any, ...]]:
    try:
        with ZipFile(source) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise FileRefusedError("large", "The workbook is too large unpacked. Split it")
        source.seek(0)
        book = load_workbook(source, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write wrong ones
        for values in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            filled = [place for place, value in enumerate(values) if value not in (None, "")]
            yield values[: filled[-1] + 1] if filled else ()
        book.close()
    except _UNREADABLE as error:
        raise FileRefusedError("workbook", "The workbook cannot be read. Save it anew") from error


def _cell(value: object) -> str:
    """A cell as somebody would type it. Excel keeps numbers as fractions."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\r\n", "\n").replace("\r", "\n")
