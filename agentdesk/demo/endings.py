"""Callbacks that came to an end during the last three weeks, each in its own way."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from agentdesk.demo.history import Life
from agentdesk.demo.people import SHARING, Person, forbid
from agentdesk.demo.sessions import drive, refuse
from agentdesk.demo.staff import BILLING, TECHNICAL, WEB
from agentdesk.demo.stage import Stage
from agentdesk.demo.waiting import DAY, MINUTE, SLUGS, ask, ask_soon
from callbacks.rules.states import Event
from campaigns.rules.retry import Outcome

ANSWERED, VOICEMAIL, BUSY = Outcome.ANSWERED, Outcome.VOICEMAIL, Outcome.BUSY
NO_ANSWER, NO_NETWORK = Outcome.NO_ANSWER, Outcome.NETWORK_ERROR
_STALE = timedelta(days=3)

# How it went until the customer was reached, with how often that happens.
_PATHS = (
    ((ANSWERED,), 60), ((VOICEMAIL, ANSWERED), 12), ((NO_ANSWER, ANSWERED), 10),
    ((BUSY, ANSWERED), 8), ((NO_NETWORK, ANSWERED), 4), ((NO_ANSWER, VOICEMAIL, ANSWERED), 6),
)  # fmt: skip
_HOPELESS = (
    (VOICEMAIL,) * 4, (NO_ANSWER,) * 4, (BUSY,) * 6, (NO_NETWORK,) * 4,
    (VOICEMAIL, NO_ANSWER, VOICEMAIL, VOICEMAIL, VOICEMAIL),
)  # fmt: skip
_WITHDRAWN = ("Cancelled by the customer", "Cancelled by a supervisor",
              "Customer called")  # fmt: skip


def end(stage: Stage) -> None:
    """Everything that is over."""
    forbidden(stage)
    not_in_service(stage)
    answered(stage)
    exhausted(stage)
    withdrawn(stage)
    expired(stage)


def answered(stage: Stage) -> None:
    """Spoken to, most of them at the first dial; a good part of them today."""
    ways, weights = zip(*_PATHS, strict=True)
    for number in range(92):
        days = (0.05, 0.5) if number < 14 else (0.5, 20)
        outcomes = stage.luck.choices(ways, weights)[0] if number >= 14 else (ANSWERED,)
        life = _past(stage, SLUGS, *days)
        if stage.luck.random() < 0.08:
            refuse(stage, life, life.callback.due_at - MINUTE, "not_now")
        drive(stage, life, outcomes)


def exhausted(stage: Stage) -> None:
    """Never reached: the policy gave up."""
    for number in range(13):
        life = _past(stage, SLUGS, 12, 20)
        drive(stage, life, _HOPELESS[number % len(_HOPELESS)])


def withdrawn(stage: Stage) -> None:
    """Cancelled while they waited, or marked complete by a supervisor."""
    for number in range(24):
        life = _past(stage, SLUGS, 0.1, 18)
        asked_at, due_at = life.callback.created_at, life.callback.due_at
        at = asked_at + stage.luck.uniform(0.2, 0.95) * (min(due_at, stage.now) - asked_at)
        if number % 6 == 5:
            life.end(at, Event.COMPLETE, "supervisor", "Marked complete by a supervisor",
                     stage.supervisor)  # fmt: skip
            continue
        why = _WITHDRAWN[number % len(_WITHDRAWN)]
        actor = ("customer", "supervisor", "system")[number % len(_WITHDRAWN)]
        by = stage.supervisor if actor == "supervisor" else None
        life.end(at, Event.CANCEL, actor, why, by)


def expired(stage: Stage) -> None:
    """Nobody got round to it within three days, or an agent missed it again and again."""
    for number in range(12):
        life = _past(stage, SLUGS[1:], 4, 18)
        due_at = life.callback.due_at
        for missed in range(number % 3):
            refuse(stage, life, due_at + (1 + 30 * missed) * MINUTE)
        at = due_at + _STALE + stage.luck.uniform(0.1, 5) * MINUTE
        life.end(at, Event.EXPIRE, "system", "More than 3 days overdue")


def forbidden(stage: Stage) -> None:
    """They asked not to be called any more."""
    for slug in (BILLING, WEB):
        life = _past(stage, [slug], 3, 15, fits=_has_own_telephone)
        drive(stage, life, [Outcome.DNC_REQUEST])
        person = stage.cast[life][0]
        forbid(person, reason="Asked an agent")
        stage.retire(person)


def not_in_service(stage: Stage) -> None:
    """The number is dead."""
    for slug in (BILLING, TECHNICAL, WEB):
        life = _past(stage, [slug], 2, 15, fits=_has_own_telephone)
        drive(stage, life, [Outcome.INVALID_NUMBER])
        person = stage.cast[life][0]
        person.number.invalid_since = life.callback.ended_at
        person.number.save(update_fields=["invalid_since"])
        stage.retire(person)


def _has_own_telephone(person: Person) -> bool:
    return person.region != SHARING


def _past(
    stage: Stage,
    slugs: Sequence[str],
    low: float,
    high: float,
    fits: Callable[[Person], bool] = lambda _: True,
) -> Life:
    """A callback that was due between ``low`` and ``high`` days ago."""
    due_at = stage.moment(-high * DAY, -low * DAY)
    person, slug = stage.take(slugs, due_at, fits=fits)
    if slug == WEB and stage.luck.random() < 0.6:
        minutes = stage.luck.choice((20, 25, 30, 35))
        return ask_soon(stage, person, slug, due_at - minutes * MINUTE, minutes)
    return ask(stage, person, slug, due_at)
