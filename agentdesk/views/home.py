"""Where a user belongs after signing in, and whether the process is alive."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agentdesk.access import Role, roles


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Agents to their desk, supervisors to the queue."""
    mine = roles(request.user)
    if Role.AGENT in mine:
        return redirect("desk")
    return redirect("queue" if mine else "ask")


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while this process can reach the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
