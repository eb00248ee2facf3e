"""The list that an address of the queue asks for: a tab, filters, an order, a place in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from agentdesk.filters import QueueFilter, summary
from agentdesk.models import User
from callbacks import paging, queries
from callbacks.models import Callback
from callbacks.paging import ORDERS, Page

PAGE = 50
TABS: Mapping[str, tuple[str, str]] = {
    "overdue": ("Overdue", "overdue"),
    "today": ("Due Today", ""),
    "week": ("This Week", ""),
    "all": ("All Pending", ""),
    "attention": ("Attention", "risk"),
}
_IN_THE_BAR = ("campaign", "agent", "outcome", "gate")
MORE = "more"
_FURTHER = ("kind", "retry", "zone", "due_within", "stale")


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab with its count, and where it leads: the same filters, the same order."""

    name: str
    title: str
    tone: str
    count: str
    query: str


@dataclass(frozen=True, slots=True)
class Pill:
    """One filter of the bar: what it is set to, as values and in words."""

    field: forms.BoundField
    values: list[str]
    set_to: str

    @property
    def name(self) -> str:
        """Its name in the address."""
        return self.field.name

    @property
    def label(self) -> str:
        """What it is called."""
        return str(self.field.label)


class FilterError(LookupError):
    """A filter of the address makes no sense; the message says which and why."""


class Listing:
    """What is shown to a user at an address, at a moment.

    Raises LookupError for a tab or an order that there is not.
    """

    def __init__(self, params: QueryDict, user: User, now: datetime) -> None:
        self.user = user
        self.now = now
        self.view = params.get("view", "overdue")
        self.order = params.get("order", "due")
        if self.view not in TABS or self.order not in ORDERS:
            raise LookupError("There is no such view")
        self.day = queries.day_of(now, user.zone)
        self.filters = QueueFilter(params, now=now)
        self._after, self._before = params.get("after", ""), params.get("before", "")
        self._params = {
            name: [one for one in params.getlist(name) if one]
            for name in self.filters.filters
            if any(params.getlist(name))
        }

    def query(self, *without: str, **changes: str) -> str:
        """The address of this list with changes; from its beginning unless a place is named."""
        parts = {"view": [self.view], **self._params, **{k: [v] for k, v in changes.items()}}
        if self.order != "due" and "order" not in changes:
            parts["order"] = [self.order]
        kept = {name: values for name, values in parts.items() if name not in without}
        return urlencode(kept, doseq=True)

    @property
    def place(self) -> str:
        """The address of the very page that is shown."""
        if self._before:
            return self.query(before=self._before)
        return self.query(after=self._after) if self._after else self.query()

    @property
    def rows(self) -> QuerySet[Callback]:
        """All rows of the list, on whichever page."""
        return self.filters.narrow(queries.in_view(self.view, self.day))

    def exact_rows(self) -> QuerySet[Callback]:
        """All rows, for what is done with them or sent away.

        On a page a filter that makes no sense narrows nothing, and so must never widen anything
        else: raises FilterError.
        """
        form = self.filters.form
        if not form.is_valid():
            [(name, messages), *_] = form.errors.items()
            raise FilterError(f"{form.fields[name].label}: {messages[0]}")
        return self.rows

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many rows each tab has under these filters, counted up to the cap."""
        return queries.counts(self.day, narrowed=self.filters.narrow)

    def page(self) -> Page:
        """The rows to show. Raises paging.PageError."""
        order = ORDERS[self.order]
        return paging.page(self.rows, order, PAGE, after=self._after, before=self._before)

    def tabs(self) -> list[Tab]:
        """All tabs with their counts."""
        return [
            Tab(
                name,
                title,
                tone if self.counts[name] else "",
                queries.said_count(self.counts[name]),
                self.query(view=name),
            )
            for name, (title, tone) in TABS.items()
        ]

    @property
    def title(self) -> str:
        """What the tab is called."""
        return TABS[self.view][0]

    @property
    def order_title(self) -> str:
        """By what the rows are ordered."""
        return ORDERS[self.order].title

    @property
    def unfiltered(self) -> str:
        """How many rows the tab has without filters; empty for none."""
        count = queries.counts(self.day)[self.view]
        return queries.said_count(count) if count else ""

    @property
    def total(self) -> str:
        """How many rows there are: ``148``, or ``1,000+``."""
        return queries.said_count(self.counts[self.view])

    @property
    def overdue_now(self) -> int:
        """How many are overdue under no filter: what the bar of every page says."""
        return queries.overdue(self.now) if self.narrowed else self.counts["overdue"]

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self._params)

    def pills(self) -> list[Pill]:
        """The filters that have a place of their own in the bar."""
        return [self._pill(name) for name in _IN_THE_BAR]

    def further(self) -> list[Pill]:
        """The filters behind the last button."""
        return [self._pill(name) for name in _FURTHER]

    def group(self, name: str) -> tuple[list[Pill], str]:
        """The filters that one button opens, and the address without them, if any is set.

        Raises LookupError where there is no such button.
        """
        if name != MORE and name not in _IN_THE_BAR:
            raise LookupError("There is no such filter")
        names = _FURTHER if name == MORE else (name,)
        is_set = any(one in self._params for one in names)
        return [self._pill(one) for one in names], self.query(*names) if is_set else ""

    def _pill(self, name: str) -> Pill:
        field = self.filters.form[name]
        return Pill(field, self._params.get(name, []), summary(field) if self.narrowed else "")

    def orders(self) -> list[tuple[str, str, bool]]:
        """Each order: its title, its address, and whether it is this one."""
        return [
            (order.title, self.query(order=name), name == self.order)
            for name, order in ORDERS.items()
        ]


def matching(query: str, user: User, now: datetime) -> QuerySet[Callback]:
    """All callbacks of the list at an address, on whichever page.

    Raises LookupError, and FilterError for a filter that makes no sense.
    """
    return Listing(QueryDict(query), user, now).exact_rows()
