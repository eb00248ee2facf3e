"""The dry run: what would become of each line now. Nothing but the job's own lines is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from callbacks.actions.intake import IntakeRefusedError, Wish, time_wished
from callbacks.exchange.columns import CellRefusedError, Reading, understood
from callbacks.exchange.files import Row, rows
from callbacks.exchange.models import ExchangeJob, ExchangeLine
from callbacks.exchange.people import Crowd
from callbacks.exchange.store import opened
from campaigns.models import Campaign
from campaigns.queries import OfCampaign, Whom, rule_book
from contacts import clock
from contacts.actions import dnc_hash
from contacts.models import DoNotCall
from contacts.rules.phone import DialableNumber
from contacts.rules.timezones import (
    NonexistentTimeError,
    ZoneSource,
    best_zones,
    rank,
    zones_of_number,
)

CHUNK = 1000
Outcome = ExchangeLine.Outcome
# Where a refusal of the named action belongs in a file.
COLUMN_OF = {"phone": "number", "slot": "when", "when": "when", "": "campaign"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A line that was understood."""

    line: ExchangeLine
    said: Mapping[str, Any]

    @property
    def number(self) -> DialableNumber:
        number: DialableNumber = self.said["number"]
        return number

    @property
    def campaign(self) -> Campaign | None:
        return self.said.get("campaign")


def check_chunk(job: ExchangeJob) -> bool:
    """Look at the next lines. Whether it was a whole chunk, so that more may follow."""
    source = opened(job, job.size)
    found = list(islice(rows(source, job.offset, job.line, job.delimiter), CHUNK))
    lines = _judged(job, found)
    ExchangeLine.objects.bulk_create(lines)
    job.total += len(lines)
    job.refused += sum(line.outcome == Outcome.REFUSED for line in lines)
    job.to_add += sum(line.outcome == Outcome.NEW for line in lines)
    job.to_merge += sum(line.outcome == Outcome.MERGE for line in lines)
    if found:
        job.offset, job.line = found[-1].next_offset, found[-1].next_line
    return len(found) == CHUNK


def _judged(job: ExchangeJob, found: Sequence[Row]) -> list[ExchangeLine]:
    reading = reading_of(job)
    lines, asked = [], []
    for row in found:
        line = ExchangeLine(job=job, line=row.line, cells=row.cells)
        lines.append(line)
        if row.problem:
            refuse(line, "", "unreadable", row.problem)
            continue
        try:
            said = understood(job.kind, row.cells, job.columns, reading)
        except CellRefusedError as error:
            refuse(line, heading(job, error.args[1]), error.code, str(error.args[0]))
        else:
            asked.append(_Asked(line, said))
    _forecast(job, asked)
    return lines


def reading_of(job: ExchangeJob) -> Reading:
    """How the cells of the job are read, with the campaigns as they are now."""
    campaigns = list(Campaign.objects.all())
    by_name = {one.name.casefold(): one for one in campaigns}
    by_slug = {one.slug: one for one in campaigns}
    return Reading(job.region, by_name | by_slug, by_slug.get(job.campaign_slug))


def refuse(line: ExchangeLine, column: str, code: str, message: str) -> None:
    """The line is not imported, and says why."""
    line.outcome, line.column, line.code = Outcome.REFUSED, column[:100], code
    line.message, line.e164, line.said = message[:200], "", {}


def heading(job: ExchangeJob, column: str) -> str:
    """What the file calls the column; our own name for it where the file has none."""
    place = job.columns.get(column)
    return job.headings[place] if place is not None else column


def _forecast(job: ExchangeJob, asked: Sequence[_Asked]) -> None:
    e164s = [one.number.e164 for one in asked]
    crowd = Crowd(e164s)
    earlier = job.lines.filter(e164__in=e164s, outcome__in=ExchangeLine.OPEN).order_by("line")
    crowd.replay(earlier.only("e164", "said"))
    forbidden = _forbidden(e164s) if job.kind == ExchangeJob.Kind.CALLBACKS else set()
    now = clock.now()
    for one in asked:
        campaign = one.campaign
        campaign_id = campaign.pk if campaign else None
        if campaign is not None:
            refused = _refused(one, campaign, crowd, forbidden, job, now)
            if refused is not None:
                column, code, message = refused
                refuse(one.line, heading(job, column), code, message)
                continue
        name, number = one.said["name"], one.number
        merged = crowd.take(number.e164, name, campaign_id)
        one.line.outcome = Outcome.MERGE if merged else Outcome.NEW
        one.line.e164 = number.e164
        one.line.said = kept(one.said)


def kept(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was understood, as the line keeps it: ``number`` in parts, ``when`` as text."""
    number, campaign, when = said["number"], said.get("campaign"), said.get("when")
    found = {name: text for name, text in said.items() if isinstance(text, str)}
    found |= {"region": number.region, "line_type": number.line_type}
    if campaign is not None and when is not None:
        found |= {"campaign_id": campaign.pk, "campaign": campaign.name}
        found |= {"when": when.isoformat(timespec="minutes")}
    return found


def _forbidden(e164s: Sequence[str]) -> set[tuple[str, str]]:
    hashes = {dnc_hash(e164) for e164 in e164s}
    listed = DoNotCall.objects.filter(number_hash__in=hashes)
    return set(listed.values_list("number_hash", "scope"))


def _refused(
    one: _Asked,
    campaign: Campaign,
    crowd: Crowd,
    forbidden: set[tuple[str, str]],
    job: ExchangeJob,
    now: datetime,
) -> tuple[str, str, str] | None:
    """Column, code and message, where ``request_callback`` would refuse the line now."""
    number = one.number
    if not campaign.takes_requests:
        return "campaign", "intake_closed", "The campaign takes no requests at the moment"
    allowed = campaign.allowed_countries
    if allowed and number.region not in allowed:
        return "number", "country", "The campaign does not call numbers of this country"
    scopes = {(dnc_hash(number.e164), scope) for scope in ("", campaign.slug)}
    if forbidden & scopes:
        return "number", "do_not_call", "We were asked not to call this number"
    zone = one.said["zone"]
    zones, place = _where(one, campaign, crowd)
    window = rule_book().window(
        OfCampaign.row(campaign), Whom(number.e164, number.region, zones, place)
    )
    try:
        time_wished(campaign, window, Wish(one.said["when"], zone or job.zone), now)
    except IntakeRefusedError as error:
        return COLUMN_OF[error.field], error.code, str(error)
    except NonexistentTimeError as error:
        return "when", "nonexistent", str(error)
    return None


def _where(one: _Asked, campaign: Campaign, crowd: Crowd) -> tuple[tuple[str, ...], str]:
    """Zones and place that count: what is known of the contact, or what the line says."""
    e164 = one.number.e164
    contact = crowd.whom(e164, one.said["name"], campaign.pk)
    zones, source = best_zones(browser=one.said["zone"], number=zones_of_number(e164))
    if contact and rank(source) > rank(contact.zone_source or ZoneSource.UNKNOWN):
        zones = tuple(contact.zones)
    return zones, contact.place if contact else ""
