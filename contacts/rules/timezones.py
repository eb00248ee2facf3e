"""What time is it where the contact is, and which instant did somebody mean? (RULES 4, "Zone")."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from phonenumbers import NumberParseException
from phonenumbers.timezone import time_zones_for_number


class ZoneSource(StrEnum):
    """Who told us the contact's zone; the earlier in this list, the more it counts."""

    SAID = "said"
    ADDRESS = "address"
    SUPERVISOR = "supervisor"
    BROWSER = "browser"
    NUMBER = "number"
    UNKNOWN = "unknown"


class NonexistentTimeError(ValueError):
    """The wall clock in that zone jumps over the time: the clocks go forward."""


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Whether ``name`` is an IANA zone that this machine knows."""
    return name in _known()


@lru_cache(maxsize=1)
def known_zones() -> tuple[str, ...]:
    """Every place that a zone is named after, by name: to choose from."""
    return tuple(sorted(name for name in _known() if "/" in name and not name.startswith("Etc/")))


@lru_cache(maxsize=4096)
def zones_of_number(e164: str) -> tuple[str, ...]:
    """All zones that the number could be in; empty when its prefix says nothing.

    Those of the number's own country come first, its most populous zone leading.
    """
    try:
        number = phonenumbers.parse(e164)
        names = time_zones_for_number(number)
    except NumberParseException:
        return ()
    own = zones_of_country(phonenumbers.region_code_for_number(number) or "")
    known = [name for name in names if is_zone(name)]
    return tuple(sorted(known, key=lambda name: own.index(name) if name in own else len(own)))


@lru_cache(maxsize=256)
def zones_of_country(region: str) -> tuple[str, ...]:
    """The zones of a country, by its ISO code, as tzdata lists them: the most populous first."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text()
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return tuple(row[2] for row in rows if row[0] == region)


def best_zones(
    *, said: str = "", address: str = "", browser: str = "", number: Sequence[str] = ()
) -> tuple[tuple[str, ...], ZoneSource]:
    """The contact's candidate zones and where they come from; a name that is no zone is ignored."""
    for name, source in (
        (said, ZoneSource.SAID),
        (address, ZoneSource.ADDRESS),
        (browser, ZoneSource.BROWSER),
    ):
        if is_zone(name):
            return (name,), source
    if number:
        return tuple(number), ZoneSource.NUMBER
    return (), ZoneSource.UNKNOWN


def rank(source: str) -> int:
    """How much a source counts: 0 is the strongest."""
    return list(ZoneSource).index(ZoneSource(source))


def instant_of(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a wall-clock time.

    A nonexistent time takes the offset before the gap (02:30 in New York reads 03:30), a repeated
    one is its second occurrence.
    """
    here = wall.replace(tzinfo=ZoneInfo(zone))
    first, second = here.utcoffset(), here.replace(fold=1).utcoffset()
    repeated = first is not None and second is not None and second < first
    return here.replace(fold=int(repeated)).astimezone(UTC)


def instant_said(wall: datetime, zone: str) -> datetime:
    """Like ``instant_of``, for a time that a person typed.

    Raises NonexistentTimeError when the clocks jump over it, since they cannot have meant it.
    """
    if not 1900 < wall.year < 2200:  # near the ends of the calendar arithmetic overflows
        raise NonexistentTimeError(f"{wall.year} is no year to be called in")
    instant = instant_of(wall, zone)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise NonexistentTimeError(
            f"{wall:%H:%M} on {wall.day} {wall:%B} does not exist in {city(zone)}: "
            "the clocks go forward"
        )
    return instant


def city(zone: str) -> str:
    """The zone in words: ``America/Argentina/Buenos_Aires`` is Buenos Aires."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")
