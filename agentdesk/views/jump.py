"""What the command palette finds on the server, and whether single keys act."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agentdesk.access import Role, access_found, access_profile, access_saved_views, roles
from agentdesk.actions import allow_single_keys
from callbacks.models import Callback
from callbacks.rules import words
from callbacks.rules.states import HELD, PENDING
from callbacks.search import found
from contacts import clock

AT_MOST = 8
SHORTEST = 2  # characters; one would find nearly everybody


@dataclass(frozen=True, slots=True)
class Hit:
    """A callback that was found: where it is shown, how it stands, and when it is or was due."""

    callback: Callback
    href: str
    chip: words.Chip
    when: str


@never_cache
@login_required
@require_GET
def jump(request: HttpRequest) -> HttpResponse:
    """Saved views and callbacks for what was typed, as options of the palette."""
    theirs = access_found(request.user)
    user = access_profile(request.user)
    supervises = bool(roles(user) & {Role.SUPERVISOR, Role.ADMINISTRATOR})
    text = request.GET.get("q", "").strip()[:200]
    now = clock.now()
    callbacks = found(text, "", limit=AT_MOST, among=theirs) if len(text) >= SHORTEST else []
    context = {
        "views": _views(request, text) if supervises else [],
        "hits": [_hit(one, user.zone, now, supervises=supervises) for one in callbacks],
        "capped": len(callbacks) == AT_MOST,
        "zone": user.zone,
    }
    return render(request, "components/jump.html", context)


def _views(request: HttpRequest, text: str) -> list[dict[str, str]]:
    wanted = text.casefold().split()
    return [
        {"name": view.name, "href": f"{reverse('queue')}?{view.query}"}
        for view in access_saved_views(request.user)
        if all(word in view.name.casefold() for word in wanted)
    ]


def _hit(callback: Callback, zone: str, now: datetime, *, supervises: bool) -> Hit:
    # Agents have no story of a callback: what is theirs stands on their desk.
    href = reverse("queue-story", args=[callback.pk]) if supervises else reverse("desk")
    when = words.moment(callback.ended_at or callback.due_at, zone, now)
    return Hit(callback, href, _chip(callback, now), when)


def _chip(callback: Callback, now: datetime) -> words.Chip:
    if callback.state in HELD:
        word = "In hand" if callback.state not in PENDING else "Offered to"
        return words.Chip("due", "phone", f"{word}: {callback.agent}".replace("to:", "to"))
    if callback.state in PENDING:
        lead = callback.campaign.lead
        return words.promise(callback.due_at, callback.promised_from, now, lead)
    return words.Chip("neutral", "check", callback.state.capitalize())


@never_cache
@login_required
@require_POST
def single_keys(request: HttpRequest) -> HttpResponse:
    """Switch the single keys on or off; the page hears of it and does not reload."""
    user = access_profile(request.user)
    said = request.POST.get("single_keys")
    if said not in ("on", "off"):
        raise BadRequest("Say on or off")
    allow_single_keys(user.pk, allowed=said == "on")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("home")
    response = render(request, "components/single_keys.html", {"allowed": said == "on"})
    response["HX-Trigger"] = json.dumps({"single-keys": {"said": said}})
    return response
