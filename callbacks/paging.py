"""Pages of a list of callbacks by keyset: the page 8,000 costs what the first one costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from callbacks.models import Callback
from callbacks.queries import with_names

_BETWEEN = "~"


class PageError(ValueError):
    """The place in the list that an address names cannot be read."""


@dataclass(frozen=True, slots=True)
class Order:
    """The columns that decide, of which the last is unique; ``-`` stands before a falling one."""

    title: str
    columns: tuple[str, ...]


ORDERS: Mapping[str, Order] = {
    "due": Order("Promise", ("due_at", "id")),
    "priority": Order("Priority", ("-priority", "due_at", "id")),
    "age": Order("Age", ("id",)),
}


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the places before and after them; empty where the list ends."""

    rows: list[Callback]
    before: str = ""
    after: str = ""


def page(
    among: QuerySet[Callback], order: Order, size: int, *, after: str = "", before: str = ""
) -> Page:
    """The rows that follow a place in the list, or precede it; without one, the first rows.

    In as many statements as the order has columns, and one more for the rows. Raises PageError.
    """
    backwards = bool(before)
    ids = _ids(among, order, before or after, backwards, size + 1)
    more = len(ids) > size
    if backwards and not more:
        return page(among, order, size)
    ids = ids[:size]
    if backwards:
        ids.reverse()
    found = with_names().in_bulk(ids)
    rows = [found[one] for one in ids if one in found]
    first = key(rows[0], order) if rows and (backwards or after) else ""
    last = key(rows[-1], order) if rows and (backwards or more) else ""
    return Page(rows, first, last)


def key(callback: Callback, order: Order) -> str:
    """The place of a callback in the order, as an address carries it."""
    values = (getattr(callback, column.removeprefix("-")) for column in order.columns)
    return _BETWEEN.join(
        one.isoformat() if isinstance(one, datetime) else str(one) for one in values
    )


def _ids(
    among: QuerySet[Callback], order: Order, place: str, backwards: bool, limit: int
) -> list[int]:
    columns = [_turned(column) if backwards else column for column in order.columns]
    ids: list[int] = []
    for arm in _arms(columns, _read(place, order)) if place else [Q()]:
        rows = among.filter(arm).order_by(*columns)
        ids += rows.values_list("id", flat=True)[: limit - len(ids)]
        if len(ids) >= limit:
            break
    return ids


def _turned(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _arms(columns: list[str], values: list[Any]) -> Iterator[Q]:
    """What follows a place, nearest first: the same in all columns but the last, and so on.

    One condition with OR would let the server read all rows of the same priority each time.
    """
    for same in range(len(columns) - 1, -1, -1):
        equal = zip(columns[:same], values[:same], strict=True)
        column, value = columns[same], values[same]
        further = "lt" if column.startswith("-") else "gt"
        yield Q(
            **{name.removeprefix("-"): one for name, one in equal},
            **{f"{column.removeprefix('-')}__{further}": value},
        )


def _read(place: str, order: Order) -> list[Any]:
    try:
        pairs = zip(order.columns, place.split(_BETWEEN), strict=True)
        return [_moment(text) if column == "due_at" else _whole(text) for column, text in pairs]
    except ValueError as error:
        raise PageError("There is no such place in the list") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("A time without a zone")
    return moment


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError("No id is as large")
    return int(text)
