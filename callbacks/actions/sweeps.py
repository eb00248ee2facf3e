"""What nobody asked for at that moment: the sweeps behind the beat (RULES 5)."""

from django.db import transaction
from django.db.models import Count

from callbacks import notices, queue
from callbacks.models import Callback
from callbacks.queue import SYSTEM
from callbacks.rules.dedup import merged_text, same_person
from callbacks.rules.states import Event, State

SAME_NUMBER = "Same number, different names: one person or two?"


@transaction.atomic
def deduplicate() -> int:
    """Merge waiting callbacks of one campaign to one number; returns how many were merged.

    An index cannot find these: the contacts are two rows. Different names stay, flagged.
    """
    doubles = (
        Callback.objects.filter(state=State.SCHEDULED)
        .values("number_id", "campaign_id")
        .annotate(rows=Count("id"))
        .filter(rows__gt=1)[: queue.BATCH]
    )
    return sum(_merge_double(double["number_id"], double["campaign_id"]) for double in doubles)


def _merge_double(number_id: int, campaign_id: int) -> int:
    waiting = list(
        Callback.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("contact")
        .filter(state=State.SCHEDULED, number_id=number_id, campaign_id=campaign_id)
        .order_by("-priority", "callable_from", "id")
    )
    kept: list[Callback] = []
    for later in waiting:
        first = next(
            (one for one in kept if same_person(one.contact.name, later.contact.name)), None
        )
        if first is not None:
            _merge_into(first, later)
            continue
        for other in [*kept, later] if kept else []:
            _flag(other)
        kept.append(later)
    merged = len(waiting) - len(kept)
    if merged:
        notices.tell_queue()
    return merged


def _flag(callback: Callback) -> None:
    Callback.objects.filter(pk=callback.pk, attention="").update(attention=SAME_NUMBER)


def _merge_into(first: Callback, later: Callback) -> None:
    queue.move(later.pk, Event.CANCEL, actor=SYSTEM, reason=f"Merged into {first.reference}")
    about = merged_text(first.about, later.about)
    queue.move(
        first.pk,
        Event.MERGE,
        actor=SYSTEM,
        reason=f"Same number as {later.reference}",
        data={"about": later.about},
        changes={"about": about},
    )
    first.about = about
