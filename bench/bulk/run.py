"""All overdue callbacks cancelled as a job, while agents keep claiming, rejecting and accepting."""

import argparse
import time
from collections import Counter
from collections.abc import Sequence

from bench.bulk.contenders import agents, agents_and_job
from bench.bulk.tables import Stage, stage
from bench.common import report
from bench.common.server import server

CLIENTS = 4
WORKERS = (1, 2)
SETTLED = 1.5  # seconds until the server has counted the last deadlock


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    options = _options(words)
    with server() as found:
        how = f"{options.rows:,} rows cancelled, {CLIENTS} clients"
        report.heading("Bulk", how, found.settings())
        filled = stage(found, options.rows)
        filled.tidy("callback")
        told, seconds = agents(filled, CLIENTS, options.seconds)
        print(f"\nAgents alone: {_said(told, seconds)}", flush=True)
        for workers in WORKERS:
            _both(filled, workers)


def _both(filled: Stage, workers: int) -> None:
    filled.tidy("callback")
    before = filled.deadlocks()
    told, seconds, [written, worked] = agents_and_job(filled, CLIENTS, workers)
    time.sleep(SETTLED)
    deadlocks = filled.deadlocks() - before
    state, total, done, refused = filled.job()
    truth = filled.truth()
    print(f"\nThe job with {workers} worker{'s' if workers > 1 else ''}, agents at work")
    print(f"  job: {total:,} written down in {written:.2f} s, worked off in {worked:.1f} s:")
    print(f"       {total / worked:,.0f} rows/s; {state}, {done:,} cancelled, {refused:,} refused")
    print(f"  agents: {_said(told, seconds)}")
    print(f"  taken meanwhile, and reported as such: {truth.taken:,} of {truth.refused:,} refused")
    counted = (done, refused) == (truth.done, truth.refused) and done + refused == total
    print(f"  the job's counts: {'as its lines' if counted else 'NOT AS ITS LINES'}")
    print(f"  lines that are not true: {truth.untrue:,}{'' if not truth.untrue else '  NOT TRUE'}")
    print(f"  deadlocks: {deadlocks}{'' if not deadlocks else '  DEADLOCKS'}", flush=True)


def _said(told: Counter[str], seconds: float) -> str:
    others = {name: count for name, count in told.items() if name != "offers"}
    more = "".join(f", {count:,} {name}" for name, count in sorted(others.items()))
    return f"{told['offers'] / seconds:,.0f} offers/s answered, {told['offers']:,} in all{more}"


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench bulk")
    parser.add_argument("--quick", action="store_true", help="5 s of agents alone instead of 15 s")
    parser.add_argument("--rows", type=int, default=10_000, help="rows that are cancelled")
    options = parser.parse_args(words)
    options.seconds = 5.0 if options.quick else 15.0
    return options
