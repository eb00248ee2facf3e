"""Calling windows from their plain parts, for tests that need no tables."""

from campaigns.rules.hours import Hours, QuietProfile, campaign_timetable, quiet_timetable
from campaigns.rules.windows import Window


def law(hours: Hours) -> tuple[QuietProfile, ...]:
    """One quiet profile with these hours, in force for ever."""
    return (QuietProfile("A law", hours),)


def window_of(
    hours: Hours,
    campaign_zone: str,
    profiles: tuple[QuietProfile, ...],
    zones: tuple[str, ...],
    country: str = "",
) -> Window:
    """A window; ``country`` is whose public holidays are kept."""
    return Window(
        campaign_timetable(hours, country),
        campaign_zone,
        quiet_timetable(profiles, country),
        zones,
    )
