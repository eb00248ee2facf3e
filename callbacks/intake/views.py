"""The customers' pages: ask for a call, follow it, withdraw it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from callbacks import queries
from callbacks.actions.dnc import opt_out
from callbacks.actions.intake import (
    IntakeRefusedError,
    open_to_customers,
    request_callback,
    withdraw_request,
)
from callbacks.intake import slots
from callbacks.intake.forms import AskForm
from callbacks.intake.status import status_of
from callbacks.models import Callback
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign
from campaigns.queries import walk_in_window
from contacts import clock
from contacts.rules.timezones import NonexistentTimeError, is_zone


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The form; a valid one leads to the page of the promise."""
    campaign = _campaign(slug)
    if request.method == "GET":
        return _page(request, campaign, AskForm(campaign=campaign))
    form = AskForm(request.POST, campaign=campaign)
    if form.is_valid():
        try:
            receipt = request_callback(form.request())
        except (IntakeRefusedError, NonexistentTimeError) as error:
            form.refuse(error)
        else:
            address = reverse("status", args=[receipt.callback.public_id])
            return redirect(f"{address}?merged" if receipt.merged else address)
    refused_as_repeated = form.has_error(NON_FIELD_ERRORS, "repeated")
    return _page(request, campaign, form, status=409 if refused_as_repeated else 422)


def _campaign(slug: str) -> Campaign:
    """The campaign of the address; 404 with a page that says so."""
    offered = Campaign.objects.filter(on_the_web=True)
    campaign = offered.filter(slug=slug).first() if slug else offered.order_by("pk").first()
    if campaign is None:
        raise Http404("There is no such form")
    return campaign


def _page(
    request: HttpRequest, campaign: Campaign, form: AskForm, status: int = 200
) -> HttpResponse:
    now = clock.now()
    zone = _zone(request, campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "form": form,
        "errors": [(name, error) for name, found in form.errors.items() for error in found],
        "zone": zone,
        "zone_said": bool(form.data.get("zone_said") or request.GET.get("zone")),
        "zones": sorted(
            name for name in available_timezones() if "/" in name and name[:3] != "Etc"
        ),
        "days": slots.days(campaign, zone, now),
        "wait": _wait(campaign, zone, now),
        "key": form.data.get("key") or AskForm.fresh_key(),
        "now": now,
    }
    template = (
        "intake/form.html#slots" if request.GET.get("part") == "slots" else "intake/form.html"
    )
    return render(request, template, context, status=status)


def _zone(request: HttpRequest, campaign: Campaign) -> str:
    """The zone to show times in: chosen, sent by the browser, or the campaign's."""
    for name in (
        request.POST.get("zone"),
        request.GET.get("zone"),
        request.GET.get("browser_zone"),
    ):
        if name and is_zone(name):
            return name
    return campaign.shown_zone


def _wait(campaign: Campaign, zone: str, now: datetime) -> "Soon | None":
    """The range for "as soon as possible", while it may be offered."""
    open_hours = open_to_customers(campaign, walk_in_window(campaign, zone))
    if open_hours.span_at(now) is None or not campaign.dials:
        return None
    wait = queries.wait_for(campaign, now)
    if not wait.within_limit:
        return None
    return Soon(
        wait.low,
        wait.high,
        now + timedelta(minutes=wait.low),
        now + timedelta(minutes=wait.high),
    )


@dataclass(frozen=True, slots=True)
class Soon:
    """The wait for "as soon as possible", in minutes and on the clock."""

    low: int
    high: int
    from_at: datetime
    until_at: datetime


@never_cache
def status(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page of a promise: whoever has its link may follow and cancel it."""
    callback = get_object_or_404(queries.with_names(), public_id=public_id)
    return _status(request, callback)


def _status(request: HttpRequest, callback: Callback, code: int = 200) -> HttpResponse:
    now = clock.now()
    forbidden = queries.is_forbidden(callback)
    context = {
        "callback": callback,
        "status": status_of(callback, now, forbidden=forbidden),
        "forbidden": forbidden,
        "now": now,
        "merged": "merged" in request.GET,
    }
    template = "intake/status.html#state" if request.GET.get("part") else "intake/status.html"
    return render(request, template, context, status=code)


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Withdraw the request; while an agent is calling, they are told instead."""
    callback = get_object_or_404(Callback, public_id=public_id)
    try:
        withdraw_request(callback.pk)
    except RefusedError:
        return _status(request, queries.with_names().get(pk=callback.pk), code=409)
    return redirect("status", public_id=public_id)


@never_cache
@require_http_methods(["GET", "POST"])
def do_not_call(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asked twice, so that no link that is only opened opts anybody out: first the question."""
    callback = get_object_or_404(queries.with_names(), public_id=public_id)
    if request.method == "POST":
        opt_out(callback.pk)
        return redirect("status", public_id=public_id)
    if queries.is_forbidden(callback):
        return redirect("status", public_id=public_id)
    return render(request, "intake/do_not_call.html", {"callback": callback})
