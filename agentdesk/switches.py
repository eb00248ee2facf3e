"""The two switches of a campaign, as supervisors see and press them (RULES 3)."""

from dataclasses import dataclass

import structlog
from django.db import connection, transaction

from callbacks import notices
from callbacks.queries import COUNT_CAP
from campaigns import actions
from campaigns.models import Campaign
from campaigns.queries import rule_book
from campaigns.rules.policy import sentences

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """One campaign with what waits for it, counted up to the cap, and its policy in words."""

    campaign: Campaign
    waiting: str
    overdue: str
    policy: list[str]


# Each count stops at the cap, on the index of the campaign's promises.
_COUNTS = """
SELECT campaign.id, waiting.n, overdue.n FROM campaign
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM callback
  WHERE campaign_id = campaign.id AND state = 'scheduled' LIMIT %(cap)s) capped) waiting
CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM callback
  WHERE campaign_id = campaign.id AND state = 'scheduled' AND due_at < now()
  LIMIT %(cap)s) capped) overdue
"""


def switchboards() -> list[Switchboard]:
    """Every campaign, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"cap": COUNT_CAP + 1})
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    book = rule_book()
    return [
        Switchboard(
            one,
            _capped(counts[one.pk][0]),
            _capped(counts[one.pk][1]),
            sentences(book.policies(one.pk), one.dial_cap),
        )
        for one in Campaign.objects.all()
        if one.pk in counts
    ]


def _capped(count: int) -> str:
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


@transaction.atomic
def switch_offers(campaign: Campaign, *, on: bool, by: str) -> None:
    """Pause the campaign's offers, naming who did, or resume them. Twice is once."""
    changed = actions.resume(campaign) if on else actions.pause(campaign, by=by)
    if changed:
        log.info("offers resumed" if on else "offers paused", campaign=campaign.slug, by=by)
        notices.tell_queue()
        notices.knock()


@transaction.atomic
def switch_intake(campaign: Campaign, *, on: bool, by: str) -> None:
    """Take requests for the campaign again, or none. Twice is once."""
    changed = actions.open_intake(campaign) if on else actions.close_intake(campaign)
    if changed:
        log.info("intake opened" if on else "intake closed", campaign=campaign.slug, by=by)
        notices.tell_queue()
