"""The supervisors' queue: what is overdue, due today, due this week, and why it waits."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agentdesk.access import access_queue, access_supervised
from agentdesk.models import User
from callbacks import cases, queries
from callbacks.actions import manage
from callbacks.actions.intake import IntakeRefusedError, Wish
from callbacks.models import Callback, CallbackEvent
from callbacks.queue import Actor
from callbacks.rules import words
from callbacks.rules.gate import Verdict
from callbacks.rules.states import PENDING, RefusedError, State
from contacts import clock
from contacts.rules.timezones import NonexistentTimeError

PAGE = 50


class Act(Protocol):
    """A supervisor's action on one callback."""

    def __call__(self, callback_id: int, *, reason: str, actor: Actor) -> None: ...


TABS = (
    ("overdue", "Overdue", "overdue"),
    ("today", "Due Today", ""),
    ("week", "This Week", ""),
    ("all", "All Pending", ""),
    ("attention", "Attention", "risk"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue, in words."""

    callback: Callback
    promise: words.Chip
    due: str
    due_there: str
    why: str
    why_more: str
    gate: words.Chip


def row_of(callback: Callback, verdict: Verdict, zone: str, now: datetime) -> Row:
    """The row of a callback for a viewer in the zone."""
    there = callback.contact.zone
    label = words.retry_label(callback.retry_number, callback.retry_max)
    outcome = words.OUTCOMES.get(callback.trigger_outcome, "")
    return Row(
        callback=callback,
        promise=words.promise(callback.due_at, callback.promised_from, now, callback.campaign.lead),
        due=words.moment(callback.due_at, zone, now),
        due_there=words.beside(callback.due_at, there, zone) if there else "zone not known",
        why=outcome if label else callback.get_kind_display(),
        why_more=label or callback.subject[:60],
        gate=_gate(callback, verdict, now),
    )


def _gate(callback: Callback, verdict: Verdict, now: datetime) -> words.Chip:
    if callback.state == State.OFFERED and callback.offer_expires_at:
        left = max(0, int((callback.offer_expires_at - now).total_seconds()))
        return words.Chip("due", "phone", f"Offered to {callback.agent}, 0:{left:02d} left")
    if callback.state == State.WORKING:
        return words.Chip("due", "phone", f"In hand: {callback.agent}")
    return words.verdict(
        verdict,
        callback.contact.zone,
        now,
        paused_by=callback.campaign.paused_by,
        callable_from=callback.callable_from,
    )


@require_GET
@never_cache
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """The page, or its list for htmx."""
    user = access_queue(request.user)
    view = request.GET.get("view", "overdue")
    if view not in queries.VIEWS:
        raise Http404("There is no such view")
    now = clock.now()
    day = queries.day_of(now, user.zone)
    shown = queries.rows(view, day, PAGE)
    verdicts = cases.verdicts(one.pk for one in shown)
    counts = queries.counts(day)
    context = {
        "view": view,
        "tabs": [
            {"name": name, "title": title, "tone": tone if counts[name] else "",
             "count": _capped(counts[name])}
            for name, title, tone in TABS
        ],
        "title": next(title for name, title, _ in TABS if name == view),
        "rows": [row_of(one, verdicts[one.pk], user.zone, now) for one in shown],
        "count": counts[view],
        "page": PAGE,
        "zone": user.zone,
        "now": now,
        "overdue": counts["overdue"],
        "today": counts["today"],
        "following": _following(day),
    }  # fmt: skip
    template = "queue/queue.html#list" if request.htmx else "queue/queue.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _capped(count: int) -> str:
    cap = queries.COUNT_CAP
    return f"{cap:,}+" if count > cap else f"{count:,}"


def _following(day: queries.Day) -> Callback | None:
    """The next promise, to say what comes where nothing is."""
    return queries.in_view("all", day).filter(due_at__gte=day.now).select_related("contact").first()


@require_GET
@never_cache
@login_required
def story(request: HttpRequest, callback_id: int) -> HttpResponse:
    """All that happened to one callback, and what may be done about it."""
    return _story(request, _found(request, callback_id))


def _found(request: HttpRequest, callback_id: int) -> Callback:
    try:
        return access_supervised(request.user, callback_id)
    except Callback.DoesNotExist as error:
        raise Http404("There is no such callback") from error


def _story(
    request: HttpRequest, callback: Callback, *, problem: str = "", status: int = 200
) -> HttpResponse:
    user = access_queue(request.user)
    now = clock.now()
    context = {
        "row": row_of(callback, cases.verdicts([callback.pk])[callback.pk], user.zone, now),
        "callback": callback,
        "events": [_line(event, user, now) for event in callback.events.order_by("id")],
        "pending": callback.state in PENDING,
        "zone": user.zone,
        "now": now,
        "problem": problem,
    }
    template = "queue/story.html" if request.htmx else "queue/story_page.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


_TONES = {State.COMPLETED: "kept", State.CANCELLED: "neutral", State.EXHAUSTED: "risk"}


def _line(event: CallbackEvent, user: User, now: datetime) -> dict[str, object]:
    who = User.objects.filter(pk=event.actor_id).first() if event.actor_id else None
    return {
        "at": event.at,
        "when": words.moment(event.at, user.zone, now),
        "what": event.name.replace("_", " ").capitalize(),
        "who": str(who) if who else event.actor_kind,
        "reason": event.reason,
        "tone": _TONES.get(State(event.to_state), "") if event.to_state else "",
    }


@require_POST
@login_required
def reschedule(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Promise another time, on the contact's clock."""
    callback = _found(request, callback_id)
    try:
        wall = datetime.combine(
            date.fromisoformat(request.POST.get("day", "")),
            time.fromisoformat(request.POST.get("time", "")),
        )
        zone = callback.contact.zone or callback.campaign.shown_zone
        manage.reschedule(callback_id, to=Wish(wall, zone), actor=_actor(request))
    except (ValueError, IntakeRefusedError, RefusedError) as error:
        known = isinstance(error, IntakeRefusedError | RefusedError | NonexistentTimeError)
        problem = str(error) if known else "Enter a day and a time"
        status = 409 if isinstance(error, RefusedError) else 422
        return _story(request, _found(request, callback_id), problem=problem, status=status)
    return _changed(request, callback_id)


@require_POST
@login_required
def cancel(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Withdraw the callback with all its retries."""
    return _end(request, callback_id, manage.cancel, "Cancelled by a supervisor")


@require_POST
@login_required
def complete(request: HttpRequest, callback_id: int) -> HttpResponse:
    """Mark it as handled another way."""
    return _end(request, callback_id, manage.complete, "Marked complete by a supervisor")


def _end(request: HttpRequest, callback_id: int, act: Act, reason: str) -> HttpResponse:
    _found(request, callback_id)
    try:
        act(callback_id, reason=reason, actor=_actor(request))
    except RefusedError as error:
        callback = _found(request, callback_id)
        return _story(request, callback, problem=str(error), status=409)
    return _changed(request, callback_id)


def _actor(request: HttpRequest) -> Actor:
    return Actor("supervisor", access_queue(request.user).pk)


def _changed(request: HttpRequest, callback_id: int) -> HttpResponse:
    """The story anew; the list beside it is asked to look again."""
    response = _story(request, _found(request, callback_id))
    response["HX-Trigger"] = "queue-changed"
    return response
