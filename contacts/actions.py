"""Changes to what we know of people. Each runs inside the caller's transaction."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from contacts.models import Contact, ContactNumber, DoNotCall, PhoneNumber
from contacts.rules.phone import DialableNumber
from contacts.rules.timezones import ZoneSource, best_zones, is_zone, rank, zones_of_number

_CALLBACK_NOTE = """
INSERT INTO interaction (contact_id, channel, at, subject, summary, with_whom, seconds)
VALUES (%s, 'callback', %s, %s, %s, %s, %s)
"""


def dnc_hash(e164: str) -> str:
    """The keyed hash under which a number stands on the do-not-call list."""
    return salted_hmac(
        "ringback.dnc", e164, secret=settings.DNC_KEY, algorithm="sha256"
    ).hexdigest()


@transaction.atomic
def lock_number(number: DialableNumber) -> PhoneNumber:
    """The row of a number, created when new, locked until the transaction ends.

    Whatever happens to one number happens in one order because it takes this lock first.
    """
    fields = {
        "region": number.region,
        "line_type": number.line_type,
        "zones": list(zones_of_number(number.e164)),
        "dnc_hash": dnc_hash(number.e164),
    }
    PhoneNumber.objects.bulk_create(
        [PhoneNumber(e164=number.e164, **fields)], ignore_conflicts=True
    )
    return PhoneNumber.objects.select_for_update(no_key=True).get(e164=number.e164)


def contact_at(
    number: PhoneNumber, *, candidates: list[Contact], name: str, said: str, browser: str
) -> Contact:
    """The contact to use for a number: the given candidate, or a new one; its zone brought up.

    ``candidates`` are those that may be this person, best first; the number's row is locked.
    """
    contact = candidates[0] if candidates else Contact()
    contact.name = contact.name or name
    zones, source = best_zones(said=said, browser=browser, number=number.zones)
    if rank(source) <= rank(contact.zone_source or ZoneSource.UNKNOWN):
        contact.zones, contact.zone_source = list(zones), source
    contact.save()
    ContactNumber.objects.get_or_create(contact=contact, number=number)
    return contact


def list_do_not_call(
    number: PhoneNumber, *, scope: str = "", reason: str, source: str = ""
) -> DoNotCall:
    """Put a number on the do-not-call list, everywhere or for the campaign with that slug."""
    entry, _ = DoNotCall.objects.get_or_create(
        number_hash=number.dnc_hash,
        scope=scope,
        defaults={"reason": reason[:200], "source": source},
    )
    return entry


_LIST = """
INSERT INTO do_not_call (number_hash, scope, reason, source, created_at)
SELECT number_hash, scope, left(reason, 200), %(source)s::text, now()
FROM jsonb_to_recordset(%(entries)s::jsonb)
  AS asked(number_hash text, scope text, reason text, place int)
ORDER BY number_hash, scope, place
ON CONFLICT DO NOTHING RETURNING number_hash, scope
"""


def list_hashes(entries: Sequence[tuple[str, str, str]], *, source: str) -> set[tuple[str, str]]:
    """Put hashes on the do-not-call list, each with its scope and reason.

    Returns those that were not there before, as hash and scope. Whoever adds many takes them in
    one order, so that nobody waits in a circle.
    """
    asked = [
        {"number_hash": number_hash, "scope": scope, "reason": reason, "place": place}
        for place, (number_hash, scope, reason) in enumerate(entries)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LIST, {"entries": json.dumps(asked), "source": source})
        return set(cursor.fetchall())


def note_callback(
    contact_id: int,
    *,
    at: datetime,
    subject: str,
    summary: str,
    with_whom: str,
    seconds: int | None,
) -> None:
    """Add a callback to the contact's history; ``seconds`` were talked, None when nobody answered.

    Written without a model, which would be a fifth of the time that Done takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CALLBACK_NOTE, [contact_id, at, subject, summary, with_whom, seconds])


def choose_zone(contact_id: int, zone: str) -> bool:
    """A supervisor says where the contact is. What the customer said themselves stands above it.

    False, and nothing changed, where they did. Raises ValueError when there is no such zone.
    """
    if not is_zone(zone):
        raise ValueError(f"There is no zone {zone}")
    said = (ZoneSource.SAID, ZoneSource.ADDRESS)
    unsaid = Contact.objects.filter(pk=contact_id).exclude(zone_source__in=said)
    return bool(unsaid.update(zones=[zone], zone_source=ZoneSource.SUPERVISOR))
