"""What was said before: open matters and history of the customers."""

from datetime import timedelta

from agentdesk.demo.cases import Case
from agentdesk.demo.history import Life
from agentdesk.demo.matters import MATTERS
from agentdesk.demo.people import Person
from agentdesk.demo.staff import AGENTS
from agentdesk.demo.stage import Stage
from callbacks.rules.states import State
from contacts.models import Intent, Interaction

_COLLEAGUES = tuple(f"{member.first} {member.last}" for member in AGENTS)
_QUIET = (
    ("Reading received", "Sent the reading by e-mail. Entered, plausible."),
    ("Question about the bill", "Explained the standing charge. Customer satisfied."),
    ("Address corrected", "House number was wrong on letters. Put right."),
    ("Thanks", "Wanted to say that the engineer was friendly. Passed on."),
)
_DAY = timedelta(days=1)


def remember(stage: Stage) -> None:
    """Write the intents and interactions behind every callback, and a few old ones."""
    intents: list[Intent] = []
    for life, (person, case) in stage.cast.items():
        first = _talks(stage, life, person, case)
        intents.append(_intent(stage, life, case, first))
    for person in stage.people:
        if stage.luck.random() < 0.5:
            stage.spoken.append(_old_talk(stage, person))
        if stage.luck.random() < 0.08:
            intents.append(_given_up(stage, person))
    Intent.objects.bulk_create(intents)
    Interaction.objects.bulk_create(sorted(stage.spoken, key=lambda talk: talk.at))


def _talks(stage: Stage, life: Life, person: Person, case: Case) -> "list[Interaction]":
    """What was said about the matter before the callback was asked for."""
    luck = stage.luck
    at = life.callback.created_at - len(case.matter.past) * luck.uniform(0.4, 3.5) * _DAY
    step = (life.callback.created_at - at) / (len(case.matter.past) + 0.4)
    talks = []
    for channel, subject, summary in case.matter.past:
        talks.append(
            Interaction(
                contact=person.contact,
                channel=channel,
                at=stage.office_hours(at),
                subject=subject,
                summary=case.told(summary),
                with_whom=luck.choice(_COLLEAGUES),
                seconds=None if channel == Interaction.Channel.EMAIL else luck.randint(90, 900),
            )
        )
        at += step
    stage.spoken += talks
    return talks


def _intent(stage: Stage, life: Life, case: Case, talks: list[Interaction]) -> Intent:
    callback = life.callback
    solved = life.now_in is State.COMPLETED
    given_up = life.now_in is State.CANCELLED and stage.luck.random() < 0.5
    status = Intent.Status.RESOLVED if solved else Intent.Status.OPEN
    if given_up:
        status = Intent.Status.ABANDONED
    return Intent(
        contact=callback.contact,
        name=case.matter.intent,
        detail=case.told(case.matter.detail),
        status=status,
        attempt_count=len(talks) + len(life.attempts),
        opened_at=talks[0].at,
        closed_at=callback.ended_at if status != Intent.Status.OPEN else None,
    )


def _old_talk(stage: Stage, person: Person) -> Interaction:
    subject, summary = stage.luck.choice(_QUIET)
    return Interaction(
        contact=person.contact,
        channel=stage.luck.choice((Interaction.Channel.CALL_IN, Interaction.Channel.EMAIL)),
        at=stage.now - stage.luck.uniform(40, 400) * _DAY,
        subject=subject,
        summary=summary,
        with_whom=stage.luck.choice(_COLLEAGUES),
    )


def _given_up(stage: Stage, person: Person) -> Intent:
    opened_at = stage.now - stage.luck.uniform(90, 300) * _DAY
    return Intent(
        contact=person.contact,
        name=stage.luck.choice(MATTERS).intent,
        status=Intent.Status.RESOLVED,
        attempt_count=1,
        opened_at=opened_at,
        closed_at=opened_at + 6 * _DAY,
    )
