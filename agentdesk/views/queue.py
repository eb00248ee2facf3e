"""The supervisors' queue: what is overdue, due today, due this week, and why it waits."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agentdesk.access import access_queue, access_supervised
from agentdesk.models import User
from agentdesk.rows import rows_of
from agentdesk.story import story_of
from agentdesk.verbs import BULK, BY_NAME, MENU
from callbacks import queries
from callbacks.models import Callback
from contacts import clock

PAGE = 50
TABS = (
    ("overdue", "Overdue", "overdue"),
    ("today", "Due Today", ""),
    ("week", "This Week", ""),
    ("all", "All Pending", ""),
    ("attention", "Attention", "risk"),
)
ACTIONS = {
    "bulk": BULK,
    "menu": MENU,
    "undo": BY_NAME["undo"],
    "zone_verb": BY_NAME["zone"],
    "forbid": BY_NAME["do-not-call"],
}
QueueView = Callable[Concatenate[HttpRequest, User, ...], HttpResponse]


def for_supervisors(view: QueueView) -> Callable[..., HttpResponse]:
    """Only for supervisors and administrators, whatever the method; the view is given the user."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: object) -> HttpResponse:
        user = access_queue(request.user)
        return view(request, user, **kwargs)

    return never_cache(login_required(checked))


@for_supervisors
@require_GET
def queue(request: HttpRequest, user: User) -> HttpResponse:
    """The page, or its list for htmx."""
    view = request.GET.get("view", "overdue")
    if view not in queries.VIEWS:
        raise Http404("There is no such view")
    now = clock.now()
    day = queries.day_of(now, user.zone)
    counts = queries.counts(day)
    context = {
        "view": view,
        "tabs": [
            {"name": name, "title": title, "tone": tone if counts[name] else "",
             "count": _capped(counts[name])}
            for name, title, tone in TABS
        ],
        "title": next(title for name, title, _ in TABS if name == view),
        "rows": rows_of(queries.rows(view, day, PAGE), user.zone, now),
        "count": counts[view],
        "page": PAGE,
        "zone": user.zone,
        "now": now,
        "overdue": counts["overdue"],
        "today": counts["today"],
        "following": _following(day),
    }  # fmt: skip
    template = "queue/queue.html#list" if request.htmx else "queue/queue.html"  # type: ignore[attr-defined]
    return render(request, template, ACTIONS | context)


def _capped(count: int) -> str:
    cap = queries.COUNT_CAP
    return f"{cap:,}+" if count > cap else f"{count:,}"


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
        "zone": user.zone,
        "now": now,
    }
    template = "queue/story.html" if request.htmx else "queue/story_page.html"  # type: ignore[attr-defined]
    return render(request, template, ACTIONS | context)
