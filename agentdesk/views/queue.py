"""The supervisors' queue: what is overdue, due today, due this week, and why it waits."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agentdesk.access import access_queue, access_supervised
from agentdesk.listing import PAGE, Listing
from agentdesk.models import User
from agentdesk.news import compare, shown_rows
from agentdesk.panes import contact_pane
from agentdesk.rows import rows_of
from agentdesk.story import story_of
from agentdesk.verbs import BULK, BY_NAME, MENU
from callbacks import queries
from callbacks.models import Callback
from callbacks.paging import Page, PageError
from callbacks.queries import with_names
from contacts import clock

ACTIONS = {
    "bulk": BULK,
    "menu": MENU,
    "undo": BY_NAME["undo"],
    "zone_verb": BY_NAME["zone"],
    "forbid": BY_NAME["do-not-call"],
}
QueueView = Callable[Concatenate[HttpRequest, User, ...], HttpResponseBase]


def for_supervisors(view: QueueView) -> Callable[..., HttpResponseBase]:
    """Only for supervisors and administrators, whatever the method; the view is given the user."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        user = access_queue(request.user)
        return view(request, user, **kwargs)

    return never_cache(login_required(checked))


def _listing(params: QueryDict, user: User) -> Listing:
    try:
        return Listing(params, user, clock.now())
    except LookupError as error:
        raise Http404("There is no such view") from error


def _page(listing: Listing) -> Page:
    try:
        return listing.page()
    except PageError as error:
        raise Http404("There is no such page of the list") from error


@for_supervisors
@require_GET
def queue(request: HttpRequest, user: User) -> HttpResponse:
    """The page, or its list for htmx."""
    return show_queue(request, user, request.GET)


def show_queue(
    request: HttpRequest, user: User, params: QueryDict, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The list that the parameters ask for, and what was wrong with the name of a view."""
    listing = _listing(params, user)
    page = _page(listing)
    context = {
        "listing": listing,
        "overdue_now": listing.overdue_now,
        "page": page,
        "page_size": PAGE,
        "rows": rows_of(page.rows, user.zone, listing.now),
        "views": user.saved_views.all(),
        "problem": problem,
        "zone": user.zone,
        "now": listing.now,
        "following": _following(listing.day) if not page.rows else None,
    }
    template = "queue/queue.html#list" if request.htmx else "queue/queue.html"  # type: ignore[attr-defined]
    return render(request, template, ACTIONS | context, status=status)


@for_supervisors
@require_GET
def choices(request: HttpRequest, user: User, name: str) -> HttpResponse:
    """What one filter can be set to: fetched when it is opened, for there can be hundreds."""
    try:
        pills, without = _listing(request.GET, user).group(name)
    except LookupError as error:
        raise Http404("There is no such filter") from error
    return render(request, "queue/filter.html", {"pills": pills, "without": without})


@for_supervisors
@require_GET
def news(request: HttpRequest, user: User) -> HttpResponse:
    """What became of the list since it was drawn: counts, the chips of the rows shown, and how many
    rows are new or changed. Nothing that a hand may be on is sent."""
    listing = _listing(request.GET, user)
    shown = shown_rows(request.GET.getlist("shown"))
    page = _page(listing)
    context = {
        "listing": listing,
        "overdue_now": listing.overdue_now,
        "told": compare(shown, page.rows, listing),
        "rows": rows_of(list(with_names().in_bulk(shown).values()), user.zone, listing.now),
    }
    return render(request, "queue/news.html", context)


def _following(day: queries.Day) -> Callback | None:
    """The next promise, to say what comes where nothing is."""
    return queries.in_view("all", day).filter(due_at__gte=day.now).select_related("contact").first()


@for_supervisors
@require_GET
def story(request: HttpRequest, user: User, callback_id: int) -> HttpResponse:
    """All that happened to one callback, and what may be done about it."""
    try:
        callback = access_supervised(user, callback_id)
    except Callback.DoesNotExist as error:
        raise Http404("There is no such callback") from error
    now = clock.now()
    context: dict[str, Any] = {
        "callback": callback,
        "story": story_of(callback, user, now),
        "contact": contact_pane(callback, now),
        "zone": user.zone,
        "now": now,
    }
    template = "queue/story.html" if request.htmx else "queue/story_page.html"  # type: ignore[attr-defined]
    return render(request, template, ACTIONS | context)
