"""The workers of the jobs on all that match: any number of them may share a job.

The action on a callback commits together with its line of the report and with the counts of the
job. Whenever a worker is killed, what the report says is what happened, and the next one goes on.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import monotonic

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now

from agentdesk.access import access_selection
from agentdesk.bulk import stop_bulk
from agentdesk.doing import do_each
from agentdesk.forms import ActForm
from agentdesk.models import BulkJob, BulkLine
from agentdesk.verbs import BY_NAME
from callbacks import notices
from callbacks.actions.selection import Result
from callbacks.models import Callback
from callbacks.queue import Actor
from callbacks.rules.states import FINAL, HELD
from campaigns.models import Campaign

CHUNK = 200
TRIES = 3  # of a callback that somebody else is changing at that moment
# A tick goes on for about as long as the beat waits between two of them.
PATIENCE_SECONDS = 2.0

State = BulkJob.State
Outcome = BulkLine.Outcome


def work_off_bulk_jobs() -> int:
    """Do what waits, chunk by chunk, for up to two seconds. Returns how many callbacks.

    The job that has come least far goes first: a small one does not wait for a large one.
    """
    handled, until, passed = 0, monotonic() + PATIENCE_SECONDS, list[int]()
    while monotonic() < until:
        running = BulkJob.objects.filter(state=State.RUNNING).exclude(pk__in=passed)
        job = running.select_related("user").order_by(F("done") + F("refused"), "pk").first()
        if job is None:
            break
        with notices.gathered():
            done = _chunk(job, until)
            _finish(job)
            notices.tell_queue()
        handled += done
        if not done:  # other workers have all that is left in hand
            passed.append(job.pk)
    return handled


def _chunk(job: BulkJob, until: float) -> int:
    """The next lines of the job, as far as time allows. Returns how many were done here."""
    waiting = job.lines.filter(outcome=Outcome.WAITING).order_by("pk")
    lines = list(waiting.values_list("pk", "callback_id")[:CHUNK])
    try:
        found = access_selection(job.user, [callback_id for _, callback_id in lines])
    except PermissionDenied:  # whoever asked for it is no supervisor any more
        stop_bulk(job.pk)
        return 0
    do = _doing(job, found)
    done = 0
    for line_id, callback_id in lines:
        done += _line(line_id, partial(do, callback_id))
        if monotonic() >= until:
            break
    return done


def _doing(job: BulkJob, found: dict[int, Callback]) -> Callable[[int], Result]:
    """What does the job's action to one callback by its id, and returns the result."""
    verb = BY_NAME[job.verb]
    form = verb.form(job.fields, campaigns=Campaign.objects.all())
    actor = Actor("supervisor", job.user_id)
    if form.is_valid():
        return lambda callback_id: do_each(verb, form, [callback_id], found, actor)[0][0]
    return partial(_no_longer, form)


def _no_longer(form: ActForm, callback_id: int) -> Result:
    """Refused for what the form said when the job began, and cannot say now."""
    [(field, messages), *_] = form.errors.items()
    if field == "agent":
        return Result(callback_id, False, field, "The agent takes no calls any more")
    return Result(callback_id, False, field, str(messages[0]))


_TAKE = """
SELECT line.id FROM bulk_line line JOIN bulk_job job ON job.id = line.job_id
WHERE line.id = %s AND line.outcome = '' AND job.state = 'running'
FOR NO KEY UPDATE OF line SKIP LOCKED
"""
# The job's row is locked last and for the length of a commit: workers hardly wait for each other.
_WRITE = """
WITH line AS (
  UPDATE bulk_line SET outcome = %(outcome)s, code = %(code)s, message = %(message)s
  WHERE id = %(line)s RETURNING job_id
)
UPDATE bulk_job SET done = done + %(done)s, refused = refused + 1 - %(done)s
FROM line WHERE bulk_job.id = line.job_id
"""


def _line(line_id: int, do: Callable[[], Result]) -> bool:
    """One callback and its line, unless another worker has it or the job was stopped."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, [line_id])
        if cursor.fetchone() is None:
            return False
        result = do()
        for _ in range(TRIES - 1):
            if result.code == "busy":
                result = do()
        result = _in_words(result)
        values = {
            "line": line_id,
            "outcome": Outcome.DONE if result.done else Outcome.REFUSED,
            "code": result.code[:30],
            "message": result.message[:200],
            "done": int(result.done),
        }
        cursor.execute(_WRITE, values)
    return True


def _in_words(result: Result) -> Result:
    """Who has it in hand, or how it ended meanwhile, beside the state that refused it."""
    if result.code != "state":
        return result
    now = Callback.objects.select_related("agent").filter(pk=result.callback_id).first()
    if now is None or now.state not in result.message:
        return result
    more = ""
    if now.state in HELD and now.agent:
        more = f"{now.agent} has it in hand"
    elif now.state in FINAL:
        more = now.ended_reason
    return replace(result, message=f"{result.message}. {more}" if more else result.message)


def _finish(job: BulkJob) -> None:
    """The job is done when no line waits, also none in the hands of another worker."""
    waiting = BulkLine.objects.filter(job=OuterRef("pk"), outcome=Outcome.WAITING)
    running = BulkJob.objects.filter(~Exists(waiting), pk=job.pk, state=State.RUNNING)
    running.update(state=State.DONE, finished_at=Now())
