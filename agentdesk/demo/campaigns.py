"""The three reasons for which Larkspur Energy calls."""

from agentdesk.demo.staff import BILLING, TECHNICAL, WEB
from campaigns.actions import create_campaign
from campaigns.models import CallingHours, Campaign

_WEB_COUNTRIES = [
    "GB", "IE", "FR", "DE", "ES", "PT", "IT", "NL", "BE", "SE", "DK", "NO", "FI", "AT", "CH", "US",
    "CA", "AU", "NZ",
]  # fmt: skip
_WEB_SCRIPT = (
    "Hello {customer_name}, {agent_name} from {company} here. You asked us on our website to ring "
    "you[, and you wrote: {issue}]. Do you have a few minutes now?"
)
_BILLING_SCRIPT = (
    "Good day {customer_name}, my name is {agent_name}, from {company}[ {department}]. I promised "
    "you an answer[ about this: {issue}]. I have your account in front of me, so you need not "
    "explain it again."
)
_TECHNICAL_SCRIPT = (
    "Hello {customer_name}, this is {agent_name} from {company}[ {department}]. I have read what "
    "you and my colleagues tried already[: {issue}]. Are you near your meter or boiler?"
)
_WORKING_DAYS = range(5)


def load_campaigns() -> dict[str, Campaign]:
    """Create the campaigns by slug; the form at / asks for the first."""
    web = create_campaign(
        name="Web requests",
        slug=WEB,
        department="Customer Care",
        allowed_countries=_WEB_COUNTRIES,
        on_the_web=True,
        honours_own_time=True,
        review_seconds=5,
        offer_seconds=20,
        handle_seconds=180,
        script=_WEB_SCRIPT,
    )
    billing = create_campaign(
        name="Billing follow-up", slug=BILLING, department="Billing", script=_BILLING_SCRIPT
    )
    technical = create_campaign(
        name="Technical escalations",
        slug=TECHNICAL,
        department="Technical Support",
        zone="Europe/London",
        handle_seconds=420,
        wrap_up_seconds=60,
        dial_cap=8,
        script=_TECHNICAL_SCRIPT,
    )
    _open(billing, {**dict.fromkeys(_WORKING_DAYS, (8, 20)), 5: (9, 17)})
    _open(technical, dict.fromkeys(range(7), (7, 22)))
    return {campaign.slug: campaign for campaign in (web, billing, technical)}


def _open(campaign: Campaign, hours: dict[int, tuple[int, int]]) -> None:
    CallingHours.objects.bulk_create(
        CallingHours(campaign=campaign, weekday=weekday, opens=opens * 60, closes=closes * 60)
        for weekday, (opens, closes) in hours.items()
    )
