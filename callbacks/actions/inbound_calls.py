"""Calls that reached us, as a telephone system reports them: each is told once (RULES 5)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from callbacks.actions.inbound import UNDO, customer_called, undo_customer_called
from callbacks.actions.selection import Result, each
from callbacks.models import InboundCall
from callbacks.queue import Actor
from callbacks.rules.dedup import fingerprint
from callbacks.rules.reference import reference
from callbacks.rules.states import RefusedError
from campaigns.models import Campaign
from contacts import clock
from contacts.models import PhoneNumber


class RepeatedError(Exception):
    """This call was reported before with another content. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A call by its id: from which number (E.164), about the matters of which campaign.

    ``contact_id`` says who of those who share the number called, where that is known.
    """

    call_id: str
    e164: str
    campaign: Campaign
    contact_id: int | None = None

    def fingerprint(self) -> str:
        """Equal for the same report sent twice."""
        return fingerprint(
            {"number": self.e164, "campaign": self.campaign.slug, "contact": self.contact_id}
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The references of what a call closed, and until when that can be undone."""

    closed: list[str]
    undo_until: datetime


@transaction.atomic
def report_call(reported: Reported, *, actor: Actor) -> Answer:
    """Close what waits for the caller; the same call again gets the same answer.

    Raises RepeatedError.
    """
    call, new = InboundCall.objects.get_or_create(
        call_id=reported.call_id, defaults={"fingerprint": reported.fingerprint()}
    )
    if call.fingerprint != reported.fingerprint():
        raise RepeatedError("This call_id was used before for another call")
    if new:
        number = PhoneNumber.objects.filter(e164=reported.e164).first()
        call.undo_until = clock.now() + UNDO
        if number is not None:
            closed = customer_called(
                number,
                campaign=reported.campaign,
                actor=actor,
                contact_id=reported.contact_id,
            )
            call.callback_ids, call.undo_until = closed.callback_ids, closed.undo_until
        call.save(update_fields=["callback_ids", "undo_until"])
    assert call.undo_until is not None  # noqa: S101 # nosec B101
    return Answer([reference(pk) for pk in call.callback_ids], call.undo_until)


@dataclass(frozen=True, slots=True)
class Undone:
    """What waits again, and what does not, each with a stable code and the reason."""

    reopened: list[str]
    refused: list[dict[str, str]]


@transaction.atomic
def undo_call(call_id: str, *, actor: Actor) -> Undone:
    """They called about something else: what the call closed waits again. Again: the same answer.

    Raises InboundCall.DoesNotExist, and RefusedError where nothing of it can be undone.
    """
    call = InboundCall.objects.select_for_update(no_key=True).get(call_id=call_id)
    if call.reopened is None:
        results = each(call.callback_ids, lambda pk: undo_customer_called(pk, actor=actor))
        refused = [one for one in results if not one.done]
        if refused and len(refused) == len(results):
            raise RefusedError(refused[0].message, state=None, code=refused[0].code)
        call.reopened = {
            "reopened": [reference(one.callback_id) for one in results if one.done],
            "refused": [_told(one) for one in refused],
        }
        call.save(update_fields=["reopened"])
    return Undone(**call.reopened)


def _told(refused: Result) -> dict[str, str]:
    return {
        "reference": reference(refused.callback_id),
        "code": refused.code,
        "detail": refused.message,
    }
