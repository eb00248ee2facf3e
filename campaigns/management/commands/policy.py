"""What a campaign's retry policy says and would do, on the command line."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns.models import Campaign
from campaigns.previews import (
    RETRIED,
    NobodyError,
    foresee,
    policy_of,
    spoken,
    whom_of,
    whose,
)
from campaigns.queries import Whom
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.rules.timezones import NonexistentTimeError, instant_said


class Command(BaseCommand):
    """``manage.py policy refunds --zone Europe/Lisbon --outcome no_answer``."""

    help = "Print retry policies as sentences, and preview the next five times for a contact."

    def add_arguments(self, parser: CommandParser) -> None:
        """What may be said on the command line."""
        parser.add_argument("campaign", nargs="?", help="its slug; without one, every campaign")
        parser.add_argument("--zone", help="where the contact is, such as Europe/Lisbon")
        parser.add_argument("--number", help="the contact's number: decides quiet hours and zones")
        parser.add_argument("--outcome", help=f"one of {', '.join(Outcome)}; without it, several")
        parser.add_argument(
            "--from",
            dest="ended_at",
            help="when the first call ended, such as 2026-11-20T14:00 on the contact's clock, or "
            "with an offset; without it, now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print. Raises CommandError in words for anything that cannot be read."""
        outcomes = _outcomes(options["outcome"])
        for number, campaign in enumerate(_campaigns(options["campaign"])):
            whom = _whom(campaign, options["number"], options["zone"])
            ended_at = _instant(options["ended_at"], whom.zones[0])
            if number:
                self.stdout.write("")
            self.stdout.write(f"{campaign} ({campaign.slug})")
            for line in policy_of(campaign):
                self.stdout.write(f"  {line}")
            self.stdout.write(f"A call ends {spoken(ended_at, whom.zones[0])}:")
            self.stdout.write(f"  {whose(whom)}")
            for one in foresee(campaign, whom, ended_at, outcomes):
                self.stdout.write(f"  {one.outcome}")
                for line in one.lines or ["not called again"]:
                    self.stdout.write(f"    {line}")


def _campaigns(slug: str | None) -> list[Campaign]:
    if slug is None:
        every = list(Campaign.objects.all())
        if not every:
            raise CommandError("There is no campaign yet")
        return every
    found = list(Campaign.objects.filter(slug=slug))
    if not found:
        known = ", ".join(Campaign.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no campaign “{slug}”. There are: {known or 'none'}")
    return found


def _outcomes(name: str | None) -> tuple[Outcome, ...]:
    if name is None:
        return RETRIED
    if name not in list(Outcome):
        raise CommandError(f"There is no outcome “{name}”. Choose one of {', '.join(Outcome)}")
    if name == Outcome.UNKNOWN:
        raise CommandError("An unknown outcome decides nothing: a person says how the call ended")
    return (Outcome(name),)


def _whom(campaign: Campaign, number: str | None, zone: str | None) -> Whom:
    try:
        return whom_of(campaign, zone, number)
    except NobodyError as error:
        raise CommandError(str(error)) from error


def _instant(text: str | None, zone: str) -> datetime:
    if text is None:
        return clock.now()
    try:
        said = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no time. Write it as 2026-11-20T14:00") from error
    if said.tzinfo is not None and 1900 < said.year < 2200:
        return said
    try:
        return instant_said(said.replace(tzinfo=None), zone)
    except NonexistentTimeError as error:
        raise CommandError(str(error)) from error
