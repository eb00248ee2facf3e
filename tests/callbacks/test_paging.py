"""Pages by keyset: every row once, in order, forwards and backwards, whatever is equal."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callbacks import paging
from callbacks.models import Callback
from callbacks.paging import ORDERS, PageError
from contacts import clock
from tests.factories import make_callback

H = timedelta(hours=1)


@pytest.fixture
def many(campaign):
    """Many with the same promise, the same priority, or both."""
    now = clock.now()
    made = [
        make_callback(campaign, ending="00", due_at=now + (n * 7 % 5) * H, priority=n * 3 % 4 - 1)
        for n in range(23)
    ]
    return [one.pk for one in made]


def brute(order):
    rows = list(Callback.objects.all())
    for column in reversed(ORDERS[order].columns):
        name = column.removeprefix("-")
        rows.sort(key=lambda one, name=name: getattr(one, name), reverse=column.startswith("-"))
    return [one.pk for one in rows]


def walk(order, size, **start):
    pages = [paging.page(Callback.objects.all(), ORDERS[order], size, **start)]
    while pages[-1].after:
        pages.append(
            paging.page(Callback.objects.all(), ORDERS[order], size, after=pages[-1].after)
        )
    return pages


def ids(page):
    return [one.pk for one in page.rows]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 23, 50])
def test_every_row_is_on_one_page_in_order(many, order, size):
    pages = walk(order, size)
    assert [one for page in pages for one in ids(page)] == brute(order)
    assert pages[0].before == ""
    assert all(page.before for page in pages[1:])


@pytest.mark.parametrize("order", ORDERS)
def test_the_way_back_shows_the_same_pages(many, order):
    pages = walk(order, 5)
    for before, page in pairwise(pages):
        back = paging.page(Callback.objects.all(), ORDERS[order], 5, before=page.before)
        assert ids(back) == ids(before)
        assert back.after == before.after
        assert bool(back.before) is bool(before.before)


def test_a_page_before_the_beginning_is_the_first_page(many):
    pages = walk("due", 5)
    second = pages[1].rows[2]
    back = paging.page(
        Callback.objects.all(), ORDERS["due"], 10, before=paging.key(second, ORDERS["due"])
    )
    assert ids(back) == brute("due")[:10]


def test_the_place_of_a_row_that_has_left_is_still_a_place(many):
    first = paging.page(Callback.objects.all(), ORDERS["due"], 5)
    rest = brute("due")[5:]
    first.rows[-1].delete()
    after = paging.page(Callback.objects.all(), ORDERS["due"], 5, after=first.after)
    assert ids(after) == rest[:5]


@pytest.mark.parametrize("order", ORDERS)
def test_the_last_page_takes_no_more_statements_than_the_second(many, order):
    pages = walk(order, 5)
    taken = []
    for page in (pages[0], pages[-2]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            paging.page(Callback.objects.all(), ORDERS[order], 5, after=page.after)
        taken.append(len(queries))
    assert max(taken) <= len(ORDERS[order].columns) + 1
    assert not any("OFFSET" in one["sql"] for one in queries)


@pytest.mark.parametrize(
    "place",
    ["x", "1~2~3~4", "2026-11-21~5", "2026-11-21T08:00:00~5", "2026-11-21T08:00:00+00:00~five",
     "2026-11-21T08:00:00+00:00~" + "9" * 30, "~"],
)  # fmt: skip
def test_a_place_that_is_none_is_refused(many, place):
    with pytest.raises(PageError):
        paging.page(Callback.objects.all(), ORDERS["due"], 5, after=place)
