"""Run by the stack in its own database: two campaigns, three agents, a supervisor."""

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402

from agentdesk.models import Agent, User  # noqa: E402
from campaigns.actions import create_campaign  # noqa: E402
from campaigns.models import QuietHours, QuietRule  # noqa: E402

PEOPLE = (
    ("nadia@example.com", "Nadia", "Haddad", "agent"),
    ("priya@example.com", "Priya", "Nair", "agent"),
    ("kofi@example.com", "Kofi", "Mensah", "agent"),
    ("ruth@example.com", "Ruth", "Adeyemi", "supervisor"),
)


def main() -> None:
    """Calls are allowed at any hour, so that the tests pass at any hour."""
    web = create_campaign(
        name="Web requests", slug="web-requests", on_the_web=True, department="customer care",
        offer_seconds=12, wrap_up_seconds=3, review_seconds=1, allowed_countries=["GB", "US"],
        keeps_holidays=False,
    )  # fmt: skip
    QuietRule.objects.all().delete()
    for region in ("GB", "US"):
        rule = QuietRule.objects.create(name=f"Open {region}", region=region)
        QuietHours.objects.bulk_create(
            QuietHours(rule=rule, weekday=day, opens=0, closes=1440) for day in range(7)
        )
    password = make_password("ringback")
    for email, first, last, role in PEOPLE:
        user = User.objects.create(
            email=email, first_name=first, last_name=last, password=password, zone="Europe/Berlin"
        )
        user.groups.set([Group.objects.get(name=role)])
        if role == "agent":
            Agent.objects.create(user=user).campaigns.set([web])


main()
