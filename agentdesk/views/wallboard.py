"""The wallboard: few numbers on a big screen, each with its rows behind it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agentdesk.access import access_queue
from agentdesk.tiles import wall
from agentdesk.wallboard import figures
from contacts import clock


@require_GET
@never_cache
@login_required
def wallboard(request: HttpRequest) -> HttpResponse:
    """The page, or what of it changes for htmx."""
    user = access_queue(request.user)
    now = clock.now()
    context = {**wall(figures(now, user.zone), user.zone), "now": now, "zone": user.zone}
    template = "wallboard/wallboard.html#now" if request.htmx else "wallboard/wallboard.html"  # type: ignore[attr-defined]
    return render(request, template, context)
