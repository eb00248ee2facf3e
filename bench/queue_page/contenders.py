"""One page each: as a supervisor gets it, its data as bare SQL, and with counts and OFFSET."""

import warnings
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from agentdesk import listing as listings
from agentdesk.models import User
from bench.common.contenders import Act, Contender, use
from bench.queue_page.tables import SUPERVISOR, Stage
from callbacks import cases, paging, queries
from callbacks.models import Callback
from contacts import clock

PAGE = listings.PAGE
# The tabs of the raw page count to the same cap, and read the same rows with the same names.
_PENDING = "state IN ('scheduled', 'offered')"
_COUNT = "(SELECT count(*) FROM (SELECT FROM callback WHERE {where} LIMIT 1001) AS capped)"
_TABS = (
    f"{_PENDING} AND due_at < %(now)s",
    f"{_PENDING} AND due_at >= %(start)s AND due_at < %(end)s",
    f"{_PENDING} AND due_at >= %(start)s AND due_at < %(week_end)s",
    _PENDING,
    "attention <> '' AND state IN ('scheduled', 'offered', 'working')",
)
_ROWS = f"""
SELECT * FROM callback JOIN campaign ON campaign.id = campaign_id
JOIN contact ON contact.id = contact_id JOIN phone_number ON phone_number.id = number_id
LEFT JOIN "user" AS held ON held.id = callback.agent_id
LEFT JOIN "user" AS theirs ON theirs.id = callback.reserved_for_id
WHERE {_PENDING} {{also}} ORDER BY due_at, callback.id LIMIT {PAGE}
"""
_CHOICES = (
    "SELECT id, name FROM campaign ORDER BY name",
    'SELECT u.* FROM agent JOIN "user" u ON u.id = user_id ORDER BY first_name, last_name',
    f"SELECT * FROM saved_view WHERE user_id = {SUPERVISOR}",
    f'SELECT * FROM "user" WHERE id = {SUPERVISOR}',
    f"SELECT group_id FROM user_groups WHERE user_id = {SUPERVISOR}",
)


_PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def _client() -> Client:
    # No files were collected here, so there are no names with hashes to look up.
    warnings.filterwarnings("ignore", message="No directory at")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": _PLAIN}
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(pk=SUPERVISOR))
    return client


def _get(client: Client, query: str) -> bool:
    response = client.get(f"{reverse('queue')}?{query}", secure=True)
    assert response.status_code == 200
    assert response.content.count(b"data-callback=") >= PAGE
    return False


def _page(query: Callable[[Stage], str], stage: Stage, client: int, clients: int) -> Act:
    use(stage)
    return partial(_get, _client(), query(stage))


def _raw(also: str, stage: Stage, client: int, clients: int) -> Act:
    use(stage)
    day = queries.day_of(clock.now(), "Europe/London")
    values = {"now": day.now, "start": day.start, "end": day.end, "week_end": day.week_end}
    counts = "SELECT " + ", ".join(_COUNT.format(where=f"{tab} {also}") for tab in _TABS)
    rows = _ROWS.format(also=also)

    def act() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(counts, values)
            cursor.fetchall()
            cursor.execute(rows)
            found = cursor.fetchall()
            cursor.execute(cases._MANY, [[row[0] for row in found]])
            cursor.fetchall()
            for choices in _CHOICES:
                cursor.execute(choices)
                cursor.fetchall()
        assert len(found) == PAGE
        return False

    return act


def _naive(
    query: Callable[[Stage], str], skip: int, stage: Stage, client: int, clients: int
) -> Act:
    """The same page and template; every tab counted to its end, rows before it read and dropped."""
    use(stage)

    def by_offset(
        among: QuerySet[Callback], order: paging.Order, size: int, **place: str
    ) -> paging.Page:
        rows = among.order_by(*order.columns).select_related(
            "campaign", "contact", "number", "agent", "reserved_for"
        )
        return paging.Page(list(rows[skip : skip + size]), "", "more")

    queries.COUNT_CAP = 10**12
    listings.paging.page = by_offset
    return partial(_get, _client(), query(stage))


def first(stage: Stage) -> str:
    """All Pending, from its beginning."""
    return "view=all"


def deep(page: int, stage: Stage) -> str:
    """The place of a page in All Pending, as its address names it."""
    rows = queries.in_view("all", queries.day_of(clock.now(), "UTC"))
    at = rows[page * PAGE - PAGE - 1]
    return f"view=all&after={paging.key(at, paging.ORDERS['due']).replace('+', '%2B')}"


def one_campaign(stage: Stage) -> str:
    """All Pending of one campaign."""
    return "view=all&campaign=7"


def page(name: str, query: Callable[[Stage], str]) -> Contender:
    """The page as a supervisor gets it: session, filters, counts, 50 rows, verdicts, HTML."""
    return Contender(name, "callback", partial(_page, query))


def raw(name: str, also: str = "") -> Contender:
    """The same data by bare SQL in eight statements."""
    return Contender(name, "callback", partial(_raw, also))


def naive(name: str, query: Callable[[Stage], str], skip: int = 0) -> Contender:
    """The same page with exact counts and OFFSET."""
    return Contender(name, "callback", partial(_naive, query, skip))
