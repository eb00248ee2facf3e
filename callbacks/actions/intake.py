"""A customer asks to be called, moves the call, or withdraws (RULES 1, 5)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from callbacks import cases, notices, queries, queue
from callbacks.actions.windows import roll_contact
from callbacks.models import Callback, IntakeRequest
from callbacks.queue import Actor
from callbacks.rules.dedup import fingerprint, merged_text, same_person
from callbacks.rules.states import ACTIVE, Event, State
from campaigns.models import Campaign
from campaigns.queries import OfCampaign, Whom, rule_book
from campaigns.rules.hours import ALWAYS, Timetable
from campaigns.rules.windows import Window, callable_span
from contacts import clock
from contacts.actions import contact_at, lock_number
from contacts.models import Contact, DoNotCall, PhoneNumber
from contacts.rules.phone import DialableNumber
from contacts.rules.timezones import instant_said

FURTHEST = timedelta(days=14)
_NEVER_QUIET = Timetable((), default=ALWAYS)


class IntakeRefusedError(Exception):
    """The request cannot be taken. ``field`` says which input it concerns, ``code`` is stable."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Wish:
    """The wall-clock time that the customer named, in the zone they saw named with it."""

    wall: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asks for. Without a wish: as soon as possible.

    ``shown_zone`` is the one that the form named; it counts only where nothing else is known.
    ``asked_in_id`` is the attempt in whose very call it was asked for.
    """

    campaign: Campaign
    number: DialableNumber
    key: UUID
    name: str = ""
    about: str = ""
    wish: Wish | None = None
    said_zone: str = ""
    browser_zone: str = ""
    shown_zone: str = ""
    asked_in_id: int | None = None

    def fingerprint(self) -> str:
        """Equal for the same request sent twice."""
        return fingerprint(
            {"campaign": self.campaign.slug, "number": self.number.e164, "name": self.name,
             "about": self.about, "wish": self.wish}
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Receipt:
    """The callback that a request led to; ``merged`` when the contact had a live one already."""

    callback: Callback
    merged: bool


@transaction.atomic
def request_callback(request: Request, *, actor: Actor = queue.CUSTOMER) -> Receipt:
    """Promise a call, once: a repeated key answers the same receipt, a live callback is merged.

    Raises IntakeRefusedError with the codes ``intake_closed``, ``repeated``, ``do_not_call``,
    ``past``, ``too_far``, ``closed`` and NonexistentTimeError; then nothing has changed.
    """
    entry = _entry(request)
    if entry.callback is not None:
        return Receipt(entry.callback, entry.merged)
    if not request.campaign.takes_requests:
        raise IntakeRefusedError("", "intake_closed", "We are not taking requests at the moment")
    now = clock.now()
    number = lock_number(request.number)
    if _listed(number, request.campaign):
        raise IntakeRefusedError("phone", "do_not_call", "We were asked not to call this number")
    contact = _contact(request, number)
    promise = _promise(request, contact, number, now)
    receipt = _enter_or_merge(request, contact, number, promise, now, actor)
    entry.callback, entry.merged = receipt.callback, receipt.merged
    entry.save(update_fields=["callback", "merged"])
    notices.knock()
    notices.tell_queue()
    return receipt


def _entry(request: Request) -> IntakeRequest:
    """The request's own row, locked. Raises when its key came with another content before."""
    digest = request.fingerprint()
    IntakeRequest.objects.bulk_create(
        [IntakeRequest(key=request.key, fingerprint=digest)], ignore_conflicts=True
    )
    entry = IntakeRequest.objects.select_for_update().get(key=request.key)
    if entry.fingerprint != digest:
        raise IntakeRefusedError(
            "", "repeated", "This form was sent before with other answers. Start again to ask anew"
        )
    return entry


def _listed(number: PhoneNumber, campaign: Campaign) -> bool:
    return DoNotCall.objects.filter(
        number_hash=number.dnc_hash, scope__in=["", campaign.slug]
    ).exists()


def _contact(request: Request, number: PhoneNumber) -> Contact:
    """The contact with this number who may be this person, one with a live callback first."""
    known = [
        contact
        for contact in number.contacts.order_by("-id")
        if same_person(contact.name, request.name)
    ]
    live = queries.active_of(known, request.campaign.pk)
    before = {contact.pk: list(contact.zones) for contact in known}
    contact = contact_at(
        number,
        candidates=sorted(known, key=lambda contact: contact.pk not in live),
        name=request.name,
        said=request.said_zone,
        browser=request.browser_zone or ("" if number.zones else request.shown_zone),
    )
    if before.get(contact.pk, contact.zones) != contact.zones:
        cases.lock_of_contact(contact.pk, request.campaign.pk)
        roll_contact(contact.pk, "The contact's zone changed")
    return contact


def _promise(
    request: Request, contact: Contact, number: PhoneNumber, now: datetime
) -> dict[str, Any]:
    """The columns of the promise: what is due, and when the machine may dial for it."""
    campaign = request.campaign
    whom = Whom(str(number.e164), number.region, tuple(contact.zones), contact.place)
    window = rule_book().window(OfCampaign.row(campaign), whom)
    if request.wish is None:
        return _soon(campaign, open_to_customers(campaign, window), now)
    due_at = time_wished(campaign, window, request.wish, now)
    span = callable_span(window, due_at, campaign.lead, now)
    promised_until = due_at + timedelta(minutes=campaign.window_minutes)
    outside = campaign.honours_own_time and window.span_at(due_at) is None
    return {
        "due_at": due_at,
        "callable_from": due_at - campaign.lead if outside or not span else span.start,
        "callable_until": promised_until if outside or not span else span.end,
        "promised_from": due_at,
        "promised_until": promised_until,
        "own_time": True,
        "said_wall": request.wish.wall.isoformat(timespec="minutes"),
        "said_zone": request.wish.zone,
    }


def _soon(campaign: Campaign, window: Window, now: datetime) -> dict[str, Any]:
    span = window.next_span(now)
    if span is None or span.start > now:
        raise IntakeRefusedError("when", "closed", "We are closed now. Choose a time")
    wait = queries.wait_for(campaign, now)
    if not wait.within_limit:
        raise IntakeRefusedError("when", "too_long", "The line is too long now. Choose a time")
    latest = now + timedelta(minutes=wait.high)
    return {
        "due_at": latest,
        "callable_from": now,
        "callable_until": span.end,
        "promised_from": now,
        "promised_until": latest,
        "own_time": True,
        "said_wall": "",
        "said_zone": "",
    }


def open_to_customers(campaign: Campaign, window: Window) -> Window:
    """The window that a customer may choose a time in: campaign hours, without the quiet hours
    where the campaign honours the customer's own choice."""
    return replace(window, quiet=_NEVER_QUIET) if campaign.honours_own_time else window


def time_wished(campaign: Campaign, window: Window, wish: Wish, now: datetime) -> datetime:
    """The instant of a wish. Raises IntakeRefusedError or NonexistentTimeError."""
    due_at = instant_said(wish.wall, wish.zone)
    if due_at < now:
        raise IntakeRefusedError("slot", "past", "This time has passed. Choose a later one")
    if due_at > now + FURTHEST:
        raise IntakeRefusedError("slot", "too_far", "Choose a time within the next 14 days")
    if open_to_customers(campaign, window).span_at(due_at) is None:
        raise IntakeRefusedError("slot", "closed", "We are closed at this time. Choose another one")
    return due_at


def _enter_or_merge(
    request: Request,
    contact: Contact,
    number: PhoneNumber,
    promise: dict[str, Any],
    now: datetime,
    actor: Actor,
) -> Receipt:
    callback = Callback(
        contact=contact, number=number, campaign=request.campaign, about=request.about,
        counts_from=now, asked_in_id=request.asked_in_id, **promise,
    )  # fmt: skip
    while not queue.enter(callback, actor=actor, data={"about": request.about}):
        live = (
            Callback.objects.select_for_update(no_key=True)
            .filter(contact=contact, campaign=request.campaign, state__in=ACTIVE)
            .first()
        )
        if live is not None:  # it may have ended since: then there is room for a new one
            return _merge(live, request, number, promise, actor)
    return Receipt(callback, merged=False)


def _merge(
    live: Callback, request: Request, number: PhoneNumber, promise: dict[str, Any], actor: Actor
) -> Receipt:
    """Append to the live callback; a named time replaces the earlier one, the place stays."""
    changes: dict[str, Any] = {
        "about": merged_text(live.about, request.about),
        "number_id": number.pk,
    }
    renamed = request.wish is not None and live.state != State.WORKING
    data: dict[str, Any] = {"about": request.about, "named_time": renamed}
    if request.wish is not None and not renamed:  # Done will keep it
        data["wish"] = {"promise": promise, "asked_in": request.asked_in_id}
    if renamed:
        changes |= {**promise, "priority": queue.ordinary(live.priority)}
    if renamed and live.state == State.OFFERED:
        queue.move(live.pk, Event.WITHDRAW, actor=actor, reason="The customer named another time")
        notices.tell_agent(live.agent_id, "withdrawn", why="The customer named another time")
    queue.move(
        live.pk,
        Event.MERGE,
        actor=actor,
        data=data,
        changes=changes,
    )
    notices.tell_agent(live.agent_id, "context")
    return Receipt(Callback.objects.get(pk=live.pk), merged=True)


@transaction.atomic
def withdraw_request(callback_id: int) -> bool:
    """The customer cancels. True: cancelled. False: an agent is on it and has been told.

    Raises RefusedError when the callback has ended already.
    """
    callback = Callback.objects.select_for_update(no_key=True).get(pk=callback_id)
    if callback.state == State.WORKING:
        queue.move(
            callback_id,
            Event.CANCEL_ASKED,
            actor=queue.CUSTOMER,
            reason="The customer asked to cancel",
            changes={"cancel_asked_at": clock.now()},
        )
        notices.tell_agent(callback.agent_id, "cancel_asked")
        return False
    held = queue.move(
        callback_id, Event.CANCEL, actor=queue.CUSTOMER, reason="Cancelled by the customer"
    )
    notices.tell_agent(held.agent_id, "withdrawn", why="The customer cancelled")
    notices.tell_queue()
    return True
