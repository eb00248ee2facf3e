"""What else waits for a contact who has just been reached (RULES 5)."""

from callbacks import notices, queue
from callbacks.cases import Case
from callbacks.models import Attempt, Callback
from callbacks.queue import Actor, Held, Move
from callbacks.rules.dedup import same_person
from callbacks.rules.states import PENDING, Event, State
from contacts.models import Contact


def cancel_siblings(one: Case, *, actor: Actor) -> list[Held]:
    """The contact answered: cancel what else is pending for them, inside the caller's transaction.

    In this campaign, or in all where the campaign says so. What was asked for in that very call
    stays. Two contacts with this number who may be one person are one here.
    """
    people = _same_people(one)
    pending = Callback.objects.filter(contact__in=people, state__in=PENDING).exclude(pk=one.id)
    if not one.answer_closes_all:
        pending = pending.filter(campaign_id=one.campaign_id)
    if one.accepted_at is not None:  # cut off and dialled again, it is still that call
        here = Attempt.objects.filter(callback_id=one.id, intended_at__gte=one.accepted_at)
        pending = pending.exclude(asked_in__in=here)
    ids = (
        pending.order_by("id")
        .select_for_update(of=("self",), no_key=True)
        .values_list("id", flat=True)
    )
    moves = [Move(pk, Event.CANCEL, reason="The contact answered another call") for pk in ids]
    cancelled = queue.move_many(moves, actor=actor)
    for held in cancelled:
        if held.state is State.OFFERED:
            notices.tell_agent(held.agent_id, "withdrawn", why="The contact answered another call")
    return cancelled


def _same_people(one: Case) -> list[int]:
    there = dict(Contact.objects.filter(numbers=one.number_id).values_list("pk", "name"))
    name = there.get(one.contact_id, "")
    return [one.contact_id, *(pk for pk, other in there.items() if same_person(name, other))]
