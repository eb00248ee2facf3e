"""A supervisor's actions on one callback or on a selection: asked for, done, and reported."""

from dataclasses import dataclass, field

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from agentdesk.access import access_selection
from agentdesk.doing import MISSING, do_each
from agentdesk.forms import ActForm, CallbackIds
from agentdesk.models import User
from agentdesk.verbs import BY_NAME, Told, Verb
from agentdesk.views.queue import for_supervisors
from callbacks.actions import undo
from callbacks.actions.selection import Result
from callbacks.queue import Actor
from contacts import clock


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one callback, in words."""

    callback_id: int
    name: str
    done: bool
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of each, and all of it in one sentence; ``events``: what can be taken back."""

    verb: Verb
    said: str
    lines: list[Line]
    events: dict[int, int] = field(default_factory=dict)

    @property
    def alone(self) -> Line | None:
        """The only line, where the action was about one callback."""
        return self.lines[0] if len(self.lines) == 1 else None

    @property
    def leaves(self) -> bool:
        """Whether it goes by itself: nothing was refused, and nothing is offered for longer."""
        offers = self.verb.undo_for is None or self.verb.undone_at_once
        return offers and bool(self.lines) and all(line.done for line in self.lines)

    @property
    def named(self) -> str:
        """The events as the page sends them back."""
        return " ".join(f"{whose}.{event}" for whose, event in self.events.items())


@for_supervisors
@require_GET
def ask(request: HttpRequest, user: User, verb: str) -> HttpResponse:
    """The form of an action that has to be told more: an agent, a day and a time."""
    chosen = BY_NAME.get(verb)
    if chosen is None or not chosen.asks:
        raise Http404("There is nothing to ask")
    try:
        ids = _ids(chosen, request.GET)
    except forms.ValidationError as error:
        return _refuse(request, chosen, error.messages[0])
    found = access_selection(user, ids)
    if not found:
        return _refuse(request, chosen, MISSING.message)
    form = chosen.form.about(found[one] for one in ids if one in found)
    return render(request, "queue/ask.html", {"verb": chosen, "form": form, "count": len(found)})


@for_supervisors
@require_POST
def act(request: HttpRequest, user: User, verb: str) -> HttpResponse:
    """Do it to each, and say what became of every one; 409 when none of it could be done."""
    chosen = BY_NAME[verb]
    try:
        ids = _ids(chosen, request.POST)
    except forms.ValidationError as error:
        return _refuse(request, chosen, error.messages[0])
    found = access_selection(user, ids)
    form = chosen.form(request.POST, callbacks=found.values())
    if found and not form.is_valid():
        return _wrong(request, chosen, form)
    actor = Actor("supervisor", user.pk)
    results, answers = do_each(chosen, form, ids, found, actor)
    beside = dict(chosen.fields).get(results[0].code, "")
    if beside and len(results) == 1:
        form.add_error(beside, results[0].message)
        return _wrong(request, chosen, form)
    lines = _lines(chosen, form, results, answers, user)
    done = sum(line.done for line in lines)
    events = undo.undoable(answers, actor=actor) if chosen.undone_at_once else {}
    context = {
        "report": Report(chosen, _said(chosen, lines, done), lines, events),
        "undo": BY_NAME["undo"] if chosen.undo_for else None,
        "seconds": int(undo.SHOWN.total_seconds()),
    }
    response = render(request, "queue/report.html", context, status=200 if done else 409)
    return trigger_client_event(response, "queue-changed", after="swap")


def _ids(verb: Verb, data: QueryDict) -> list[int]:
    """The callbacks that it is about. Raises ValidationError."""
    ids = CallbackIds().clean(data.getlist("ids"))
    if verb.only_one and len(ids) > 1:
        raise forms.ValidationError("Choose one callback")
    return ids


def _lines(
    verb: Verb, form: ActForm, results: list[Result], answers: dict[int, object], user: User
) -> list[Line]:
    now = clock.now()
    after = access_selection(user, [one.callback_id for one in results])
    lines = []
    for one in results:
        callback = after.get(one.callback_id)
        name = str(callback.contact) if callback else f"Callback {one.callback_id}"
        text = one.message
        if one.done and callback:
            answer = answers[one.callback_id]
            text = verb.done(Told(callback, form, answer, user.zone, now))
        lines.append(Line(one.callback_id, name, one.done, text))
    return lines


def _said(verb: Verb, lines: list[Line], done: int) -> str:
    if len(lines) == 1:
        return lines[0].text if done else f"{lines[0].name}: {lines[0].text}"
    refused = len(lines) - done
    return verb.several.format(done, len(lines)) + (f". {refused} refused" if refused else "")


def _wrong(request: HttpRequest, verb: Verb, form: ActForm) -> HttpResponse:
    """The form again with what is wrong beside its field, and what was typed still in it."""
    context = {"verb": verb, "form": form, "count": len(form.callbacks)}
    response = render(request, "queue/ask.html", context, status=422)
    return retarget(reswap(response, "outerHTML"), f"#ask-{verb.name}")


def _refuse(request: HttpRequest, verb: Verb, message: str) -> HttpResponse:
    """Nothing was done to any callback."""
    report = Report(verb, message, [])
    response = render(request, "queue/report.html", {"report": report}, status=422)
    return retarget(reswap(response, "innerHTML"), "#report")
