"""Every sweep of the beat, where there is nothing to do."""

from collections.abc import Callable, Mapping

from agentdesk import actions, bulk_work, health, matching
from bench.common.contenders import Act, Contender, use
from bench.outcome.tables import Stage
from callbacks.actions import dnc_import, sweeps, unattended, windows
from callbacks.exchange import jobs


def _readings() -> int:
    health.readings()
    return 0


SWEEPS: Mapping[str, Callable[[], int]] = {
    "schedule_retries": lambda: unattended.schedule_retries(actions.absent_agents()),
    "release_absent_agents": lambda: unattended.release_absent_agents(actions.absent_agents()),
    "release_expired_offers": actions.release_expired_offers,
    "end_wrap_ups": actions.end_wrap_ups,
    "release_reserved": lambda: sweeps.release_reserved(matching.away()),
    "roll_windows": windows.roll_windows,
    "work_off_hours_changes": windows.work_off_hours_changes,
    "expire_stale": sweeps.expire_stale,
    "deduplicate": sweeps.deduplicate,
    "reconcile_attempts": sweeps.reconcile_attempts,
    "flag_unknown_dials": unattended.flag_unknown_dials,
    "work_off_imports": dnc_import.work_off_imports,
    "work_off_exchange": jobs.work_off_exchange,
    "work_off_bulk_jobs": bulk_work.work_off_bulk_jobs,
    "readings of the health page": _readings,
}


def idle(sweep: Callable[[], int]) -> Contender:
    """One sweep; it may find nothing."""

    def open_one(stage: Stage, client: int, clients: int) -> Act:
        use(stage)
        return lambda: sweep() > 0

    return Contender("sweep", "callback", open_one)
