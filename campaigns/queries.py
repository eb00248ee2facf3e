"""Campaign rows as the rules read them."""

from collections.abc import Mapping
from functools import lru_cache

from campaigns.models import Campaign, QuietHours, RetryRule
from campaigns.rules.retry import Outcome, RetryPolicy
from campaigns.rules.windows import ALWAYS, DEFAULT_QUIET_HOURS, Hours, Window


def policies(campaign_id: int) -> Mapping[Outcome, RetryPolicy]:
    """The campaign's retry policy by outcome."""
    rows = RetryRule.objects.filter(campaign_id=campaign_id)
    return {Outcome(row.outcome): row.policy() for row in rows}


def calling_hours(campaign: Campaign) -> Hours:
    """The campaign's hours; without rows it is open at any time that quiet hours allow."""
    rows = tuple(row.as_range() for row in campaign.hours.all())
    return tuple(sorted(rows)) or ALWAYS


def quiet_hours(region: str) -> Hours:
    """The hours in which people of the region may be called."""
    rows = tuple(row.as_range() for row in QuietHours.objects.filter(region=region))
    return tuple(sorted(rows)) or DEFAULT_QUIET_HOURS


def window(campaign: Campaign, region: str, zones: tuple[str, ...]) -> Window:
    """The calling window of a contact in these zones, for this campaign."""
    return Window(calling_hours(campaign), campaign.zone, quiet_hours(region), zones)


class HoursBook:
    """Windows for many rows of one page: each campaign's and region's hours are read once."""

    def __init__(self) -> None:
        self._calling = lru_cache(maxsize=None)(
            lambda pk: calling_hours(Campaign.objects.get(pk=pk))
        )
        self._quiet = lru_cache(maxsize=None)(quiet_hours)

    def window(self, campaign: Campaign, region: str, zones: tuple[str, ...]) -> Window:
        """Like ``campaigns.queries.window``."""
        return Window(self._calling(campaign.pk), campaign.zone, self._quiet(region), zones)
