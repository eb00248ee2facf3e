"""Many people at once. Each runs inside the caller's transaction."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F

from contacts.actions import dnc_hash
from contacts.models import Contact, ContactNumber, PhoneNumber
from contacts.rules.phone import DialableNumber
from contacts.rules.timezones import ZoneSource, best_zones, rank, zones_of_number


def lock_numbers(numbers: Collection[DialableNumber]) -> dict[str, PhoneNumber]:
    """The rows of many numbers by E.164, created when new, locked until the transaction ends.

    New ones are written in the order of the numbers, all are locked in the order of their ids:
    whoever takes many takes them like this, so that nobody waits in a circle.
    """
    wanted = {number.e164: number for number in numbers}
    known = set(PhoneNumber.objects.filter(e164__in=wanted).values_list("e164", flat=True))
    new = sorted(set(wanted) - {str(e164) for e164 in known})
    PhoneNumber.objects.bulk_create(
        [
            PhoneNumber(
                e164=e164,
                region=wanted[e164].region,
                line_type=wanted[e164].line_type,
                zones=list(zones_of_number(e164)),
                dnc_hash=dnc_hash(e164),
            )
            for e164 in new
        ],
        ignore_conflicts=True,
    )
    locked = PhoneNumber.objects.select_for_update(no_key=True).filter(e164__in=wanted)
    return {str(number.e164): number for number in locked.order_by("pk")}


def contacts_at(e164s: Iterable[str], *, lock: bool = False) -> dict[str, list[Contact]]:
    """The contacts at each of the numbers, the newest first, as a single request finds them."""
    found: dict[str, list[Contact]] = {}
    links = ContactNumber.objects.filter(number__e164__in=list(e164s))
    pairs = list(links.values_list("contact_id", F("number__e164")))
    contacts = Contact.objects.filter(pk__in={contact_id for contact_id, _ in pairs})
    if lock:
        contacts = contacts.select_for_update(no_key=True).order_by("pk")
    by_id = {contact.pk: contact for contact in contacts}
    for contact_id, e164 in sorted(pairs, key=lambda pair: -pair[0]):
        found.setdefault(str(e164), []).append(by_id[contact_id])
    return found


def zone_of(zone: str, number: Iterable[str]) -> tuple[list[str], str]:
    """Candidate zones and their source, where a supervisor may have named one."""
    if zone:
        return [zone], ZoneSource.SUPERVISOR
    zones, source = best_zones(number=tuple(number))
    return list(zones), source


@dataclass(frozen=True, slots=True)
class BroughtUp:
    """What filling in did: ``changed`` anything, ``moved`` what decides when we may call."""

    changed: bool
    moved: bool


def bring_up(
    contact: Contact, *, name: str, zone: str, place: str, number: PhoneNumber
) -> BroughtUp:
    """Fill in what is not known of the contact; nothing is stored."""
    named, where = contact.name, (list(contact.zones), contact.place)
    source_before = contact.zone_source
    contact.name = contact.name or name
    contact.place = contact.place or place
    zones, source = zone_of(zone, number.zones)
    if rank(source) <= rank(source_before or ZoneSource.UNKNOWN):
        contact.zones, contact.zone_source = zones, source
    moved = where != (list(contact.zones), contact.place)
    said = (named, source_before) != (contact.name, contact.zone_source)
    return BroughtUp(changed=moved or said, moved=moved)


def add_contacts(new: list[tuple[Contact, PhoneNumber]]) -> None:
    """Store new contacts, each at its number."""
    Contact.objects.bulk_create([contact for contact, _ in new])
    ContactNumber.objects.bulk_create(
        [ContactNumber(contact=contact, number=number) for contact, number in new]
    )


def save_contacts(changed: Mapping[int, Contact]) -> None:
    """Store what was brought up, in the order of the ids."""
    fields = ["name", "zones", "zone_source", "place"]
    Contact.objects.bulk_update([changed[pk] for pk in sorted(changed)], fields)
