"""The import itself: contacts a thousand at a time, callbacks one by one through their action."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid5

from django.db import transaction

from callbacks import cases, notices
from callbacks.actions.intake import IntakeRefusedError, Request, Wish, request_callback
from callbacks.actions.windows import roll
from callbacks.exchange.check import COLUMN_OF, heading, refuse
from callbacks.exchange.models import ExchangeJob, ExchangeLine
from callbacks.exchange.people import meant
from callbacks.models import Callback
from callbacks.queue import Actor
from callbacks.rules.states import State
from campaigns.models import Campaign
from contacts.bulk import (
    add_contacts,
    bring_up,
    contacts_at,
    lock_numbers,
    save_contacts,
    zone_of,
)
from contacts.models import Contact
from contacts.rules.phone import DialableNumber, LineType
from contacts.rules.timezones import NonexistentTimeError

# A callback commits by itself: in a longer transaction it would hold rows that agents wait for,
# and wait for rows that they hold.
CHUNK = {ExchangeJob.Kind.CONTACTS: 1000, ExchangeJob.Kind.CALLBACKS: 1}
Outcome = ExchangeLine.Outcome


def write_chunk(job: ExchangeJob) -> bool:
    """Import the next lines. Whether it was a whole chunk, so that more may follow."""
    size = CHUNK[ExchangeJob.Kind(job.kind)]
    lines = list(job.lines.filter(outcome__in=ExchangeLine.OPEN).order_by("line")[:size])
    if job.kind == ExchangeJob.Kind.CONTACTS:
        _contacts(lines, Actor("supervisor", job.by_id))
    else:
        for line in lines:
            _callback(job, line)
    for outcome in (Outcome.ADDED, Outcome.MERGED):
        done = [line.pk for line in lines if line.outcome == outcome]
        if done:  # what a line said is where it belongs now
            job.lines.filter(pk__in=done).update(outcome=outcome, e164="", said={}, cells=[])
    job.added += sum(line.outcome == Outcome.ADDED for line in lines)
    job.merged += sum(line.outcome == Outcome.MERGED for line in lines)
    job.refused += sum(line.outcome == Outcome.REFUSED for line in lines)
    return len(lines) == size


def _number(line: ExchangeLine) -> DialableNumber:
    return DialableNumber(line.e164, line.said["region"], LineType(line.said["line_type"]))


def _contacts(lines: Sequence[ExchangeLine], actor: Actor) -> None:
    """Add whom we do not know, and fill in what we do not know of the others."""
    numbers = lock_numbers([_number(line) for line in lines])
    known = contacts_at(numbers, lock=True)
    new: dict[int, Contact] = {}
    at = {}
    changed: dict[int, Contact] = {}
    moved: set[int] = set()
    for line in lines:
        said, number = line.said, numbers[line.e164]
        people = known.setdefault(line.e164, [])
        contact = meant(people, said["name"])
        line.outcome = Outcome.MERGED if contact else Outcome.ADDED
        if contact is None:
            zones, source = zone_of(said["zone"], number.zones)
            contact = Contact(
                name=said["name"], zones=zones, zone_source=source, place=said["place"]
            )
            people.insert(0, contact)
            new[id(contact)], at[id(contact)] = contact, number
            continue
        became = bring_up(
            contact, name=said["name"], zone=said["zone"], place=said["place"], number=number
        )
        if contact.pk is not None and became.changed:
            changed[contact.pk] = contact
            moved |= {contact.pk} if became.moved else set()
    add_contacts([(contact, at[key]) for key, contact in new.items()])
    save_contacts(changed)
    _roll(moved, actor)


def _roll(contact_ids: set[int], actor: Actor) -> None:
    """What waits for people who are elsewhere than we knew comes into line."""
    if not contact_ids:
        return
    waiting = Callback.objects.filter(contact_id__in=contact_ids, state=State.SCHEDULED)
    found = cases.lock(waiting.values_list("pk", flat=True), [State.SCHEDULED])
    if roll(found, "The contact's zone changed", actor=actor):
        notices.tell_queue()


def _callback(job: ExchangeJob, line: ExchangeLine) -> None:
    """Ask for the callback of a line, under a key of its own: asked for twice it is made once."""
    try:
        with transaction.atomic():
            receipt = request_callback(_request(job, line), actor=Actor("supervisor", job.by_id))
    except (IntakeRefusedError, NonexistentTimeError, Campaign.DoesNotExist) as error:
        field = error.field if isinstance(error, IntakeRefusedError) else "slot"
        code = error.code if isinstance(error, IntakeRefusedError) else "nonexistent"
        if isinstance(error, Campaign.DoesNotExist):
            field, code = "", "unknown"
        refuse(line, heading(job, COLUMN_OF[field]), code, str(error))
        line.save()
    else:
        line.outcome = Outcome.MERGED if receipt.merged else Outcome.ADDED


def _request(job: ExchangeJob, line: ExchangeLine) -> Request:
    said = line.said
    zone = said["zone"] or job.zone
    return Request(
        campaign=Campaign.objects.get(pk=said["campaign_id"]),
        number=_number(line),
        key=uuid5(job.key, str(line.line)),
        name=said["name"],
        about=said["about"],
        wish=Wish(datetime.fromisoformat(said["when"]), zone),
        browser_zone=said["zone"],
        shown_zone=zone,
    )
