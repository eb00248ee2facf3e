"""What a supervisor can do with callbacks: one row for each action, its words, and its doing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms

from agentdesk.forms import (
    ActForm,
    AgentForm,
    CallNowForm,
    DoNotCallForm,
    ReassignForm,
    RescheduleForm,
    UndoForm,
    ZoneForm,
)
from callbacks.actions import dnc, inbound, line, manage, undo
from callbacks.models import Callback
from callbacks.queue import Actor
from callbacks.rules import words
from callbacks.rules.states import Event, State
from contacts.rules.timezones import city


@dataclass(frozen=True, slots=True)
class Told:
    """What the words about a finished action can draw on: the callback is as it is afterwards."""

    callback: Callback
    form: Any
    answer: Any
    zone: str
    now: datetime

    @property
    def name(self) -> str:
        """Whom it is about."""
        return str(self.callback.contact)

    @property
    def due(self) -> str:
        """``tomorrow 09:12, 08:12 in London``: their clock where it differs from the viewer's."""
        due_at, there = self.callback.due_at, self.callback.contact.zone
        when = words.day_and_time(due_at, self.zone, self.now)
        if not there or words.day_and_time(due_at, there, self.now) == when:
            return when
        return f"{when}, {words.beside(due_at, there, self.zone)}"


@dataclass(frozen=True, slots=True)
class Verb:
    """An action. ``fields`` says beside which input a refusal with that code is shown;
    ``undo_for`` how long it can be taken back, as its report offers."""

    name: str
    title: str
    icon: str
    act: Callable[[Callback, Any, Actor], Any]
    done: Callable[[Told], str]
    several: str
    form: type[ActForm] = ActForm
    key: str = ""
    kind: str = ""
    in_menu: str = ""
    only_one: bool = False
    undo_for: timedelta | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """The name of its address."""
        return f"queue-{self.name}"

    @property
    def asks(self) -> bool:
        """Whether something has to be said before it is done."""
        fields = self.form.base_fields.values()
        return not all(isinstance(one.widget, forms.HiddenInput) for one in fields)

    @property
    def undone_at_once(self) -> bool:
        """Whether it can be taken back for seconds, by whoever did it."""
        return self.undo_for == undo.SHOWN


def _call_now(callback: Callback, form: Any, actor: Actor) -> None:
    line.call_now(callback.pk, agent_id=form.cleaned_data["agent"], actor=actor)


def _reschedule(callback: Callback, form: Any, actor: Actor) -> None:
    manage.reschedule(callback.pk, to=form.wish(callback), actor=actor)


def _skip(callback: Callback, form: Any, actor: Actor) -> State:
    return manage.skip(callback.pk, actor=actor)


def _reassign(callback: Callback, form: Any, actor: Actor) -> None:
    line.reassign(callback.pk, agent_id=form.cleaned_data["agent"], actor=actor)


def _complete(callback: Callback, form: Any, actor: Actor) -> None:
    manage.complete(callback.pk, reason="Marked complete by a supervisor", actor=actor)


def _cancel(callback: Callback, form: Any, actor: Actor) -> None:
    manage.cancel(callback.pk, reason="Cancelled by a supervisor", actor=actor)


def _bump(*, up: bool) -> Callable[[Callback, Any, Actor], None]:
    return lambda callback, form, actor: line.bump(callback.pk, up=up, actor=actor)


def _customer_called(callback: Callback, form: Any, actor: Actor) -> None:
    inbound.customer_called_about(callback.pk, actor=actor)


def _undo(callback: Callback, form: Any, actor: Actor) -> Event:
    """By the event that the page names; where it names none it is about "customer called"."""
    event_id = form.event_of(callback)
    if event_id is not None:
        return undo.undo(callback.pk, event_id=event_id, actor=actor)
    inbound.undo_customer_called(callback.pk, actor=actor)
    return Event.REOPEN


def _choose_zone(callback: Callback, form: Any, actor: Actor) -> None:
    manage.choose_zone(callback.pk, zone=form.cleaned_data["zone"], actor=actor)


def _do_not_call(callback: Callback, form: Any, actor: Actor) -> int:
    fields = form.cleaned_data
    here = fields["scope"] == DoNotCallForm.CAMPAIGN
    return dnc.forbid_calls(
        callback.number,
        reason=fields["reason"],
        actor=actor,
        source="supervisor",
        campaign=callback.campaign if here else None,
    )


def _agent(told: Told, nobody: str) -> str:
    form: AgentForm = told.form
    return form.agents.get(str(form.cleaned_data["agent"]), nobody)


def _skipped(told: Told) -> str:
    if told.answer is State.EXHAUSTED:
        return f"Skipped {told.name}: it was the last retry"
    return f"Skipped {told.name} to {told.due}"


def _bumped(way: str) -> Callable[[Told], str]:
    return lambda told: f"Moved {told.name} {way}: now {_place(told.callback.priority)}"


def _place(priority: int) -> str:
    if not priority:
        return "in the middle of the line"
    steps = "step" if abs(priority) == 1 else "steps"
    return f"{abs(priority)} {steps} {'up' if priority > 0 else 'down'}"


def _undone(told: Told) -> str:
    if told.answer is Event.BUMP:
        return f"Undone: {told.name} is {_place(told.callback.priority)}"
    if told.answer is Event.REASSIGN:
        return f"Undone: {told.name} waits for {told.callback.reserved_for or 'anybody'}"
    return f"Undone: {told.name} waits again, {told.due}"


def _forbidden(told: Told) -> str:
    campaign = told.form.cleaned_data["scope"] == DoNotCallForm.CAMPAIGN
    where = f"for {told.callback.campaign}" if campaign else "everywhere"
    count = f"{told.answer} callback{'' if told.answer == 1 else 's'} cancelled"
    return f"{told.name} must not be called any more {where}: {count}"


VERBS = (
    Verb(
        "call-now", "Call now", "phone", _call_now,
        lambda told: f"{told.name} is next for {_agent(told, 'whoever is free first')}",
        "Calling {} of {} next", CallNowForm, key="n", fields=(("agent", "agent"),),
        undo_for=undo.SHOWN,
    ),
    Verb(
        "reschedule", "Reschedule", "calendar", _reschedule,
        lambda told: f"Moved {told.name} to {told.due}",
        "Rescheduled {} of {}", RescheduleForm, key="t",
        fields=(("past", "time"), ("closed", "time"), ("nonexistent", "time")),
        undo_for=undo.SHOWN,
    ),
    Verb(
        "skip", "Skip", "skip", _skip, _skipped, "Skipped {} of {}", key="s",
        in_menu="Skip this retry", undo_for=undo.SHOWN,
    ),
    Verb(
        "reassign", "Reassign", "user", _reassign,
        lambda told: f"{told.name} waits for {_agent(told, 'anybody')}",
        "Reassigned {} of {}", ReassignForm, key="o", fields=(("agent", "agent"),),
        undo_for=undo.SHOWN,
    ),
    Verb(
        "complete", "Mark complete", "check", _complete,
        lambda told: f"Marked {told.name} complete", "Marked {} of {} complete", key="d",
        undo_for=undo.SHOWN,
    ),
    Verb(
        "bump-up", "Bump up", "up", _bump(up=True), _bumped("up"), "Moved {} of {} up",
        undo_for=undo.SHOWN,
    ),
    Verb(
        "bump-down", "Bump down", "down", _bump(up=False), _bumped("down"), "Moved {} of {} down",
        undo_for=undo.SHOWN,
    ),
    Verb(
        "customer-called", "Customer called", "phone-in", _customer_called,
        lambda told: f"Closed {told.name}: the customer called. Undo within 10 min",
        "Closed {} of {}: the customer called", undo_for=inbound.UNDO,
    ),
    Verb(
        "cancel", "Cancel callbacks", "x", _cancel,
        lambda told: f"Cancelled {told.name} with all retries", "Cancelled {} of {}",
        kind="danger", in_menu="Cancel all retries", undo_for=undo.SHOWN,
    ),
    Verb(
        "undo", "Undo", "undo", _undo, _undone, "Undone: {} of {}", UndoForm, key="z",
    ),
    Verb(
        "zone", "Set the zone", "globe", _choose_zone,
        lambda told: f"{told.name} is in {city(told.callback.contact.zone)} now",
        "Zone set for {} of {}", ZoneForm, only_one=True,
        fields=(("zone", "zone"), ("known", "zone")),
    ),
    Verb(
        "do-not-call", "Do not call again", "phone-off", _do_not_call, _forbidden,
        "{} of {} must not be called", DoNotCallForm, kind="danger", only_one=True,
    ),
)  # fmt: skip
BY_NAME = {verb.name: verb for verb in VERBS}
BULK = tuple(
    BY_NAME[name] for name in ("call-now", "reschedule", "skip", "reassign", "complete", "cancel")
)
MENU = tuple(
    tuple(BY_NAME[name] for name in names)
    for names in (
        ("call-now", "reschedule", "skip", "reassign", "complete"),
        ("bump-up", "bump-down", "customer-called"),
        ("cancel",),
    )
)
