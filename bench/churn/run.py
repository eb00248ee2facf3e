"""The curve of the rate while rows are claimed, called in vain and due again."""

import argparse
from collections.abc import Callable, Sequence
from statistics import mean

from bench.churn import contenders
from bench.churn.tables import Stage, line, stage
from bench.common import report
from bench.common.report import Requirement
from bench.common.server import server

CLIENTS = 8
STEP = 5
WARM = 5
ENDS = 10  # seconds at either end that are compared
Curve = Callable[[Stage, int, int, int], list[float]]
RUNS: tuple[tuple[str, Curve, bool], ...] = (
    ("application", contenders.application, True),
    ("application, default autovacuum", contenders.application, False),
    ("bare statements", contenders.bare, True),
    ("bare statements, default autovacuum", contenders.bare, False),
)


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    options = _options(words)
    met: list[Requirement] = []
    with server() as found:
        how = f"{options.rows:,} rows, {options.seconds} s at {CLIENTS} clients"
        report.heading("Churn", how, found.settings())
        source = line(found, options.rows)
        print(f"\nRounds of claim, accept, outcome and retry per second, by {STEP} s")
        for name, curve, tuned in RUNS:
            fresh = stage(found, source, options.rows, tuned=tuned)
            rates = curve(fresh, CLIENTS, WARM + options.seconds, STEP)[WARM // STEP :]
            dead, vacuums = fresh.state()
            print(f"  {name:36}" + "".join(f"{rate:>7,.0f}" for rate in rates))
            print(f"  {'':36} {dead:,} dead rows left, vacuumed {vacuums} times", flush=True)
            ends = ENDS // STEP
            kept = mean(rates[-ends:]) / mean(rates[:ends])
            bound = 0.9 if tuned else None
            met.append(Requirement(f"{name}: last / first {ENDS} s", kept, at_least=bound))
    report.requirements(met)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench churn")
    parser.add_argument("--quick", action="store_true", help="20 s instead of 45 s each")
    parser.add_argument("--rows", type=int, default=200_000, help="rows in the line")
    options = parser.parse_args(words)
    options.seconds = 20 if options.quick else 45
    return options
