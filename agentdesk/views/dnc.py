"""The supervisors' do-not-call list: search it, add to it, import a file."""

import csv
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agentdesk import dnc_list
from agentdesk.access import access_dnc, access_dnc_import
from agentdesk.dnc_forms import AddForm, SearchForm, UploadForm
from agentdesk.streams import streamed
from callbacks.actions import dnc_import
from callbacks.actions.dnc import Listed, forbid_number
from callbacks.actions.dnc_import import FileRefusedError
from callbacks.queue import Actor
from campaigns.models import Campaign
from contacts import clock
from contacts.models import DncImport, DncImportLine
from contacts.rules.phone import calling_codes

SHOWN = 100
JOBS = 10


@require_GET
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The list: what was added last, and every way to add."""
    return _page(request)


def _page(request: HttpRequest, wrong: Form | None = None, **more: Any) -> HttpResponse:
    """The page; ``wrong`` is the form that could not be taken."""
    user = access_dnc(request.user)
    now = clock.now()
    context = {
        "add": AddForm(),
        "upload": UploadForm(initial={"region": settings.PHONENUMBER_DEFAULT_REGION}),
        "search": SearchForm(),
        "errors": [(name, text) for name, texts in wrong.errors.items() for text in texts]
        if wrong
        else [],
        "campaigns": Campaign.objects.all(),
        "regions": calling_codes(),
        "lines": dnc_list.newest(user.zone, now),
        "newest": dnc_list.NEWEST,
        "jobs": DncImport.objects.defer("content").order_by("-id")[:JOBS],
        "zone": user.zone,
        **more,
    }
    return render(request, "dnc/list.html", context, status=422 if wrong else 200)


@require_POST
@never_cache
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Where one number stands. Posted, so that no number ends in an address."""
    user = access_dnc(request.user)
    form = SearchForm(request.POST)
    if not form.is_valid():
        return _page(request, form, search=form, part="search")
    found = dnc_list.standing_of(form.cleaned_data["number"], user.zone, clock.now())
    return _page(request, search=form, standing=found)


@require_POST
@login_required
def add(request: HttpRequest) -> HttpResponse:
    """Put one number on the list."""
    user = access_dnc(request.user)
    form = AddForm(request.POST)
    if not form.is_valid():
        return _page(request, form, add=form, part="add")
    said = form.cleaned_data
    listed = forbid_number(
        said["number"],
        reason=said["reason"],
        source="supervisor",
        actor=Actor("supervisor", user.pk),
        campaign=said["campaign"],
    )
    messages.success(request, _told(said["number"], listed), extra_tags="dnc")
    return redirect("dnc")


def _told(e164: str, listed: Listed) -> str:
    what = "is on the list now" if listed.new else "was on the list already"
    ends = "1 callback was" if listed.cancelled == 1 else f"{listed.cancelled} callbacks were"
    cancelled = f" {ends} cancelled." if listed.cancelled else ""
    return f"The number ending {e164[-4:]} {what}.{cancelled}"


@require_POST
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file to be checked; nothing is listed before somebody has seen what it would do."""
    user = access_dnc(request.user)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file, region = form.cleaned_data["file"], form.cleaned_data["region"]
        try:
            taken = dnc_import.take_file(
                file.read(), name=file.name, region=region, user_id=user.pk
            )
        except FileRefusedError as error:
            form.add_error("file", str(error))
        else:
            dnc_import.do_chunk(taken.pk)  # a small file is checked at once
            return redirect("dnc-import", taken.pk)
    return _page(request, form, upload=form, part="upload")


@require_GET
@never_cache
@login_required
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One file: how far it is, what it would do or has done, and which lines were refused."""
    found = _found(request, job_id)
    refused = found.lines.filter(outcome=DncImportLine.Outcome.REFUSED).order_by("line")
    ready = found.state == DncImport.State.READY
    context = {
        "job": found,
        "busy": found.state in (DncImport.State.CHECKING, DncImport.State.IMPORTING),
        "forecast": dnc_import.forecast(found) if ready else None,
        "refused": refused[:SHOWN],
        "shown": SHOWN,
        "zone": access_dnc(request.user).zone,
    }
    template = "dnc/import.html#job" if request.htmx else "dnc/import.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _found(request: HttpRequest, job_id: int) -> DncImport:
    try:
        return access_dnc_import(request.user, job_id)
    except DncImport.DoesNotExist as error:
        raise Http404("There is no such import") from error


@require_POST
@login_required
def start(request: HttpRequest, job_id: int) -> HttpResponse:
    """List what was checked. Pressed twice it is done once."""
    _found(request, job_id)
    if dnc_import.start_import(job_id):
        dnc_import.do_chunk(job_id)
    return redirect("dnc-import", job_id)


@require_POST
@login_required
def discard(request: HttpRequest, job_id: int) -> HttpResponse:
    """Forget a file that was not imported."""
    found = _found(request, job_id)
    if not dnc_import.discard(job_id):
        return redirect("dnc-import", job_id)
    messages.success(request, f"Forgot {found.name}. Nothing of it was listed.", extra_tags="dnc")
    return redirect("dnc")


class _Echo:
    """A file that hands every row to whoever reads it."""

    def write(self, text: str) -> str:
        return text


@require_GET
@never_cache
@login_required
def report(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """What became of every line, as CSV. It names no number."""
    writer = csv.writer(_Echo())
    rows: Iterator[str] = (
        writer.writerow(row) for row in dnc_import.report(_found(request, job_id))
    )
    name = f"do-not-call-{job_id}.csv"
    return streamed(request, rows, content_type="text/csv; charset=utf-8", name=name)
