"""One action on all callbacks that match: asked for, watched, stopped, and its report."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import batched

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from agentdesk import bulk
from agentdesk.access import access_bulk_job
from agentdesk.bulk import BulkRefusedError
from agentdesk.forms import ActForm
from agentdesk.models import BulkJob, User
from agentdesk.streams import streamed
from agentdesk.verbs import BULK, BY_NAME, Verb
from agentdesk.views.queue import for_supervisors
from agentdesk.views.queue_actions import Report

SHOWN = 50
JOBS = 20
PART = 500  # lines of a report
_COUNT = re.compile(r"([0-9]{1,3}(?:,?[0-9]{3})*)(\+?)", re.ASCII)


@for_supervisors
@require_GET
def ask(request: HttpRequest, user: User, verb: str) -> HttpResponse:
    """What is about to be done, and to how many; with the form of an action that asks more."""
    chosen = _chosen(verb)
    query = request.GET.get("query", "")
    try:
        rows = bulk.found_by(query, user)
        count = bulk.count(rows)
        bulk.check_size(count)
    except BulkRefusedError as error:
        return _refuse(request, chosen, str(error))
    form = chosen.form(campaigns=bulk.campaigns_of(rows))
    return _form(request, chosen, form, query, f"{count:,}")


@for_supervisors
@require_POST
def start(request: HttpRequest, user: User, verb: str) -> HttpResponse:
    """Write down which they are and begin; 409 when they are no longer what was shown."""
    chosen = _chosen(verb)
    query, shown = request.POST.get("query", ""), request.POST.get("expected", "")
    told = _COUNT.fullmatch(shown)
    if told is None:
        return _refuse(request, chosen, "The page did not say how many it showed. Load it again")
    try:
        form = chosen.form(request.POST, campaigns=bulk.campaigns_of(bulk.found_by(query, user)))
        if not form.is_valid():
            return _form(request, chosen, form, query, shown)
        fields = {name: request.POST.get(name, "") for name in form.fields}
        expected = None if told[2] else int(told[1].replace(",", ""))
        begun = bulk.start_bulk(user, verb, fields, query, expected=expected)
    except BulkRefusedError as error:
        return _refuse(request, chosen, str(error), status=409)
    return _show(request, user, begun)


@for_supervisors
@require_GET
def job(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """How far it is, and at the end what became of it."""
    return _show(request, user, _found(user, job_id), news=True)


@for_supervisors
@require_POST
def stop(request: HttpRequest, user: User, job_id: int) -> HttpResponse:
    """Begin no further callback. What is done stays done."""
    bulk.stop_bulk(_found(user, job_id).pk)
    return _show(request, user, _found(user, job_id), news=True)


@for_supervisors
@require_GET
def jobs(request: HttpRequest, user: User) -> HttpResponse:
    """The last of the user's own."""
    mine = user.bulk_jobs.order_by("-pk")[:JOBS]
    context = {"jobs": [(one, bulk.said(one)) for one in mine], "zone": user.zone, "most": JOBS}
    return render(request, "queue/jobs.html", context)


@for_supervisors
@require_GET
def report(request: HttpRequest, user: User, job_id: int) -> HttpResponseBase:
    """What became of every callback, as CSV."""
    found = _found(user, job_id)
    name = f"{found.verb}-{found.pk}.csv"
    return streamed(request, _parts(found), content_type="text/csv; charset=utf-8", name=name)


def _parts(found: BulkJob) -> Iterator[str]:
    """The lines, many at a time: each part is sent on its own."""
    for rows in batched(bulk.report(found), PART, strict=False):
        part = io.StringIO(newline="")
        csv.writer(part).writerows(rows)
        yield part.getvalue()


def _chosen(verb: str) -> Verb:
    chosen = BY_NAME.get(verb)
    if chosen not in BULK:
        raise Http404("This cannot be done to all that match")
    return chosen


def _found(user: User, job_id: int) -> BulkJob:
    try:
        return access_bulk_job(user, job_id)
    except BulkJob.DoesNotExist as error:
        raise Http404("There is no such job") from error


def _show(request: HttpRequest, user: User, found: BulkJob, *, news: bool = False) -> HttpResponse:
    """The job as a part of the page for htmx, or on a page of its own.

    ``news`` is whether its end is to be said to those who do not see it.
    """
    htmx = bool(request.htmx)  # type: ignore[attr-defined]
    if request.method == "POST" and not htmx:
        return redirect("queue-job", found.pk)
    running = found.state == BulkJob.State.RUNNING
    context = {
        "job": found,
        "verb": BY_NAME[found.verb],
        "said": bulk.said(found),
        "running": running,
        "news": htmx and news and not running,
        "refused": [] if running else bulk.refused(found, SHOWN),
        "shown": SHOWN,
        "zone": user.zone,
    }
    response = render(request, "queue/job.html#job" if htmx else "queue/job.html", context)
    if context["news"]:  # what they did themselves is shown at once, unlike what others do
        trigger_client_event(response, "queue-changed", after="swap")
    return response


def _form(
    request: HttpRequest, verb: Verb, form: ActForm, query: str, expected: str
) -> HttpResponse:
    """The form; with what is wrong beside its field, and what was typed still in it."""
    context = {"verb": verb, "form": form, "query": query, "expected": expected}
    wrong = form.is_bound
    response = render(request, "queue/ask_all.html", context, status=422 if wrong else 200)
    return retarget(reswap(response, "outerHTML"), f"#ask-all-{verb.name}") if wrong else response


def _refuse(request: HttpRequest, verb: Verb, message: str, *, status: int = 422) -> HttpResponse:
    """Nothing was begun."""
    context = {"report": Report(verb, message, [])}
    response = render(request, "queue/report.html", context, status=status)
    return retarget(reswap(response, "innerHTML"), "#report")
