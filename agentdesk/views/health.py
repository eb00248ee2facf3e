"""Does everything run and keep up? A page for people, and figures for a monitoring system."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from agentdesk import health as sweeps
from agentdesk import machinery
from agentdesk.access import access_health, access_metrics
from agentdesk.health import Condition, Reading
from agentdesk.metrics import exposition, share
from callbacks.rules import words
from callbacks.rules.words import Chip
from campaigns.models import HoursChange
from contacts import clock

_WHOLE = {
    Condition.ON_TIME: Chip("kept", "check", "Every sweep is on time"),
    Condition.BEHIND: Chip("risk", "alarm", "A sweep is behind"),
    Condition.NOT_RUNNING: Chip("overdue", "warning", "A sweep is not running"),
}


@require_GET
@never_cache
@login_required
def health(request: HttpRequest) -> HttpResponse:
    """The page, or what of it changes for htmx."""
    user = access_health(request.user)
    now = clock.now()
    found = sweeps.readings()
    changes = HoursChange.objects.select_related("campaign")
    done = changes.exclude(finished_at=None).order_by("finished_at").last()
    context = {
        "whole": _WHOLE[sweeps.worst(found)],
        "rows": [_row(one, user.zone) for one in found],
        "changes": [
            _change(one, user.zone, now)
            for one in changes.filter(finished_at=None).order_by("asked_at", "pk")
        ],
        "done": done and _change(done, user.zone, now),
        "parts": machinery.parts(),
        "zone": user.zone,
        "read_at": f"{now.astimezone(ZoneInfo(user.zone)):%H:%M:%S}",
    }
    template = "health/health.html#now" if request.htmx else "health/health.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for a bearer of the token or a signed-in supervisor.

    To everybody who has not signed in the address does not exist.
    """
    try:
        access_metrics(request.user, request.headers.get("Authorization", ""))
    except PermissionDenied as error:
        if request.user.is_authenticated:
            raise
        raise Http404 from error
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _row(one: Reading, zone: str) -> dict[str, object]:
    return {
        "sweep": one.sweep,
        "every": f"{one.interval.total_seconds():g} s",
        "chip": one.chip,
        "waits": f"The oldest has waited {ago(one.lag)}" if one.lag else "Nothing waits",
        "ran": f"{ago(one.now - one.ran_at)} ago" if one.ran_at else "Never",
        "ran_at": _clock(one.ran_at, zone, one.now) if one.ran_at else "",
        "result": f"{one.handled:,} in {one.took_ms:,} ms" if one.ran_at else "",
        "ever": f"{one.handled_ever:,} ever",
    }


def ago(length: timedelta) -> str:
    """``4 s`` within a minute, then as durations read."""
    seconds = max(0, int(length.total_seconds()))
    return f"{seconds} s" if seconds < 60 else words.duration(length)


def _clock(instant: datetime, zone: str, now: datetime) -> str:
    """With seconds today, since sweeps run every few of them."""
    here = instant.astimezone(ZoneInfo(zone))
    today = here.date() == now.astimezone(ZoneInfo(zone)).date()
    return f"{here:%H:%M:%S}" if today else words.moment(instant, zone, now)


def _change(one: HoursChange, zone: str, now: datetime) -> dict[str, object]:
    return {
        "change": one,
        "whom": str(one.campaign or one.region or "Everybody"),
        "asked": f"{ago(now - one.asked_at)} ago",
        "asked_at": _clock(one.asked_at, zone, now),
        "finished_at": _clock(one.finished_at, zone, now) if one.finished_at else "",
        "percent": round(share(one) * 100),
        "checked": f"{one.checked:,}",
        "total": f"{one.total:,}" if one.total is not None else "",
        "changed": f"{one.changed:,}",
    }
