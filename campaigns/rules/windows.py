"""When may this contact be called? (RULES 3 and 4)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from campaigns.rules.caps import Cap
from campaigns.rules.hours import Timetable
from campaigns.rules.spans import Span, intersection, open_spans, zone_info
from contacts.rules.timezones import instant_of

HORIZON_DAYS = 15
_NEAR_DAYS = 2


@dataclass(frozen=True, slots=True)
class Window:
    """All that decides when a contact may be called.

    ``zones`` are the contact's candidate zones: all of them must be open. ``campaign_zone`` is
    empty when campaign hours run on the contact's own clock. ``caps`` are the campaign's own; those
    of the place come with the profiles in force.
    """

    campaign: Timetable
    campaign_zone: str
    quiet: Timetable
    zones: tuple[str, ...]
    caps: tuple[Cap, ...] = ()

    def spans(self, since: datetime, days: int = HORIZON_DAYS) -> list[Span]:
        """Open spans from the one that covers ``since`` on; empty when no zone is known."""
        if not self.zones:
            return []
        campaign_zones = (self.campaign_zone,) if self.campaign_zone else self.zones
        layers = [_around(self.campaign, zone, since, days) for zone in campaign_zones]
        layers += [_around(self.quiet, zone, since, days) for zone in self.zones]
        both = list(layers[0])
        for layer in layers[1:]:
            both = intersection(both, layer)
        return [span for span in both if span.end > since]

    def span_at(self, instant: datetime) -> Span | None:
        """The open span that covers the instant, if one does."""
        first = next(iter(self.spans(instant, _NEAR_DAYS)), None)
        return first if first and first.start <= instant else None

    def next_span(self, instant: datetime) -> Span | None:
        """The open span that covers the instant, or the first one after it; None in two weeks."""
        near = self.spans(instant, _NEAR_DAYS)
        # Only a span that begins and ends within the near days is known whole.
        if near and near[0].end < instant + timedelta(days=1):
            return near[0]
        return next(iter(self.spans(instant)), None)

    def caps_at(self, instant: datetime) -> tuple[Cap, ...]:
        """The frequency caps in force: the campaign's, and those of the place on its date."""
        days = {instant.astimezone(zone_info(zone)).date() for zone in self.zones}
        of_place = (
            cap
            for profile in self.quiet.profiles
            if any(profile.in_force(day) for day in days)
            for cap in profile.caps
        )
        return tuple(sorted({*self.caps, *of_place}))


def _around(timetable: Timetable, zone: str, since: datetime, days: int) -> tuple[Span, ...]:
    first = since.astimezone(zone_info(zone)).date() - timedelta(days=1)
    return open_spans(timetable, zone, first, days + 2)


def callable_span(window: Window, due_at: datetime, lead: timedelta, now: datetime) -> Span | None:
    """The part of the promise that the machine may dial in (RULES 3).

    That is the calling window that covers ``due_at``, from the later of its start and
    ``due_at - lead``; once that window has passed, the next one. None: no window in two weeks.
    """
    covering = window.next_span(due_at)
    if covering and covering.end > now:
        return Span(max(covering.start, due_at - lead), covering.end)
    return window.next_span(max(due_at, now))


def next_calling_day(window: Window, due_at: datetime, now: datetime) -> datetime | None:
    """The wall time of ``due_at`` on the contact's next calling day, moved into its window.

    The day after the later of ``due_at`` and ``now``, on the clock of the contact's first zone; a
    day without calling hours is passed over. None: no window in two weeks.
    """
    if not window.zones:
        return None
    zone = zone_info(window.zones[0])
    after = max(due_at, now).astimezone(zone).date()
    tomorrow = instant_of(datetime.combine(after + timedelta(days=1), time()), window.zones[0])
    opening = window.next_span(tomorrow)
    if opening is None:
        return None
    day = max(opening.start, tomorrow).astimezone(zone).date()
    wished = instant_of(datetime.combine(day, due_at.astimezone(zone).time()), window.zones[0])
    covering = window.next_span(wished)
    return max(covering.start, wished) if covering else None
