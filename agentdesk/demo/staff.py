"""Who works at the demo desk."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from agentdesk.models import Agent, User
from campaigns.models import Campaign

PASSWORD = "ringback"  # noqa: S105 # nosec B105
WEB, BILLING, TECHNICAL = "web-requests", "billing-follow-up", "technical-escalations"


@dataclass(frozen=True, slots=True)
class Member:
    """One account of the demo."""

    email: str
    first: str
    last: str
    role: str
    zone: str = "Europe/London"
    campaigns: tuple[str, ...] = ()


def _of(name: str, role: str, zone: str = "Europe/London", *campaigns: str) -> Member:
    first, last = name.split(" ")
    email = f"{first}.{last}@larkspur.example".lower()
    return Member(email, first, last, role, zone, campaigns)


AGENTS = (
    _of("Nadia Haddad", "agent", "Europe/London", WEB, BILLING, TECHNICAL),
    _of("Tom Ellery", "agent", "Europe/London", WEB, BILLING),
    _of("Priya Nair", "agent", "Europe/London", BILLING),
    _of("Jonas Weber", "agent", "Europe/Berlin", WEB, TECHNICAL),
    _of("Marta Sousa", "agent", "Europe/Lisbon", WEB, BILLING),
    _of("Callum Reid", "agent", "Europe/London", TECHNICAL),
    _of("Agata Wrona", "agent", "Europe/Warsaw", WEB, BILLING, TECHNICAL),
    _of("Dele Bankole", "agent", "Europe/London", WEB, TECHNICAL),
)
SUPERVISOR = _of("Ruth Adeyemi", "supervisor")
ADMINISTRATOR = Member("admin@larkspur.example", "Sam", "Linwood", "administrator")
EVERYBODY = (*AGENTS, SUPERVISOR, ADMINISTRATOR)


def accounts() -> str:
    """Address, password and role of every demo account, one a line, in columns."""
    widest = max(len(member.email) for member in EVERYBODY)
    order = (ADMINISTRATOR, SUPERVISOR, *AGENTS)
    return "\n".join(f"  {member.email:<{widest}}  {PASSWORD}  {member.role}" for member in order)


def load_staff(campaigns: dict[str, Campaign]) -> tuple[list[User], User]:
    """Create the accounts, all agents Not Ready. Returns the agents and the supervisor."""
    # Hashing is slow on purpose; one password needs it once.
    password = make_password(PASSWORD)
    users = {
        member.email: User(
            email=member.email,
            first_name=member.first,
            last_name=member.last,
            zone=member.zone,
            password=password,
            is_staff=member is ADMINISTRATOR,
            is_superuser=member is ADMINISTRATOR,
        )
        for member in EVERYBODY
    }
    User.objects.bulk_create(users.values())
    groups = {
        role: Group.objects.get_or_create(name=role)[0]
        for role in {member.role for member in EVERYBODY}
    }
    User.groups.through.objects.bulk_create(
        User.groups.through(user_id=users[member.email].pk, group_id=groups[member.role].pk)
        for member in EVERYBODY
    )
    Agent.objects.bulk_create(Agent(user=users[member.email]) for member in AGENTS)
    Agent.campaigns.through.objects.bulk_create(
        Agent.campaigns.through(agent_id=users[member.email].pk, campaign_id=campaigns[slug].pk)
        for member in AGENTS
        for slug in member.campaigns
    )
    return [users[member.email] for member in AGENTS], users[SUPERVISOR.email]
