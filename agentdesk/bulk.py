"""One action on all callbacks that match a view, worked off in the background (RULES 3).

Which callbacks they are is written down when the job starts; ``bulk_work`` does them one by one.
"""

from collections.abc import Iterator, Mapping, Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from agentdesk.listing import FilterError, matching
from agentdesk.models import BulkJob, BulkLine, User
from agentdesk.verbs import BULK, BY_NAME
from callbacks import notices
from callbacks.exchange.files import defused
from callbacks.models import Callback
from callbacks.rules.reference import reference
from campaigns.models import Campaign
from contacts import clock

AT_MOST = 100_000
TASK = "agentdesk.tasks.work_off_bulk_jobs"
# The queue moves while somebody reads a number: by so much it may have grown when they press.
GROWTH, GROWTH_AT_LEAST = 0.1, 20

State = BulkJob.State
Outcome = BulkLine.Outcome


class BulkRefusedError(Exception):
    """It was not begun, and nothing has changed.

    ``code`` is stable: ``verb``, ``view``, ``filter``, ``empty``, ``many`` or ``grown``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def found_by(query: str, user: User) -> QuerySet[Callback]:
    """All callbacks that the view at an address shows now.

    Raises BulkRefusedError with the code ``view``, or ``filter``: on a page a filter that makes no
    sense narrows nothing, and so must never widen what is done.
    """
    try:
        return matching(query, user, clock.now())
    except FilterError as error:
        raise BulkRefusedError("filter", str(error)) from error
    except LookupError as error:
        raise BulkRefusedError("view", str(error)) from error


def count(rows: QuerySet[Callback]) -> int:
    """How many there are, counted to one more than may be worked off at once."""
    return rows.order_by()[: AT_MOST + 1].count()


def campaigns_of(rows: QuerySet[Callback]) -> QuerySet[Campaign]:
    """The campaigns of the first so many rows as may be worked off at once."""
    ids = rows.order_by().values("campaign_id")[: AT_MOST + 1]
    return Campaign.objects.filter(pk__in=ids)


_WRITE_DOWN = """
INSERT INTO bulk_line (job_id, callback_id, outcome, code, message)
SELECT %s, matching.id, '', '', '' FROM ({rows}) AS matching(id)
ON CONFLICT (job_id, callback_id) DO NOTHING
"""


@transaction.atomic
def start_bulk(
    user: User, verb: str, fields: Mapping[str, str], query: str, *, expected: int | None = None
) -> BulkJob:
    """Write down all callbacks that match the view now, and wake a worker.

    ``fields`` are what the valid form of the verb was sent; ``expected`` is how many the user was
    shown, None where they were told no exact number. The same job asked for again while it runs is
    answered by the one that runs. Raises BulkRefusedError.
    """
    if verb not in {one.name for one in BULK}:
        raise BulkRefusedError("verb", "This cannot be done to all that match")
    User.objects.select_for_update(no_key=True).get(
        pk=user.pk
    )  # pressed twice, one after the other
    known = user.bulk_jobs.filter(verb=verb, fields=dict(fields), query=query, state=State.RUNNING)
    if job := known.first():
        return job
    job = BulkJob.objects.create(user=user, verb=verb, fields=dict(fields), query=query)
    job.total = _write_down(job, found_by(query, user))
    _check(job.total, expected)
    job.save(update_fields=["total"])
    notices.knock_for(TASK)
    return job


def _write_down(job: BulkJob, rows: QuerySet[Callback]) -> int:
    try:
        statement, values = rows.values("pk")[: AT_MOST + 1].query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_DOWN.format(rows=statement), [job.pk, *values])
        return int(cursor.rowcount)


def _check(found: int, expected: int | None) -> None:
    check_size(found)
    if expected is not None and found > expected + max(GROWTH * expected, GROWTH_AT_LEAST):
        raise BulkRefusedError(
            "grown", f"{found:,} callbacks match now, not {expected:,}. Look at them again"
        )


def check_size(found: int) -> None:
    """Raises BulkRefusedError with the code ``empty`` or ``many``."""
    if not found:
        raise BulkRefusedError("empty", "No callback matches any more")
    if found > AT_MOST:
        raise BulkRefusedError(
            "many", f"More than {AT_MOST:,} callbacks match. Narrow the list with a filter"
        )


def stop_bulk(job_id: int) -> bool:
    """Begin no further callback; one that is in hand is finished. False when none was running."""
    running = BulkJob.objects.filter(pk=job_id, state=State.RUNNING)
    stopped = bool(running.update(state=State.STOPPED, finished_at=Now()))
    if stopped:
        notices.tell_queue()
    return stopped


def said(job: BulkJob) -> str:
    """How far it is, or what became of it, in one sentence."""
    verb = BY_NAME[job.verb]
    handled = job.done + job.refused
    if job.state == State.RUNNING:
        return f"{verb.title}: {handled:,} of {job.total:,}"
    text = verb.several.format(f"{job.done:,}", f"{job.total:,}")
    if job.refused:
        text += f". {job.refused:,} refused"
    return f"Stopped. {text}" if job.state == State.STOPPED else text


def refused(job: BulkJob, limit: int) -> list[tuple[int, str, str]]:
    """The first callbacks that it was not done to: id, name, and why."""
    lines = job.lines.filter(outcome=Outcome.REFUSED).order_by("pk")
    return list(lines.values_list("callback_id", "callback__contact__name", "message")[:limit])


def report(job: BulkJob) -> Iterator[Sequence[str]]:
    """What became of every callback, line by line, with a heading."""
    yield ["reference", "name", "outcome", "code", "words"]
    words = {Outcome.DONE: "Done", Outcome.REFUSED: "Refused", Outcome.WAITING: "Waiting"}
    if job.state == State.STOPPED:
        words[Outcome.WAITING] = "Not done: the job was stopped"
    lines = job.lines.order_by("pk").values_list(
        "callback_id", "callback__contact__name", "outcome", "code", "message"
    )
    for callback_id, name, outcome, code, message in lines.iterator(2000):
        yield [
            reference(callback_id), defused(name), words[Outcome(outcome)], code, defused(message)
        ]  # fmt: skip
