"""The times that a customer may choose from, on the clock of a zone that they see named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.actions.intake import FURTHEST
from campaigns.models import Campaign
from campaigns.queries import walk_in_window
from contacts.rules.timezones import instant_of

STEP = timedelta(minutes=30)
NOTICE = timedelta(minutes=30)
DAYS = 5


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time: what the form sends, and what the customer reads."""

    value: str
    label: str


@dataclass(slots=True)
class Day:
    """The slots of one local date."""

    legend: str
    slots: list[Slot] = field(default_factory=list)


def days(campaign: Campaign, zone: str, now: datetime) -> list[Day]:
    """The next days with open half hours in the zone, today first where there is time left."""
    open_hours = walk_in_window(campaign, zone)
    spans = open_hours.spans(now)
    found: list[Day] = []
    for day, walls in _walls(zone, now):
        slots = [
            Slot(wall.isoformat(timespec="minutes"), f"{wall:%H:%M}")
            for wall in walls
            if any(span.start <= instant_of(wall, zone) < span.end for span in spans)
            and instant_of(wall, zone) >= now + NOTICE
        ]
        if slots:
            found.append(Day(_legend(day, zone, now), slots))
        if len(found) == DAYS:
            break
    return found


def _walls(zone: str, now: datetime) -> Iterator[tuple[date, list[datetime]]]:
    today = now.astimezone(ZoneInfo(zone)).date()
    for offset in range(FURTHEST.days):
        midnight = datetime.combine(today + timedelta(days=offset), datetime.min.time())
        walls = [midnight + STEP * step for step in range(48)]
        yield midnight.date(), [wall for wall in walls if _exists(wall, zone)]


def _exists(wall: datetime, zone: str) -> bool:
    back = instant_of(wall, zone).astimezone(ZoneInfo(zone))
    return back.replace(tzinfo=None, fold=0) == wall


def _legend(day: date, zone: str, now: datetime) -> str:
    today = now.astimezone(ZoneInfo(zone)).date()
    named = f"{day:%A} {day.day} {day:%B}"
    return {0: f"Today, {named}", 1: f"Tomorrow, {named}"}.get((day - today).days, named)
