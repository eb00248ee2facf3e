"""One run of a sweep, with the record that the health page and the metrics read."""

from collections.abc import Callable
from time import monotonic

from django.db.models import F
from django.db.models.functions import Now

from callbacks.models import Sweep

# A sweep that handles a whole batch probably has more to do, and a tick of its own is seconds away.
FULL, PATIENCE = 500, 2.0


def tick(name: str, work: Callable[[], int]) -> int:
    """Run the sweep and note when, how long and how much. Returns how many rows it handled.

    Full batches follow each other, a transaction each, for two seconds at most.
    """
    started = monotonic()
    handled = batch = work()
    while batch >= FULL and monotonic() - started < PATIENCE:
        batch = work()
        handled += batch
    took = int((monotonic() - started) * 1000)
    news = {"ran_at": Now(), "took_ms": took, "handled": handled}
    known = Sweep.objects.filter(name=name)
    if not known.update(**news, handled_ever=F("handled_ever") + handled):
        Sweep.objects.bulk_create(
            [Sweep(name=name, handled_ever=handled, **news)], ignore_conflicts=True
        )
    return handled
