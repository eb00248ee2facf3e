"""The supervisors' page of campaigns: two switches each, and the policy in words."""

from typing import Protocol

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agentdesk import switches
from agentdesk.access import access_campaign, access_health
from campaigns.models import Campaign


class Switch(Protocol):
    """One of the two switches."""

    def __call__(self, campaign: Campaign, *, on: bool, by: str) -> None: ...


@require_GET
@never_cache
@login_required
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign with its switches."""
    access_health(request.user)
    return render(request, "campaigns/campaigns.html", {"boards": switches.switchboards()})


@require_POST
@login_required
def offers(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause or resume the campaign's offers."""
    return _switched(request, slug, "offers", switches.switch_offers)


@require_POST
@login_required
def intake(request: HttpRequest, slug: str) -> HttpResponse:
    """Close or open the campaign's intake."""
    return _switched(request, slug, "intake", switches.switch_intake)


def _switched(request: HttpRequest, slug: str, name: str, switch: Switch) -> HttpResponse:
    """Set to what the button said, not to the opposite of what is: two clicks are one."""
    try:
        campaign = access_campaign(request.user, slug)
    except Campaign.DoesNotExist as error:
        raise Http404("There is no such campaign") from error
    to = request.POST.get("to")
    if to not in ("on", "off"):
        return HttpResponseBadRequest("Say on or off", content_type="text/plain")
    switch(campaign, on=to == "on", by=str(request.user))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('campaigns')}#campaign-{slug}")
    # The pressed switch alone: a click on the other one meanwhile meets the same button as before.
    campaign.refresh_from_db()
    return render(request, f"campaigns/campaigns.html#{name}", {"board": {"campaign": campaign}})
