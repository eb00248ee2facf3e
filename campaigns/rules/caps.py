"""How often may one contact be dialled? (RULES 4, "Frequency caps")."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Cap:
    """At most ``dials`` within any ``span``: 3 in 24 h, 7 in 7 days."""

    dials: int
    span: timedelta


def free_at(caps: Iterable[Cap], dialled_at: Sequence[datetime], now: datetime) -> datetime | None:
    """When the next dial is free of all caps; None when it is free now.

    ``dialled_at`` are all dials to the contact within the longest span, across campaigns. A dial
    stops counting when it is exactly one span old.
    """
    newest_first = sorted(dialled_at, reverse=True)
    moments = [
        newest_first[cap.dials - 1] + cap.span for cap in caps if len(newest_first) >= cap.dials
    ]
    latest = max(moments, default=None)
    return latest if latest and latest > now else None


def longest(caps: Iterable[Cap]) -> timedelta:
    """The span that has to be looked back over; zero without caps."""
    return max((cap.span for cap in caps), default=timedelta())
