"""Some three hundred customers with their numbers, and where we know their zones from."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from agentdesk.demo.names import name_in
from agentdesk.demo.numbers import number_in
from contacts.actions import dnc_hash
from contacts.models import Contact, ContactNumber, DoNotCall, PhoneNumber
from contacts.rules.phone import DialableNumber, LineType
from contacts.rules.timezones import ZoneSource, best_zones, zones_of_number

REGIONS = Counter(
    GB=112, IE=12, FR=18, DE=22, ES=14, PT=14, IT=10, NL=10, BE=6, SE=6, DK=5, NO=5, FI=4, AT=4,
    CH=6, US=26, CA=12, AU=14, NZ=6, PL=5, IN=4, SG=3, ZA=3, JP=3, BR=3,
)  # fmt: skip
HOME = {
    "GB": "Europe/London", "IE": "Europe/Dublin", "FR": "Europe/Paris", "DE": "Europe/Berlin",
    "ES": "Europe/Madrid", "PT": "Europe/Lisbon", "IT": "Europe/Rome", "NL": "Europe/Amsterdam",
    "BE": "Europe/Brussels", "SE": "Europe/Stockholm", "DK": "Europe/Copenhagen",
    "NO": "Europe/Oslo", "FI": "Europe/Helsinki", "AT": "Europe/Vienna", "CH": "Europe/Zurich",
    "AU": "Australia/Sydney", "NZ": "Pacific/Auckland", "IN": "Asia/Kolkata",
}  # fmt: skip
# Ships at sea: a satellite telephone tells no zone.
_AT_SEA = ("+881612345611", "+881612345638", "+881612345694")
_SAID, _ADDRESS, _BROWSER = 0.12, 0.2, 0.4
# The region in which some households share a telephone, and how many.
SHARING, _HOUSEHOLDS = "GB", 4


@dataclass(frozen=True, slots=True)
class Person:
    """A contact and the number that they are called on."""

    contact: Contact
    number: PhoneNumber

    @property
    def region(self) -> str:
        """Where the number belongs, which decides on quiet hours and currency."""
        return self.number.region


def load_people(luck: Random, now: datetime) -> list[Person]:
    """Create the customers; the last ones share their telephone with somebody else."""
    names: set[str] = set()
    taken: set[str] = set()
    regions = list(REGIONS.elements())
    luck.shuffle(regions)
    people = [
        _person(number_in(region, luck, taken), name_in(region, luck, names), luck)
        for region in regions
    ]
    people += [_at_sea(e164, name_in("GB", luck, names)) for e164 in _AT_SEA]
    people += [
        Person(_contact(name_in("GB", luck, names), _zones(other.number, luck)), other.number)
        for other in [one for one in people if one.region == SHARING][:_HOUSEHOLDS]
    ]
    _save(people)
    for person in people:
        person.contact.created_at = now - timedelta(days=luck.randint(30, 900))
    Contact.objects.bulk_update([person.contact for person in people], ["created_at"])
    return people


def _person(number: DialableNumber, name: str, luck: Random) -> Person:
    row = PhoneNumber(
        e164=number.e164,
        region=number.region,
        line_type=number.line_type,
        zones=list(zones_of_number(number.e164)),
        dnc_hash=dnc_hash(number.e164),
    )
    return Person(_contact(name, _zones(row, luck)), row)


def _at_sea(e164: str, name: str) -> Person:
    row = PhoneNumber(e164=e164, line_type=LineType.MOBILE, dnc_hash=dnc_hash(e164))
    return Person(_contact(name, ((), ZoneSource.UNKNOWN)), row)


def _contact(name: str, zones: tuple[tuple[str, ...], ZoneSource]) -> Contact:
    return Contact(name=name, zones=list(zones[0]), zone_source=zones[1])


def _zones(number: PhoneNumber, luck: Random) -> tuple[tuple[str, ...], ZoneSource]:
    """Candidates as the product finds them, the one where most people live shown first."""
    home = HOME.get(number.region, "")
    told = home or (number.zones[0] if len(number.zones) == 1 else "")
    chance = luck.random()
    zones, source = best_zones(
        said=told if chance < _SAID else "",
        address=told if _SAID <= chance < _ADDRESS else "",
        browser=told if _ADDRESS <= chance < _BROWSER else "",
        number=number.zones,
    )
    return tuple(sorted(zones, key=lambda zone: zone != home)), source


def _save(people: list[Person]) -> None:
    numbers = {id(person.number): person.number for person in people}
    PhoneNumber.objects.bulk_create(numbers.values())
    Contact.objects.bulk_create([person.contact for person in people])
    ContactNumber.objects.bulk_create(
        ContactNumber(contact=person.contact, number=person.number) for person in people
    )


def forbid(person: Person, *, reason: str) -> None:
    """Put a person's number on the do-not-call list, for every campaign."""
    DoNotCall.objects.create(number_hash=person.number.dnc_hash, reason=reason)
