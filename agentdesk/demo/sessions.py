"""An agent takes a callback, dials, and says how it went; the retry policy does the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from agentdesk.demo.history import Life
from agentdesk.demo.matters import STILL_OPEN, UNREACHED
from agentdesk.demo.people import Person
from agentdesk.demo.promises import by_machine, wall_at
from agentdesk.demo.stage import Stage
from agentdesk.models import User
from callbacks.models import Attempt
from callbacks.rules.states import Event, State
from callbacks.rules.words import talked
from campaigns.rules import retry
from campaigns.rules.retry import DialsSoFar, Ending, Outcome, Retry
from contacts.models import Interaction

_RINGS = {
    Outcome.ANSWERED: (3, 14), Outcome.VOICEMAIL: (18, 26), Outcome.NO_ANSWER: (28, 42),
    Outcome.BUSY: (1, 3), Outcome.NETWORK_ERROR: (1, 2), Outcome.INVALID_NUMBER: (1, 2),
    Outcome.DNC_REQUEST: (4, 12),
}  # fmt: skip
_CODES = {
    Outcome.ANSWERED: "resolved",
    Outcome.INVALID_NUMBER: "wrong-number",
    Outcome.DNC_REQUEST: "do-not-call",
}
_EVENTS = {
    Ending.COMPLETED: Event.DONE,
    Ending.CANCELLED: Event.GIVE_UP,
    Ending.EXHAUSTED: Event.EXHAUST,
}


@dataclass(frozen=True, slots=True)
class Session:
    """One agent's work on a callback, from the offer to the last word."""

    agent: User
    attempt: Attempt
    done_at: datetime


def drive(stage: Stage, life: Life, outcomes: Sequence[Outcome], *, prompt: bool = False) -> None:
    """Work on the callback whenever it is due, with these outcomes, until now.

    Sometimes nobody is free for a while, unless everybody is ``prompt``.
    """
    for outcome in outcomes:
        at = _begins(stage, life, 0.5 if prompt else _lateness(stage))
        session = None if life.ended else work(stage, life, outcome, at)
        if session is None:
            return
        conclude(stage, life, session)


def _lateness(stage: Stage) -> float:
    usual = stage.luck.random() < 0.8
    return stage.luck.uniform(0.2, 9) if usual else stage.luck.uniform(10, 50)


def _begins(stage: Stage, life: Life, minutes: float) -> datetime:
    """So many minutes after the promise begins, within the contact's hours."""
    late, callback = timedelta(minutes=minutes), life.callback
    at = max(callback.promised_from or callback.due_at, life.last_at) + late
    opening = stage.window(_person(stage, life), callback.campaign.slug).next_span(at)
    if callback.own_time or opening is None or opening.start <= at:
        return at
    return opening.start + late


def _person(stage: Stage, life: Life) -> Person:
    return stage.cast[life][0]


def refuse(stage: Stage, life: Life, at: datetime, why: str = "") -> None:
    """An agent rejects the offer for a reason, or does not answer it where none is given."""
    luck, campaign = stage.luck, life.callback.campaign
    length = timedelta(seconds=luck.randint(4, 12) if why else campaign.offer_seconds)
    booked = stage.rota.book(campaign.pk, max(at, life.last_at), length)
    if booked is None:
        return
    agent, at = booked
    life.offer(agent, at)
    if why:
        life.reject(agent, at + length, why)
    else:
        life.miss(agent, at + length)


def work(stage: Stage, life: Life, outcome: Outcome, at: datetime) -> Session | None:
    """Offer, accept, read, dial, talk, write: with an agent who was free then.

    None, and nothing happened, where that would still be going on now.
    """
    luck, campaign = stage.luck, life.callback.campaign
    accepts, reads, writes = luck.randint(2, 11), luck.randint(5, 28), luck.randint(8, 50)
    rings, talks = luck.randint(*_RINGS[outcome]), _talk(stage, outcome)
    length = accepts + reads + rings + talks + writes + campaign.wrap_up_seconds
    booked = stage.rota.book(campaign.pk, at, timedelta(seconds=length))
    if booked is None:
        return None
    agent, at = booked
    life.offer(agent, at)
    life.accept(agent, at + timedelta(seconds=accepts))
    attempt = life.dial(
        UUID(int=luck.getrandbits(128), version=4),
        agent,
        at + timedelta(seconds=accepts + reads),
        outcome,
        rings,
        talks,
    )
    done_at = at + timedelta(seconds=accepts + reads + rings + talks + writes)
    return Session(agent, attempt, done_at)


def _talk(stage: Stage, outcome: Outcome) -> int:
    if outcome is Outcome.ANSWERED:
        return int(stage.luck.triangular(55, 420, 140))
    return stage.luck.randint(15, 40) if outcome is Outcome.DNC_REQUEST else 0


def conclude(stage: Stage, life: Life, session: Session) -> None:
    """What the policy makes of the outcome, as at Done."""
    callback, attempt = life.callback, session.attempt
    outcome, ended_at = Outcome(attempt.outcome), attempt.ended_at or session.done_at
    counted = [one for one in life.attempts if one.intended_at >= callback.counts_from]
    so_far = DialsSoFar(sum(one.outcome == outcome for one in counted), len(counted))
    step = retry.after(
        outcome, ended_at, so_far, stage.policies[callback.campaign_id], callback.campaign.dial_cap
    )
    if isinstance(step, Retry):
        window = stage.window(_person(stage, life), callback.campaign.slug)
        promise = by_machine(callback.campaign, window, step.due_at, session.done_at)
        count = (step.number, step.maximum)
        life.retry(session.agent, session.done_at, outcome, promise, count)
    else:
        event, code = _EVENTS[step.ending], _CODES.get(outcome, outcome.replace("_", "-"))
        life.finish(session.agent, session.done_at, event, outcome, step.reason, code)
    case = stage.cast[life][1]
    solved = life.now_in is State.COMPLETED
    note = case.matter.solved if solved else UNREACHED[outcome]
    _note(stage, life, session, case.told(stage.luck.choice(note)))


def agree(stage: Stage, life: Life, session: Session, due_at: datetime) -> None:
    """They spoke, and the customer wants to be called again then, by the same person."""
    person, callback = _person(stage, life), life.callback
    zone = person.contact.zone
    window = stage.window(person, callback.campaign.slug)
    promise = by_machine(callback.campaign, window, due_at, session.done_at)
    life.agree(session.agent, session.done_at, promise, wall_at(promise.due_at, zone), zone)
    _note(stage, life, session, stage.luck.choice(STILL_OPEN))


def _note(stage: Stage, life: Life, session: Session, text: str) -> None:
    attempt = session.attempt
    stage.spoken.append(
        Interaction(
            contact=life.callback.contact,
            channel=Interaction.Channel.CALLBACK,
            at=attempt.intended_at,
            subject=life.callback.about.split("\n")[0][:80],
            summary=text,
            with_whom=str(session.agent),
            seconds=talked(attempt.answered_at, attempt.ended_at),
        )
    )
