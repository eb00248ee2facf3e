"""The columns of a file: which there are, what they are called, and what a cell of each means.

Columns, widgets and their parsing are django-import-export's. Its row-by-row importer is not
used for the writing: it looks up, compares and saves every row by itself, in a savepoint of its
own, from a Dataset that holds the whole file (``bench/exchange`` compares the two).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from import_export import resources, widgets  # type: ignore[import-untyped]
from import_export.fields import Field  # type: ignore[import-untyped]

from callbacks.exchange.models import ExchangeJob
from campaigns.models import Campaign
from contacts.rules.phone import NumberRefusedError, example_of, read_number
from contacts.rules.timezones import is_zone

_PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_WHEN = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M",
         "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S")  # fmt: skip
LONGEST_ABOUT = 2000


class CellRefusedError(ValueError):
    """A cell says nothing that we can use. ``code`` is stable, the message is for the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are read: national numbers, and which campaigns there are, by slug and name."""

    region: str
    campaigns: Mapping[str, Campaign]
    campaign: Campaign | None


class _Number(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: str, row: Any = None, *, reading: Reading, **kwargs: Any) -> Any:
        if not value:
            raise CellRefusedError("required", "The number is missing")
        try:
            return read_number(value[:60], reading.region, frozenset())
        except NumberRefusedError as error:
            if error.code != "impossible":
                raise CellRefusedError(error.code, str(error)) from error
            like = f"This is no telephone number. Write it like {example_of(reading.region)}"
            raise CellRefusedError(error.code, like) from error


class _Text(widgets.CharWidget):  # type: ignore[misc]
    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        if len(value) > self.longest:
            raise CellRefusedError("long", f"Longer than {self.longest:,} characters")
        return value


class _Zone(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        if value and not is_zone(value):
            raise CellRefusedError("zone", "There is no such zone. Write it like Europe/Lisbon")
        return value


class _Place(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        place = value.upper()
        if place and not _PLACE.fullmatch(place):
            raise CellRefusedError("place", "Write a country or state like FR or US-FL")
        return place


class _Campaign(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: str, row: Any = None, *, reading: Reading, **kwargs: Any) -> Campaign:
        found = reading.campaigns.get(value.casefold()) if value else reading.campaign
        if found is not None:
            return found
        if not value:
            raise CellRefusedError("required", "The campaign is missing")
        raise CellRefusedError("unknown", f"There is no campaign “{value[:60]}”")


class _When(widgets.DateTimeWidget):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.formats = _WHEN

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> datetime:
        """Wall-clock time: its zone stands in another column, or is the job's."""
        if not value:
            raise CellRefusedError("required", "The wanted time is missing")
        try:
            found: datetime = super().clean(value, row)
        except (ValueError, OverflowError) as error:
            like = "Write a time like 2026-11-24 10:00, day before month"
            raise CellRefusedError("time", like) from error
        return found.replace(tzinfo=None)


class ContactColumns(resources.Resource):  # type: ignore[misc]
    """What a file of contacts can say."""

    number = Field(column_name="number", widget=_Number())
    name = Field(column_name="name", widget=_Text(120))
    zone = Field(column_name="zone", widget=_Zone())
    place = Field(column_name="place", widget=_Place())


class CallbackColumns(resources.Resource):  # type: ignore[misc]
    """What a file of callbacks can say: whom to call, about what, and when they want it."""

    number = Field(column_name="number", widget=_Number())
    name = Field(column_name="name", widget=_Text(120))
    campaign = Field(column_name="campaign", widget=_Campaign())
    when = Field(column_name="when", widget=_When())
    zone = Field(column_name="zone", widget=_Zone())
    about = Field(column_name="about", widget=_Text(LONGEST_ABOUT))


_COLUMNS: Mapping[str, Mapping[str, Field]] = {
    ExchangeJob.Kind.CONTACTS: ContactColumns().fields,
    ExchangeJob.Kind.CALLBACKS: CallbackColumns().fields,
}
TITLES = {
    "number": "Number", "name": "Name", "zone": "Time zone", "place": "Country or state",
    "campaign": "Campaign", "when": "Wanted time", "about": "About",
}  # fmt: skip
# Other names under which a column is known, folded to letters alone.
_KNOWN_AS = {
    "number": ("phone", "phonenumber", "telephone", "tel", "mobile", "msisdn", "callbacknumber"),
    "name": ("contact", "contactname", "customer", "customername", "fullname"),
    "zone": ("timezone", "tz", "contactzone"),
    "place": ("country", "countryorstate"),
    "campaign": ("campaignname", "campaignslug", "queue"),
    "when": ("due", "dueat", "time", "date", "datetime", "wanted", "wantedtime", "callbackat",
             "callbacktime", "duethere", "dueforcontact"),
    "about": ("reason", "subject", "note", "notes", "context", "message"),
}  # fmt: skip


def columns_of(kind: str) -> list[str]:
    """The columns that a file of the kind can have, in the order in which they are asked for."""
    return list(_COLUMNS[kind])


def needed(kind: str) -> tuple[str, ...]:
    """Those without which no line can be read."""
    return ("number",) if kind == ExchangeJob.Kind.CONTACTS else ("number", "when")


def guessed(kind: str, headings: Sequence[str]) -> dict[str, int]:
    """Which heading is which column, as far as its name tells; each heading once."""
    folded = ["".join(filter(str.isalpha, heading.casefold())) for heading in headings]
    found: dict[str, int] = {}
    for column in _COLUMNS[kind]:
        for name in (column, *_KNOWN_AS[column]):
            if name in folded and folded.index(name) not in found.values():
                found[column] = folded.index(name)
                break
    return found


def understood(
    kind: str, cells: Sequence[str], places: Mapping[str, int], reading: Reading
) -> dict[str, Any]:
    """What a row means, by column. Raises CellRefusedError, its ``args[1]`` the column."""
    row = {
        column: cells[places[column]] if places.get(column, len(cells)) < len(cells) else ""
        for column in _COLUMNS[kind]
    }
    said: dict[str, Any] = {}
    for column, field in _COLUMNS[kind].items():
        try:
            said[column] = field.clean(row, reading=reading)
        except CellRefusedError as error:
            error.args = (str(error), column)
            raise
    return said
