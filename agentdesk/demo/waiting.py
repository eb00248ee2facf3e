"""Callbacks that wait: due now, overdue, later today, this week, retries, personal ones."""

from datetime import datetime, timedelta

from agentdesk.demo.history import Life
from agentdesk.demo.people import Person
from agentdesk.demo.promises import by_machine, soon, wished
from agentdesk.demo.sessions import agree, drive, refuse, work
from agentdesk.demo.staff import BILLING, TECHNICAL, WEB
from agentdesk.demo.stage import Stage
from callbacks.actions.intake import open_to_customers
from callbacks.models import Callback
from callbacks.rules.attention import SAME_NUMBER
from callbacks.rules.promises import PERSONAL_GRACE
from campaigns.rules.retry import Outcome

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLUGS = (WEB, BILLING, TECHNICAL)


def wait(stage: Stage) -> None:
    """Everything that is pending."""
    unsolved(stage)
    as_soon_as_possible(stage)
    for minutes in (-2, -1, 0, 1, 2, 3, 4, 6):
        _promised(stage, minutes)
    overdue(stage)
    personal(stage)
    retries(stage)
    later(stage)


def as_soon_as_possible(stage: Stage) -> None:
    """Few, so that the web form still offers it: each pushes the estimated wait up."""
    for waited, minutes in ((3, 25), (8, 25), (14, 20), (24, 20), (41, 30)):
        asked_at = stage.ago(waited, waited + 1)
        person, slug = stage.take([WEB], stage.now)
        life = ask_soon(stage, person, slug, asked_at, minutes)
        if waited > 40:
            life.add(asked_at + 25 * MINUTE, "I am at home until this evening.")


def overdue(stage: Stage) -> None:
    """Late by minutes, by hours, and by days, some of them after a reject or a missed offer."""
    for minutes in (7, 11, 18, 24, 33, 41, 52, 58, 75, 110, 150, 200, 260, 340, 480, 600):
        life = _promised(stage, -minutes)
        chance = stage.luck.random()
        if chance < 0.35:
            why = "" if chance < 0.15 else stage.luck.choice(("not_now", "skill"))
            refuse(stage, life, life.callback.due_at + stage.luck.uniform(0.2, 3) * MINUTE, why)
    for days in (1, 2, 4, 5):
        due_at = stage.moment(-days * DAY, (0.5 - days) * DAY)
        life = ask(stage, *stage.take(SLUGS[1:], due_at, stage.now), due_at)
        for number in range(3):
            refuse(stage, life, life.callback.due_at + (0.2 + 12 * number) * MINUTE, "skill")


def later(stage: Stage) -> None:
    """Later today, this week, next week."""
    for low, high, count in ((0.3, 10, 22), (12, 6 * 24, 52), (6 * 24, 13 * 24, 12)):
        for _ in range(count):
            due_at = stage.moment(low * HOUR, high * HOUR)
            ask(stage, *stage.take(SLUGS, due_at), due_at)


def retries(stage: Stage) -> None:
    """Retries in every stage of every outcome: some due, most to come."""
    plans = (
        (Outcome.VOICEMAIL, DAY), (Outcome.NO_ANSWER, DAY), (Outcome.BUSY, HOUR),
        (Outcome.NETWORK_ERROR, 30 * MINUTE),
    )  # fmt: skip
    for outcome, delay in plans:
        for number in (1, 2, 3):
            for share in (-0.04, 0.1, 0.3, 0.5, 0.8):
                # The web form offers "as soon as possible" only while few of its callbacks wait.
                slugs = SLUGS if share > 0 and delay == DAY else SLUGS[1:]
                dials = [
                    stage.now + share * min(delay, 20 * HOUR) - step * delay
                    for step in range(number + 1)
                ]
                life = ask(stage, *stage.take(slugs, *dials[::-1]), dials[-1])
                drive(stage, life, [outcome] * number, prompt=True)


def personal(stage: Stage) -> None:
    """Agreed with the customer in a call, or promised by an agent: theirs alone."""
    for hours in (0.05, 1.5, 3, 5, 22, 26, 47, 70):
        first, due_at = stage.moment(-40 * HOUR, -6 * HOUR), _minute(stage.now + hours * HOUR)
        life = ask(stage, *stage.take(SLUGS, first, due_at), first)
        session = work(stage, life, Outcome.ANSWERED, life.callback.due_at + MINUTE)
        if session:
            agree(stage, life, session, due_at)
    for hours in (-98, -0.4, 0.2, 2, 20):
        due_at = stage.now + hours * HOUR
        life = ask(stage, *stage.take(SLUGS[1:], due_at), due_at, by_agent=True)
        life.callback.reserved_for = stage.rota.of(life.callback.campaign_id)
        life.callback.reserved_until = life.callback.due_at + PERSONAL_GRACE


def unsolved(stage: Stage) -> None:
    """What only a supervisor can decide: no zone known, or two people with one telephone."""
    at_sea = [one for one in stage.people if not one.contact.zones]
    for person, hours in zip(at_sea, (-100, -3, 6), strict=True):
        asked_at = stage.now + (hours - 20) * HOUR
        promise = by_machine(
            stage.campaigns[TECHNICAL], stage.window(person, TECHNICAL), stage.now + hours * HOUR,
            asked_at,
        )  # fmt: skip
        life = stage.begin(person, TECHNICAL, asked_at, promise)
        life.flag(asked_at + 2 * MINUTE, "Zone not known")
    pairs = [
        [one for one in stage.people if one.number is last.number] for last in stage.people[-2:]
    ]
    for hours, pair in zip((4, 27), pairs, strict=True):
        for person in pair:
            stage.cast_out(person, BILLING)
            life = ask(stage, person, BILLING, stage.now + (hours + stage.luck.random()) * HOUR)
            life.callback.attention = SAME_NUMBER


def _promised(stage: Stage, minutes: float) -> Life:
    """A promise for so many minutes from now, to somebody who may be called then and now."""
    due_at = stage.now + minutes * MINUTE
    return ask(stage, *stage.take(SLUGS[1:], due_at, stage.now + MINUTE), due_at)


def ask_soon(stage: Stage, person: Person, slug: str, asked_at: datetime, minutes: int) -> Life:
    """A customer asked for a call as soon as possible, and was told so many minutes."""
    campaign = stage.campaigns[slug]
    span = open_to_customers(campaign, stage.window(person, slug)).span_at(asked_at)
    closes = span.end if span else asked_at + DAY
    return stage.begin(person, slug, asked_at, soon(asked_at, minutes, closes))


def ask(
    stage: Stage, person: Person, slug: str, due_at: datetime, *, by_agent: bool = False
) -> Life:
    """Somebody asked for a time, or an agent promised it, some hours before."""
    luck, campaign = stage.luck, stage.campaigns[slug]
    due_at = _minute(due_at)
    asked_at = min(due_at, stage.now) - luck.uniform(0.5, 40) * HOUR
    window = stage.window(person, slug)
    may_choose = slug == WEB or (window.span_at(due_at) is not None and luck.random() < 0.55)
    if may_choose and not by_agent:
        zone = person.contact.zone or campaign.shown_zone
        return stage.begin(person, slug, asked_at, wished(campaign, window, due_at, zone))
    kind = luck.choice((Callback.Kind.AGENT, Callback.Kind.AGENT, Callback.Kind.FOLLOW_UP))
    promise = by_machine(campaign, window, due_at, asked_at)
    agent = stage.rota.of(campaign.pk)
    said_at = stage.office_hours(asked_at)
    return stage.begin(person, slug, said_at, promise, kind=kind, by=agent)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
