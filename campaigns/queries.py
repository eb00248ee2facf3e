"""Campaign rows and quiet rules as the rules read them, one edition at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection

from campaigns.models import CallingHours, Campaign, FrequencyCap, QuietRule, RetryRule
from campaigns.rules.caps import Cap
from campaigns.rules.hours import Timetable, campaign_timetable, quiet_timetable
from campaigns.rules.retry import Outcome, RetryPolicy
from campaigns.rules.windows import Window

_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Whom:
    """Of a contact, what decides their window: the number, where they live, candidate zones."""

    e164: str
    region: str
    zones: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True, slots=True)
class OfCampaign:
    """Of a campaign, what decides a window beside its calling hours: read fresh each time."""

    campaign_id: int
    zone: str
    keeps_holidays: bool

    @classmethod
    def row(cls, campaign: Campaign) -> "OfCampaign":
        """The same from the campaign's own row."""
        return cls(campaign.pk, campaign.zone, campaign.keeps_holidays)


class Book:
    """All rule rows of one edition, each read once. Kept by the process until the edition changes.

    Raises nothing: a campaign without rows is open always and retries nothing, a region without
    rules has the default quiet hours.
    """

    def __init__(self, edition: int | None) -> None:
        self.edition = edition
        self.policies = lru_cache(maxsize=_KEPT)(_policies)
        self.caps = lru_cache(maxsize=_KEPT)(_caps)
        self._rules = lru_cache(maxsize=_KEPT)(_quiet_rules)
        self._campaign = lru_cache(maxsize=_KEPT)(_campaign_timetable)
        self._quiet = lru_cache(maxsize=_KEPT)(self._read_quiet)

    def window(self, of: OfCampaign, whom: Whom) -> Window:
        """The calling window of a contact for a campaign."""
        country = whom.region if of.keeps_holidays else ""
        # The law of where the number belongs, and of where they are known to live.
        regions = tuple(dict.fromkeys((whom.region, whom.place[:2] or whom.region)))
        names = tuple(
            rule.name
            for region in regions
            for rule in self._rules(region)
            if rule.holds_for(whom.e164, whom.place)
        )
        return Window(
            self._campaign(of.campaign_id, country),
            of.zone,
            self._quiet(regions, names, country),
            whom.zones,
            self.caps(of.campaign_id),
        )

    def _read_quiet(
        self, regions: tuple[str, ...], names: tuple[str, ...], country: str
    ) -> Timetable:
        rules = [rule for region in regions for rule in self._rules(region) if rule.name in names]
        return quiet_timetable((rule.profile() for rule in rules), country)


_current: Book | None = None


def rule_book() -> Book:
    """The rules that are valid now; read anew only when one of their rows has changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(edition) FROM rule_book")
        (edition,) = cursor.fetchone()
    return book_of(edition)


def book_of(edition: int | None) -> Book:
    """The rules of the edition that a statement has just read: those kept, or read anew."""
    global _current
    # By a name of our own: another thread may put the rules of its open transaction in between.
    book = _current
    if book is None or edition is None or edition != book.edition:
        book = _current = Book(edition)
    return book


def walk_in_window(campaign: Campaign, zone: str) -> Window:
    """The window of somebody whose number is not known yet, in the campaign's own country."""
    whom = Whom("", campaign.country, (zone,))
    return rule_book().window(OfCampaign.row(campaign), whom)


def _policies(campaign_id: int) -> Mapping[Outcome, RetryPolicy]:
    rows = RetryRule.objects.filter(campaign_id=campaign_id)
    return {Outcome(row.outcome): row.policy() for row in rows}


def _caps(campaign_id: int) -> tuple[Cap, ...]:
    rows = FrequencyCap.objects.filter(campaign_id=campaign_id)
    return tuple(sorted(row.as_cap() for row in rows))


def _campaign_timetable(campaign_id: int, country: str) -> Timetable:
    rows = CallingHours.objects.filter(campaign_id=campaign_id)
    return campaign_timetable(tuple(sorted(row.as_range() for row in rows)), country)


def _quiet_rules(region: str) -> list[QuietRule]:
    rules = QuietRule.objects.filter(region=region, in_use=True).order_by("name")
    return list(rules.prefetch_related("hours", "caps"))
