"""The quiet rules that an installation starts with (RULES 4). Engineering defaults: verify them.

Hours are local, caps are counts of dials and hours. Florida's are the telephone prefixes of its
area codes, since a number is often all that is known of where somebody lives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WEEKDAYS, WEEKEND, EVERY_DAY = range(5), range(5, 7), range(7)
_FLORIDA = (
    239, 305, 321, 324, 352, 386, 407, 448, 561, 645, 656, 689, 727, 728, 754, 772, 786, 813, 850,
    863, 904, 941, 954,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One rule: open ranges by weekday in hours, caps as dials by span in hours."""

    name: str
    region: str
    hours: Mapping[range, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    caps: Mapping[int, int] = field(default_factory=dict)
    place: str = ""
    prefixes: tuple[str, ...] = ()
    in_use: bool = True


PLACES = (
    Place("US federal", "US", {EVERY_DAY: ((8, 21),)}),
    Place(
        "Florida", "US", {EVERY_DAY: ((8, 20),)}, {24: 3},
        place="US-FL", prefixes=tuple(f"+1{code}" for code in _FLORIDA),
    ),
    Place("Reg F (debt collection)", "US", caps={7 * 24: 7}, in_use=False),
    Place("United Kingdom", "GB", {EVERY_DAY: ((8, 21),)}),
    Place("France", "FR", {WEEKDAYS: ((10, 13), (14, 20))}, {30 * 24: 4}),
    Place("Canada", "CA", {WEEKDAYS: ((9, 21.5),), WEEKEND: ((10, 18),)}),
    Place("Australia", "AU", {WEEKDAYS: ((9, 20),), range(5, 6): ((9, 17),)}),
)  # fmt: skip


def add_default_rules(rules: Any, hours: Any, caps: Any) -> None:
    """Add the rows of ``PLACES`` with these models, except rules whose name is there already."""
    for place in PLACES:
        rule, added = rules.objects.get_or_create(
            name=place.name,
            defaults={
                "region": place.region,
                "place": place.place,
                "prefixes": list(place.prefixes),
                "in_use": place.in_use,
                "note": "Engineering default: verify with counsel",
            },
        )
        if added:
            hours.objects.bulk_create(
                hours(rule=rule, weekday=day, opens=round(opens * 60), closes=round(closes * 60))
                for days, ranges in place.hours.items()
                for day in days
                for opens, closes in ranges
            )
            caps.objects.bulk_create(
                caps(rule=rule, dials=dials, span_hours=span) for span, dials in place.caps.items()
            )
