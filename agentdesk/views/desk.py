"""The agent's desk: the page, its fragments, and the agent's own state."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import reswap, retarget

from agentdesk import actions
from agentdesk.access import access_desk, access_held
from agentdesk.models import Agent
from agentdesk.panes import desk_of
from callbacks.actions import offers
from callbacks.rules.states import RefusedError, State

AgentView = Callable[Concatenate[HttpRequest, Agent, ...], HttpResponse]


def for_agents(view: AgentView) -> Callable[..., HttpResponse]:
    """Only for the agent at their own desk; the view is given the agent."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: object) -> HttpResponse:
        agent = access_desk(request.user)
        actions.note_seen(agent.pk)
        return view(request, agent, **kwargs)

    return never_cache(login_required(checked))


def show_desk(
    request: HttpRequest, agent: Agent, *, problem: str = "", status: int = 200
) -> HttpResponse:
    """The whole desk as it is now, with what went wrong said where the eye is."""
    agent.refresh_from_db()
    desk = desk_of(agent, problem=problem)
    template = "desk/desk.html#desk" if request.htmx else "desk/desk.html"  # type: ignore[attr-defined]
    response = render(request, template, {"desk": desk}, status=status)
    if request.htmx and request.htmx.target != "desk":  # type: ignore[attr-defined]
        return reswap(retarget(response, "#desk"), "innerHTML")
    return response


@require_GET
@for_agents
def desk(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The page, or its lively part for htmx; nothing while the work on the screen still stands."""
    if request.GET.get("shown") and request.GET["shown"] == desk_of(agent).shown:
        return HttpResponse(status=204)
    return show_desk(request, agent)


@require_POST
@for_agents
def presence(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Ready, or Not Ready with a reason; work on the screen stays as it is, with its note."""
    if request.POST.get("to") == "ready":
        actions.set_ready(agent.pk)
    else:
        reason = request.POST.get("reason", "")
        actions.set_not_ready(
            [agent.pk], reason=reason if reason in actions.NOT_READY_REASONS else ""
        )
    held = access_held(agent)
    if held is None or held.state != State.WORKING:
        return show_desk(request, agent)
    agent.refresh_from_db()
    response = render(request, "desk/presence.html", {"desk": desk_of(agent)})
    return reswap(retarget(response, "#presence"), "outerHTML")


@require_POST
@for_agents
def extend(request: HttpRequest, agent: Agent) -> HttpResponse:
    """More time for after-call work."""
    actions.extend_wrap_up(agent.pk)
    return show_desk(request, agent)


@require_POST
@for_agents
def accept(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Take the offer; taken or expired is said in its place."""
    try:
        offers.accept_offer(callback_id=callback_id, agent_id=agent.pk, version=version)
    except RefusedError as refusal:
        return show_desk(request, agent, problem=_gone(refusal), status=409)
    return show_desk(request, agent)


@require_POST
@for_agents
def reject(request: HttpRequest, agent: Agent, callback_id: int, version: int) -> HttpResponse:
    """Back to the queue with a reason, without penalty."""
    reason = request.POST.get("reason", "not_now")
    if reason not in offers.REJECT_REASONS:
        return show_desk(request, agent, problem="Choose one of the three reasons", status=422)
    try:
        offers.reject_offer(
            callback_id=callback_id, agent_id=agent.pk, version=version, reason=reason
        )
    except RefusedError as refusal:
        return show_desk(request, agent, problem=_gone(refusal), status=409)
    return show_desk(request, agent)


def _gone(refusal: RefusedError) -> str:
    """Why an offer is gone, in the agent's words."""
    if refusal.code in ("holder", "stale"):
        return "Taken. Another agent has this callback now."
    if refusal.state is None:
        return "This callback does not exist any more."
    return f"Expired. This callback is {refusal.state.value} now."
