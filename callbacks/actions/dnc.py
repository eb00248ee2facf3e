"""Do not call: on the list and out of every queue, in one transaction (RULES 4)."""

from django.db import transaction

from callbacks import notices, queue
from callbacks.models import Callback
from callbacks.queue import Actor
from callbacks.rules.states import PENDING, Event
from contacts.actions import list_do_not_call
from contacts.models import PhoneNumber


@transaction.atomic
def forbid_calls(number: PhoneNumber, *, reason: str, actor: Actor) -> int:
    """List the number and cancel every pending callback to it, in all campaigns.

    Returns how many were cancelled. No dial starts after the commit: dialling locks the number too.
    """
    PhoneNumber.objects.select_for_update().get(pk=number.pk)
    list_do_not_call(number, reason=reason)
    waiting = Callback.objects.filter(contact__in=number.contacts.all(), state__in=PENDING)
    pending = list(waiting.order_by("id").select_for_update())
    for callback in pending:
        queue.move(callback.pk, Event.CANCEL, actor=actor, reason="Do not call")
        notices.tell_agent(callback.agent_id, "withdrawn", why="The contact must not be called")
    notices.tell_queue()
    return len(pending)
