"""Customers who ask for a call, as the public form would pass them on."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

from agentdesk.demo.cases import case_of
from agentdesk.demo.matters import matters_of
from agentdesk.demo.names import name_in
from agentdesk.demo.numbers import number_in
from agentdesk.demo.people import HOME, REGIONS
from callbacks.actions.intake import IntakeRefusedError, Request, Wish, request_callback
from campaigns.models import Campaign
from contacts import clock
from contacts.models import ContactNumber
from contacts.rules.phone import DialableNumber, LineType, masked
from contacts.rules.timezones import NonexistentTimeError, city, zones_of_number

_KNOWN, _NAMES_TIME = 0.12, 0.3

Tell = Callable[[str, str], None]


class Callers:
    """An endless supply of customers with something to ask."""

    def __init__(self, luck: Random, tell: Tell) -> None:
        self._luck = luck
        self._tell = tell
        self._campaigns = list(Campaign.objects.filter(takes_requests=True).order_by("pk"))
        self._weights = [4 if campaign.on_the_web else 1 for campaign in self._campaigns]

    def ask(self) -> None:
        """One more request, and what the customer was told."""
        if not self._campaigns:
            return
        campaign = self._luck.choices(self._campaigns, self._weights)[0]
        request = self._request(campaign)
        who = f"{request.name} ({masked(request.number.e164)})"
        try:
            receipt = request_callback(request)
        except (IntakeRefusedError, NonexistentTimeError) as refusal:
            self._tell(who, f"was told by {campaign}: {refusal}")
            return
        zone = request.browser_zone or campaign.shown_zone
        due = receipt.callback.due_at.astimezone(ZoneInfo(zone))
        how = "added to the request" if receipt.merged else "asked"
        self._tell(who, f"{how} {campaign}, by {due:%a %H:%M} in {city(zone)}")

    def _request(self, campaign: Campaign) -> Request:
        luck = self._luck
        number, name = self._known(campaign) or self._stranger(campaign)
        matters = matters_of(campaign.slug) or matters_of("web-requests")
        case = case_of(luck.choice(matters), number.region, "", luck)
        zone = HOME.get(number.region) or next(iter(zones_of_number(number.e164)), "")
        return Request(
            campaign=campaign,
            number=number,
            key=uuid4(),
            name=name,
            about=case.told(luck.choice(case.matter.about)),
            wish=self._wish(zone) if zone and luck.random() < _NAMES_TIME else None,
            browser_zone=zone,
        )

    def _stranger(self, campaign: Campaign) -> tuple[DialableNumber, str]:
        regions = [one for one in REGIONS.elements() if one in campaign.allowed_countries]
        region = self._luck.choice(regions or [campaign.country])
        return number_in(region, self._luck, set()), name_in(region, self._luck, set())

    def _known(self, campaign: Campaign) -> tuple[DialableNumber, str] | None:
        """Sometimes somebody whom we know asks again."""
        if self._luck.random() > _KNOWN:
            return None
        rows = ContactNumber.objects.exclude(number__region="").select_related("contact", "number")
        if campaign.allowed_countries:
            rows = rows.filter(number__region__in=campaign.allowed_countries)
        row = rows.order_by("?").first()
        if row is None:
            return None
        number = row.number
        line_type = LineType(number.line_type)
        return DialableNumber(str(number.e164), number.region, line_type), row.contact.name

    def _wish(self, zone: str) -> Wish:
        here = clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)
        day = here + timedelta(days=self._luck.randint(0, 3))
        return Wish(day.replace(hour=self._luck.randint(9, 20), minute=30, second=0), zone)
