"""The callback in hand: call, hold, end, Done."""

from collections.abc import Callable
from datetime import date, datetime, time
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from agentdesk import actions
from agentdesk.access import access_held, access_work
from agentdesk.models import Agent
from agentdesk.panes import desk_of
from agentdesk.views.desk import for_agents, show_desk
from callbacks.actions import calls
from callbacks.actions.calls import NoDialError
from callbacks.actions.calls import Work as Claimed
from callbacks.actions.intake import Wish
from callbacks.actions.outcomes import WrapUp, WrapUpError
from callbacks.dialers.base import DialerError
from callbacks.models import Callback
from callbacks.rules import words
from callbacks.rules.states import RefusedError, State
from campaigns.models import Disposition
from contacts import clock
from contacts.models import Intent
from contacts.rules.timezones import NonexistentTimeError


def _show_call(
    request: HttpRequest, agent: Agent, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The call part alone, so that a half-typed note stays; the desk when the work is gone."""
    desk = desk_of(agent, problem=problem)
    if desk.mode != "working":
        return show_desk(request, agent, problem=problem, status=status)
    return render(request, "desk/call.html", {"desk": desk}, status=status)


@require_GET
@for_agents
def call(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The telephone's state now; where the work is gone, the desk is told to draw itself."""
    desk = desk_of(agent)
    if desk.mode == "working":
        return render(request, "desk/call.html", {"desk": desk})
    # By an event: whoever asked may have left the page by now, and then the desk is drawn already.
    return trigger_client_event(HttpResponse(status=204), "gone")


@require_POST
@for_agents
def dial(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Call this contact, once for the key of the pressed button."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return _show_call(request, agent, problem="Press Call this contact again", status=422)
    work = access_work(agent, callback_id, version)
    try:
        calls.start_call(work, key=key, early=request.POST.get("early") == "yes")
    except NoDialError as refusal:
        return _show_call(request, agent, problem=_why_not(refusal, agent), status=409)
    except RefusedError as refusal:
        return show_desk(request, agent, problem=str(refusal), status=409)
    return _show_call(request, agent)


def _why_not(refusal: NoDialError, agent: Agent) -> str:
    held = access_held(agent)
    if held is None:
        return str(refusal)
    now = clock.now()
    if refusal.verdict is not None:
        return words.verdict(refusal.verdict, held.contact.zone, now, callable_from=None).text
    if refusal.until is not None:
        when = words.moment(refusal.until, agent.user.zone, now)
        return f"It is not time yet: promised for {when}. Press again to call early"
    return str(refusal)


@require_POST
@for_agents
def end(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """End the call; the work goes on until Done."""
    return _telephone(
        request, agent, lambda: calls.hang_up(access_work(agent, callback_id, version))
    )


@require_POST
@for_agents
def hold(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Put the call on hold, or take it off."""
    on = request.POST.get("on") == "yes"
    work = access_work(agent, callback_id, version)
    return _telephone(request, agent, lambda: calls.hold(work, on=on))


def _telephone(request: HttpRequest, agent: Agent, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except (NoDialError, DialerError) as error:
        return _show_call(request, agent, problem=str(error), status=409)
    except RefusedError as refusal:
        return show_desk(request, agent, problem=str(refusal), status=409)
    return _show_call(request, agent)


@require_POST
@for_agents
def done(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Close the work; what is missing is said next to its field and nothing is lost."""
    held = access_held(agent)
    work = access_work(agent, callback_id, version)
    try:
        actions.finish_work(work, _wrap_up(request, held))
    except WrapUpError as error:
        return _wrong(request, agent, error.field, str(error))
    except NonexistentTimeError as error:
        return _wrong(request, agent, "again_time", str(error))
    except RefusedError as refusal:
        return show_desk(request, agent, problem=str(refusal), status=409)
    return show_desk(request, agent)


def _wrong(request: HttpRequest, agent: Agent, field: str, message: str) -> HttpResponse:
    """Only the message is swapped in: the note that was typed stays as it is."""
    response = render(request, "desk/wrong.html", {"message": message}, status=422)
    place = f"#wrong-{field}" if field else "#wrong"
    response["HX-Retarget"] = place
    response["HX-Reswap"] = f"innerHTML show:{place}:bottom"
    return response


def _wrap_up(request: HttpRequest, held: Callback | None) -> WrapUp:
    """What the form says. Raises WrapUpError for a time that is none."""
    if held is None or held.state != State.WORKING:
        raise RefusedError("This callback is not in your hands", state=None, code="holder")
    disposition = Disposition.objects.filter(
        campaign_id=held.campaign_id, code=request.POST.get("code", "")
    ).first()
    wants_time = disposition is not None and disposition.needs_time
    statuses = set(Intent.Status.values)
    return WrapUp(
        disposition=disposition,
        note=request.POST.get("note", "").replace("\x00", "")[:5000],
        again=_again(request, held) if wants_time else None,
        personal=request.POST.get("again_who") == "me",
        intents={
            int(name.removeprefix("intent_")): str(value)
            for name, value in request.POST.items()
            if name.startswith("intent_") and name[7:].isdecimal() and value in statuses
        },
    )


def _again(request: HttpRequest, held: Callback) -> Wish | None:
    day, hour = request.POST.get("again_day", ""), request.POST.get("again_time", "")
    if not day or not hour:
        return None
    try:
        wall = datetime.combine(date.fromisoformat(day), time.fromisoformat(hour))
    except ValueError as error:
        raise WrapUpError("again_time", "invalid", "Enter a day and a time") from error
    return Wish(wall, held.contact.zone or held.campaign.shown_zone)


@require_POST
@for_agents
def release(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Give the callback back without calling."""
    work: Claimed = access_work(agent, callback_id, version)
    try:
        actions.give_back(work)
    except WrapUpError as error:
        return _wrong(request, agent, error.field, str(error))
    except RefusedError as refusal:
        return show_desk(request, agent, problem=str(refusal), status=409)
    return show_desk(request, agent)
