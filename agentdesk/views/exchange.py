"""Supervisors bring contacts and callbacks from files, and take the queue home as one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from agentdesk.access import access_exchange, access_exchanges
from agentdesk.exchange_forms import ColumnsForm, FileForm
from agentdesk.export import as_workbook, lines
from agentdesk.listing import matching
from agentdesk.models import User
from agentdesk.streams import streamed
from agentdesk.views.queue import for_supervisors
from callbacks.exchange import jobs
from callbacks.exchange.columns import TITLES, columns_of
from callbacks.exchange.files import FileRefusedError
from callbacks.exchange.models import ExchangeJob, ExchangeLine
from contacts import clock
from contacts.rules.phone import shown

PAGE = 100
JOBS = 20
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Stage = ExchangeJob.Stage
Outcome = ExchangeLine.Outcome


@for_supervisors
def page(request: HttpRequest, user: User) -> HttpResponse:
    """The files of the last days, and the form for another one."""
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        job = _taken(form, user) if form.is_valid() else None
        if job is not None:
            return redirect("exchange-job", job.pk)
    else:
        form = FileForm(initial={
            "kind": ExchangeJob.Kind.CONTACTS, "zone": user.zone,
            "region": settings.PHONENUMBER_DEFAULT_REGION,
        })  # fmt: skip
    context = {
        "form": form,
        "jobs": access_exchanges(user).order_by("-id")[:JOBS],
        "zone": user.zone,
    }
    return render(request, "exchange/list.html", context, status=422 if form.errors else 200)


def _taken(form: FileForm, user: User) -> ExchangeJob | None:
    """The job of the file; None when it is no table, which is said beside it."""
    file = form.cleaned_data["file"]
    try:
        job = jobs.take_file(file.chunks(), name=file.name, options=form.options(user.pk))
    except FileRefusedError as error:
        form.add_error("file", str(error))
        form.fields["file"].widget.attrs |= {
            "aria-invalid": "true", "aria-describedby": "id_file_error"
        }  # fmt: skip
        return None
    jobs.do_small(job)
    return job


def _found(user: User, job_id: int) -> ExchangeJob:
    try:
        return access_exchange(user, job_id)
    except ExchangeJob.DoesNotExist as error:
        raise Http404("There is no such import") from error


@for_supervisors
@require_GET
def job(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """One file: its columns, how far it is, what it would do or has done, line by line."""
    return _job(request, user, _found(user, job_id))


def _job(
    request: HttpRequest, user: User, job: ExchangeJob, form: ColumnsForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "job": job,
        "busy": job.stage in ExchangeJob.WAITING,
        "zone": user.zone,
        "adding": job.to_add + job.to_merge,
    }
    if job.stage == Stage.MAPPING:
        rows = jobs.sample(job)
        context |= {"form": form or ColumnsForm(job=job, sample=rows), "sample": rows}
    if job.stage in (Stage.READY, Stage.DONE):
        context |= _preview(request, job)
    part = request.htmx and not form  # type: ignore[attr-defined]
    template = "exchange/job.html#job" if part else "exchange/job.html"
    return render(request, template, context, status=422 if form else 200)


def _preview(request: HttpRequest, job: ExchangeJob) -> dict[str, Any]:
    """A page of lines: all of them, or those with one outcome, from a line on."""
    done = job.stage == Stage.DONE
    wanted = request.GET.get("show", Outcome.REFUSED if done else "")
    if wanted not in ("", *Outcome.values):
        raise Http404("There are no such lines")
    after = request.GET.get("after", "0")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
    found = job.lines.filter(line__gt=start).order_by("line")
    if wanted:
        found = found.filter(outcome=wanted)
    some = list(found[: PAGE + 1])
    names = [name for name in columns_of(job.kind) if name in job.columns]
    if "campaign" in columns_of(job.kind) and "campaign" not in names:
        names.append("campaign")
    return {
        "show": wanted,
        "lines": [(line, _cells(job, line, names)) for line in some[:PAGE]],
        "titles": [TITLES[name] for name in names],
        "next": some[PAGE - 1].line if len(some) > PAGE else None,
        "tabs": _tabs(job, done=done),
    }


def _cells(job: ExchangeJob, line: ExchangeLine, names: list[str]) -> list[str]:
    """What a line says in our columns: as it was understood, or as it stands in the file."""
    if line.said:
        said = {**line.said, "number": shown(line.e164)}
        return [said.get(name, "") for name in names]
    places = [job.columns.get(name, len(line.cells)) for name in names]
    return [line.cells[place] if place < len(line.cells) else "" for place in places]


def _tabs(job: ExchangeJob, *, done: bool) -> list[dict[str, Any]]:
    refused = {"name": "refused", "title": "refused", "count": job.refused, "tone": "overdue"}
    if done:
        return [refused]
    return [
        {"name": "", "title": "lines", "count": job.total},
        {"name": "new", "title": "to be added", "count": job.to_add},
        {"name": "merge", "title": "to be merged", "count": job.to_merge},
        refused,
    ]


@for_supervisors
@require_POST
def columns(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """Check the file with the chosen columns. Pressed twice it is checked once."""
    found = _found(user, job_id)
    if found.stage == Stage.MAPPING:
        form = ColumnsForm(request.POST, job=found, sample=jobs.sample(found))
        if not form.is_valid():
            return _job(request, user, found, form)
        if jobs.choose_columns(job_id, form.columns()):
            jobs.do_small(_found(user, job_id))
    return redirect("exchange-job", job_id)


@for_supervisors
@require_POST
def again(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """Choose the columns again."""
    _found(user, job_id)
    jobs.change_columns(job_id)
    return redirect("exchange-job", job_id)


@for_supervisors
@require_POST
def start(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """Import what was checked. Pressed twice it is done once."""
    _found(user, job_id)
    if jobs.start_import(job_id):
        jobs.do_small(_found(user, job_id))
    return redirect("exchange-job", job_id)


@for_supervisors
@require_POST
def discard(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """Forget a file that was not imported."""
    found = _found(user, job_id)
    if not jobs.discard(job_id):
        return redirect("exchange-job", job_id)
    told = f"Forgot {found.name}. Nothing of it was imported."
    messages.success(request, told, extra_tags="exchange")
    return redirect("exchange")


@for_supervisors
@require_GET
def errors(request: HttpRequest, user: User, job_id: int) -> HttpResponseBase:
    """The refused lines as they were, each with its reason, as CSV."""
    found = _found(user, job_id)
    parts = jobs.as_csv(jobs.refused_lines(found))
    return streamed(request, parts, content_type=CSV, name=f"refused-{job_id}.csv")


@for_supervisors
@require_safe
def export(request: HttpRequest, user: User) -> HttpResponseBase:
    """All that the view shows, page or no page, as CSV or XLSX."""
    kind = request.GET.get("format", "csv")
    if kind not in ("csv", "xlsx"):
        raise Http404("There is no such format")
    try:
        found = matching(request.META.get("QUERY_STRING", ""), user, clock.now())
    except LookupError as error:
        raise Http404("There is no such view") from error
    rows = lines(found, user.zone)
    if kind == "csv":
        return streamed(request, jobs.as_csv(rows), content_type=CSV, name="queue.csv")
    return streamed(request, as_workbook(rows), content_type=XLSX, name="queue.xlsx")
