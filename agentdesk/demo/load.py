"""Load the whole demo in one transaction."""

from collections import Counter
from collections.abc import Callable
from random import Random

from django.db import transaction

from agentdesk.demo.campaigns import load_campaigns
from agentdesk.demo.endings import end
from agentdesk.demo.history import save
from agentdesk.demo.past import remember
from agentdesk.demo.people import load_people
from agentdesk.demo.rota import Rota
from agentdesk.demo.staff import AGENTS, load_staff
from agentdesk.demo.stage import Stage
from agentdesk.demo.waiting import wait
from contacts import clock


@transaction.atomic
def load(seed: int, tell: Callable[[str], object]) -> None:
    """Fill an empty database, the same way for the same seed, as seen from now.

    ``tell`` hears in words how far it is.
    """
    luck = Random(seed)  # noqa: S311 # nosec B311
    now = clock.now()
    campaigns = load_campaigns()
    agents, supervisor = load_staff(campaigns)
    tell(f"{len(campaigns)} campaigns, {len(agents)} agents, a supervisor and an administrator")
    people = load_people(luck, now)
    tell(
        f"{len(people)} customers in {len({one.region for one in people if one.region})} countries"
    )
    by_campaign = {
        campaign.pk: [
            agent for agent, member in zip(agents, AGENTS, strict=True) if slug in member.campaigns
        ]
        for slug, campaign in campaigns.items()
    }
    stage = Stage(now, luck, campaigns, Rota(by_campaign, luck, now), supervisor, people)
    end(stage)
    wait(stage)
    save(stage.cast)
    states = Counter(life.now_in.value for life in stage.cast)
    tell(
        f"{len(stage.cast)} callbacks: "
        + ", ".join(f"{count} {state}" for state, count in states.most_common())
    )
    remember(stage)
    tell("Their open matters and what was said before")
