"""What a campaign's policy says and would do, in words: for the command line and the admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from campaigns.models import Campaign
from campaigns.queries import OfCampaign, Whom, rule_book
from campaigns.rules.hours import Hours
from campaigns.rules.policy import Planned, preview, sentences
from campaigns.rules.retry import Outcome
from campaigns.rules.windows import Window
from contacts.rules.phone import NumberRefusedError, read_number
from contacts.rules.timezones import city, is_zone, zones_of_number

RETRIED = (Outcome.VOICEMAIL, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.NETWORK_ERROR)
TIMES = 5
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The next times after one outcome, each a line in words; none when the policy gives up."""

    outcome: str
    lines: list[str]


class NobodyError(ValueError):
    """Zone or number of the contact cannot be read; the message is for the person who typed it."""


def whom_of(campaign: Campaign, zone: str | None, number: str | None) -> Whom:
    """The contact to look ahead for: at a number, in a zone, or where the campaign's own are.

    Raises NobodyError.
    """
    if zone is not None and not is_zone(zone):
        raise NobodyError(f"There is no zone “{zone}”. Name one such as Europe/Lisbon")
    if number is None:
        return Whom("", campaign.country, (zone or campaign.shown_zone,))
    try:
        read = read_number(number, campaign.country, frozenset())
    except NumberRefusedError as error:
        raise NobodyError(str(error)) from error
    zones = (zone,) if zone else zones_of_number(read.e164)
    if not zones:
        raise NobodyError("The number does not tell in which zone it is: choose one")
    return Whom(read.e164, read.region, zones)


def whose(whom: Whom) -> str:
    """Whose quiet hours and zones decide, as a sentence."""
    zones = " and ".join(whom.zones)
    said = f"the number {whom.e164}" if whom.e164 else f"numbers of {whom.region}"
    every = "; all of these zones have to be open" if len(whom.zones) > 1 else ""
    return f"Quiet hours as for {said}, in {zones}{every}."


def policy_of(campaign: Campaign) -> list[str]:
    """The campaign's policy and what else decides when it calls, a sentence each."""
    book = rule_book()
    lines = sentences(book.policies(campaign.pk), campaign.dial_cap)
    lines += [
        f"Dial a contact at most {cap.dials} times in {int(cap.span.total_seconds() // 3600)} h, "
        "whichever campaign calls."
        for cap in book.caps(campaign.pk)
    ]
    clock = f"in {city(campaign.zone)}" if campaign.zone else "on the contact's own clock"
    rows = tuple(sorted(row.as_range() for row in campaign.hours.all()))
    lines.append(
        f"Call {spoken_hours(rows)} {clock}, within the quiet hours of the contact's place."
        if rows
        else "Call at any hour that the quiet hours of the contact's place allow."
    )
    if campaign.keeps_holidays:
        lines.append("Call nobody on a public holiday of their country.")
    return lines


def spoken_hours(hours: Hours) -> str:
    """``Monday to Friday 09:00–17:00, Saturday 10:00–14:00``."""
    by_day = {
        day: " and ".join(
            f"{_clock(one.opens)}–{_clock(one.closes)}" for one in hours if one.weekday == day
        )
        for day in range(7)
    }
    runs: list[tuple[int, int, str]] = []
    for day, said in by_day.items():
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == said:
            runs[-1] = (runs[-1][0], day, said)
        elif said:
            runs.append((day, day, said))
    return ", ".join(
        f"{_DAYS[first]}{f' to {_DAYS[last]}' if last > first else ''} {said}"
        for first, last, said in runs
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def foresee(
    campaign: Campaign, whom: Whom, ended_at: datetime, outcomes: Sequence[Outcome] = RETRIED
) -> list[Foreseen]:
    """The next five times for a contact if every call, made on its minute, ended the same way."""
    book = rule_book()
    window = book.window(OfCampaign.row(campaign), whom)
    policies = book.policies(campaign.pk)
    return [
        Foreseen(
            outcome.replace("_", " ").capitalize(),
            [
                _line(one, window)
                for one in preview(
                    outcome, ended_at, policies, window, dial_cap=campaign.dial_cap, limit=TIMES
                )
            ],
        )
        for outcome in outcomes
    ]


def _line(one: Planned, window: Window) -> str:
    zone = window.zones[0]
    text = f"Retry {one.number} of {one.maximum}: {spoken(one.due_at, zone)}"
    if window.next_span(one.policy_time) is None:
        return f"{text}, but there are no calling hours in the two weeks after it"
    if one.due_at != one.policy_time:
        text += f"; the policy says {spoken(one.policy_time, zone)}, which is outside the window"
    return text


def spoken(instant: datetime, zone: str) -> str:
    """``Fri 20 Nov 2026, 14:00 in Lisbon (Fri 14:00 UTC)``."""
    here, there = instant.astimezone(ZoneInfo(zone)), instant.astimezone(UTC)
    return f"{here:%a} {here.day} {here:%b %Y, %H:%M} in {city(zone)} ({there:%a %H:%M} UTC)"
