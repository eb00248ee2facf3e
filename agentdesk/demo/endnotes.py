"""What a demo agent picks and writes at Done, fitting the way the call ended."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from agentdesk.demo.matters import STILL_OPEN, UNREACHED
from callbacks.actions.intake import Wish
from callbacks.actions.outcomes import WrapUp
from callbacks.models import Attempt, Callback
from campaigns.models import Disposition
from campaigns.rules.retry import Outcome
from contacts import clock
from contacts.models import Intent

_SOLVED = (
    "Went through it together; put right while on the phone. Summary sent by e-mail.",
    "Answered the question and checked the account. Nothing is open.",
    "Explained what happened and corrected it. Customer has the reference.",
)
_AGREES, _STAYS_OPEN = 0.15, 0.12


def wrap_up_for(
    callback: Callback, attempt: Attempt, luck: Random, *, may_agree: bool = True
) -> WrapUp:
    """The disposition, the note and, where the contact asked for it, the next time."""
    outcome = attempt.outcome
    if outcome != Outcome.ANSWERED:
        # What the agent stopped rang out; what nobody knows is taken for that, too.
        stopped = outcome in ("", Outcome.CANCELLED_BY_AGENT, Outcome.UNKNOWN)
        outcome = Outcome.NO_ANSWER.value if stopped else outcome
        disposition = _dispositions(callback).filter(outcome=outcome).first()
        return WrapUp(disposition, luck.choice(UNREACHED.get(outcome, ["Not reached."])))
    chance = luck.random()
    if may_agree and chance < _AGREES and callback.contact.zone:
        return WrapUp(
            _dispositions(callback).filter(needs_time=True).first(),
            luck.choice(STILL_OPEN),
            again=_tomorrow(callback, luck),
            personal=luck.random() < 0.5,
        )
    solved = chance < 1 - _STAYS_OPEN
    status = Intent.Status.RESOLVED if solved else Intent.Status.OPEN
    matters = Intent.objects.filter(contact_id=callback.contact_id, status=Intent.Status.OPEN)
    return WrapUp(
        _dispositions(callback).filter(code="resolved" if solved else "still-open").first(),
        luck.choice(_SOLVED) if solved else "Spoke; a colleague has to look into it.",
        intents=dict.fromkeys(matters.values_list("pk", flat=True), status),
    )


def _dispositions(callback: Callback) -> QuerySet[Disposition]:
    return Disposition.objects.filter(campaign_id=callback.campaign_id)


def _tomorrow(callback: Callback, luck: Random) -> Wish:
    """Some half hour tomorrow, on the contact's clock."""
    zone = callback.contact.zone
    day = clock.now().astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(days=1)
    wall = day.replace(hour=luck.randint(9, 17), minute=luck.choice((0, 30)), second=0)
    return Wish(wall.replace(microsecond=0), zone)
