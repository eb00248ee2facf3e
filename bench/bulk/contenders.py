"""Those who act at once: agents at their desks, and workers of the job."""

import multiprocessing
import time
from collections import Counter
from functools import partial
from typing import Any

from django.db import OperationalError, transaction

from agentdesk.bulk import start_bulk
from agentdesk.bulk_work import work_off_bulk_jobs
from agentdesk.models import BulkJob, User
from bench.bulk.tables import SUPERVISOR, Stage
from bench.common.clients import Bound, Window, together
from bench.common.contenders import Act, Contender, agents_of, use
from callbacks.actions.offers import (
    HeldBackError,
    accept_offer,
    hold_back,
    offer_next,
    reject_offer,
)
from callbacks.rules.states import RefusedError

NOT_MEASURED = Window(Bound(0), Bound(0))
KEPT = 20  # one of so many offers is accepted and stays in work; the others are rejected
MOST_SECONDS = 3600.0


def agents(stage: Stage, clients: int, seconds: float) -> tuple[Counter[str], float]:
    """What so many desks do by themselves, and for how long."""
    found = together(_desks(stage, clients, partial(_for_seconds, seconds)))
    return _sum(found)


def agents_and_job(
    stage: Stage, clients: int, workers: int
) -> tuple[Counter[str], float, list[float]]:
    """The same while workers cancel all that is overdue; seconds of writing down, and of doing."""
    over = multiprocessing.get_context("fork").Event()
    desks = _desks(stage, clients, partial(_until, over))
    worker = Contender("worker of the job", "callback", _worker)
    job = partial(_work_off, over)
    jobs = [(job, stage, worker, one, workers, NOT_MEASURED) for one in range(workers)]
    found = together([*desks, *jobs])
    told, seconds = _sum(found[:clients])
    parts = found[clients:]
    written = max(part[0] for part in parts)
    return told, seconds, [written, max(part[2] for part in parts) - min(part[1] for part in parts)]


def _desks(stage: Stage, clients: int, job: Any) -> list[tuple[Any, ...]]:
    desk = Contender("agent", "callback", _desk)
    return [(job, stage, desk, client, clients, NOT_MEASURED) for client in range(clients)]


def _sum(found: list[tuple[Counter[str], float, float]]) -> tuple[Counter[str], float]:
    told = sum((part[0] for part in found), Counter[str]())
    return told, max(part[2] for part in found) - min(part[1] for part in found)


def _desk(stage: Stage, client: int, clients: int) -> Act:
    """One offer to an agent of their own, and the answer; says by raising what else happened."""
    use(stage)
    mine = agents_of(client, clients)

    def one() -> bool:
        agent = next(mine)
        try:
            with transaction.atomic():
                claim = offer_next(agent_id=agent, campaign_ids=None)
        except HeldBackError as blocked:
            hold_back(blocked.callback_id, blocked.verdict)
            return True
        if claim is None:
            return False
        names = {"callback_id": claim.callback_id, "agent_id": agent, "version": claim.version}
        if agent % KEPT:
            reject_offer(**names, reason="not_now")
        else:
            accept_offer(**names)
        return True

    return one


def _count(act: Act, told: Counter[str]) -> None:
    try:
        told["offers" if act() else "nothing to claim"] += 1
    except RefusedError:  # cancelled between the offer and the answer
        told["withdrawn"] += 1
    except OperationalError as error:
        told[type(error.__cause__).__name__] += 1


def _for_seconds(seconds: float, act: Act, window: Window) -> tuple[Counter[str], float, float]:
    told, start = Counter[str](), time.monotonic()
    while time.monotonic() < start + seconds:
        _count(act, told)
    return told, start, time.monotonic()


def _until(over: Any, act: Act, window: Window) -> tuple[Counter[str], float, float]:
    told, start = Counter[str](), time.monotonic()
    while not over.is_set() and time.monotonic() < start + MOST_SECONDS:
        _count(act, told)
    return told, start, time.monotonic()


def _worker(stage: Stage, client: int, clients: int) -> Act:
    """A tick after the other; the first worker writes down what there is to do."""
    use(stage)
    start = time.monotonic()
    if client == 0:
        start_bulk(User.objects.get(pk=SUPERVISOR), "cancel", {}, "view=overdue")
    _worker_wrote.append(time.monotonic() - start)

    def one() -> bool:
        work_off_bulk_jobs()
        return BulkJob.objects.filter(state=BulkJob.State.RUNNING).exists()

    return one


_worker_wrote: list[float] = []  # of this process


def _work_off(over: Any, act: Act, window: Window) -> tuple[float, float, float]:
    start = time.monotonic()
    try:
        while act():
            pass
    finally:
        over.set()
    return _worker_wrote[-1], start, time.monotonic()
