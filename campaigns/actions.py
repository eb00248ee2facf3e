"""Changes to campaigns."""

import tzdata
from django.db import transaction

from campaigns.models import Campaign, Disposition, HoursChange, RetryRule, RuleBook
from campaigns.rules.retry import DEFAULT_POLICIES, Outcome

DEFAULT_DISPOSITIONS = (
    ("resolved", "Resolved", Outcome.ANSWERED),
    ("still-open", "Spoke, still open", Outcome.ANSWERED),
    ("call-again", "Call again", Outcome.ANSWERED),
    ("voicemail", "Voicemail left", Outcome.VOICEMAIL),
    ("no-answer", "No answer", Outcome.NO_ANSWER),
    ("busy", "Busy", Outcome.BUSY),
    ("network-error", "Could not connect", Outcome.NETWORK_ERROR),
    ("wrong-number", "Wrong number", Outcome.INVALID_NUMBER),
    ("do-not-call", "Do not call again", Outcome.DNC_REQUEST),
)


@transaction.atomic
def create_campaign(*, name: str, slug: str, **fields: object) -> Campaign:
    """A new campaign with the default retry policy and dispositions (RULES 2 and 9)."""
    campaign = Campaign.objects.create(name=name, slug=slug, **fields)
    RetryRule.objects.bulk_create(
        RetryRule(
            campaign=campaign,
            outcome=outcome,
            delay_minutes=[int(delay.total_seconds() // 60) for delay in policy.delays],
            max_retries=policy.max_retries,
        )
        for outcome, policy in DEFAULT_POLICIES.items()
    )
    Disposition.objects.bulk_create(
        Disposition(
            campaign=campaign,
            code=code,
            label=label,
            outcome=outcome,
            needs_time=code == "call-again",
            position=position,
        )
        for position, (code, label, outcome) in enumerate(DEFAULT_DISPOSITIONS)
    )
    return campaign


def pause(campaign: Campaign, *, by: str) -> bool:
    """Stop offers of the campaign; requests still come in and go overdue with the reason shown.

    Whoever paused it first stays named. False when it was paused already.
    """
    dialling = Campaign.objects.filter(pk=campaign.pk, dials=True)
    return bool(dialling.update(dials=False, paused_by=by[:120]))


def close_intake(campaign: Campaign) -> bool:
    """Take no new requests; what was promised is still called. False when it was closed already."""
    taking = Campaign.objects.filter(pk=campaign.pk, takes_requests=True)
    return bool(taking.update(takes_requests=False))


def open_intake(campaign: Campaign) -> bool:
    """Take requests again. False when they are taken already."""
    closed = Campaign.objects.filter(pk=campaign.pk, takes_requests=False)
    return bool(closed.update(takes_requests=True))


@transaction.atomic
def note_tzdata() -> bool:
    """Have windows computed again after a newer tzdata was installed. True when it was newer."""
    installed = tzdata.IANA_VERSION
    book = RuleBook.objects.filter(tzdata__gte=installed)
    if book.exists():
        return False
    known, _ = RuleBook.objects.select_for_update().get_or_create(pk=1, defaults={"edition": 0})
    if known.tzdata >= installed:
        return False
    if known.tzdata:
        HoursChange.objects.bulk_create(
            [HoursChange(reason=f"tzdata {installed}")], ignore_conflicts=True
        )
    RuleBook.objects.filter(pk=1).update(tzdata=installed)
    return True


def resume(campaign: Campaign) -> bool:
    """Let the campaign dial again. False when it does already."""
    paused = Campaign.objects.filter(pk=campaign.pk, dials=False)
    return bool(paused.update(dials=True, paused_by=""))
