"""Do not call: on the list and out of every queue, in one transaction (RULES 4)."""

from django.db import transaction

from callbacks import notices, queue
from callbacks.models import Callback
from callbacks.queue import Actor, Move
from callbacks.rules.states import PENDING, Event, State
from campaigns.models import Campaign
from contacts.actions import list_do_not_call
from contacts.models import PhoneNumber

WHY = "Do not call"


@transaction.atomic
def forbid_calls(
    number: PhoneNumber,
    *,
    reason: str,
    actor: Actor,
    source: str = "",
    campaign: Campaign | None = None,
) -> int:
    """List the number, everywhere or for one campaign, and cancel what is pending to it there.

    Returns how many callbacks were cancelled. No dial starts after the commit: dialling locks the
    number too.
    """
    PhoneNumber.objects.select_for_update(no_key=True).get(pk=number.pk)
    list_do_not_call(number, scope=campaign.slug if campaign else "", reason=reason, source=source)
    waiting = Callback.objects.filter(contact__in=number.contacts.all(), state__in=PENDING)
    if campaign is not None:
        waiting = waiting.filter(campaign=campaign)
    ids = (
        waiting.order_by("id")
        .select_for_update(of=("self",), no_key=True)
        .values_list("pk", flat=True)
    )
    cancelled = queue.move_many([Move(pk, Event.CANCEL, reason=WHY) for pk in ids], actor=actor)
    for held in cancelled:
        if held.state is State.OFFERED:
            notices.tell_agent(held.agent_id, "withdrawn", why="The contact must not be called")
    notices.tell_queue()
    return len(cancelled)
