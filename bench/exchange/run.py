"""Rate and memory of an import, ours and the library's, in turns in the same run."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.common import report
from bench.common.report import Requirement
from bench.common.server import Server, server

NAMES = {"ours": "application: checked and imported", "library": "library: row by row"}


@dataclass(frozen=True, slots=True)
class Took:
    """What one import took."""

    rows: int
    seconds: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Contacts per second."""
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: the whole file, a part of it for memory, and the library's share."""

    rows: int
    part: int
    peer: int
    rounds: int


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    plan = _plan(words)
    with server() as found:
        how = f"{plan.rows:,} lines, the library {plan.peer:,}, {plan.rounds} rounds"
        report.heading("Contacts from a file", how, found.settings())
        source = found.migrated("exchange")
        whole, peer = [], []
        for number in range(plan.rounds):
            both = [("ours", plan.rows, whole), ("library", plan.peer, peer)]
            for who, rows, times in both if number % 2 else reversed(both):
                times.append(_import(found, source, who, rows))
        part = _import(found, source, "ours", plan.part)
    ratio = median(one.rate / other.rate for one, other in zip(whole, peer, strict=True))
    most = max(one.megabytes for one in whole)
    report.requirements(
        [
            Requirement("import / the library's row by row", ratio, at_least=3),
            Requirement(
                f"memory at {plan.rows:,} lines / at {plan.part:,}",
                most / part.megabytes,
                at_most=1.25,
            ),
        ]
    )


def _import(found: Server, source: str, who: str, rows: int) -> Took:
    """One import into a copy of the empty database, in a process of its own."""
    name = found.copy(source, "exchange_run")
    command = [sys.executable, "-m", "bench.exchange.contenders", who, str(rows)]
    environment = {**os.environ, "DATABASE_URL": found.url_of(name)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    seconds, megabytes, contacts = done.stdout.split()
    assert int(contacts) == rows, "not every line was imported"
    took = Took(rows, float(seconds), float(megabytes))
    print(
        f"  {NAMES[who]:46}{rows:>10,} lines{took.seconds:>9.2f} s{took.rate:>9,.0f}/s"
        f"{took.megabytes:>8.0f} MB",
        flush=True,
    )
    return took


def _plan(words: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench exchange")
    parser.add_argument("--quick", action="store_true", help="a tenth of the lines, one round")
    parser.add_argument("--rows", type=int, help="lines of the file, 100,000 unless told")
    parser.add_argument("--rounds", type=int, help="2, or 1 quick one, unless told")
    options = parser.parse_args(words)
    rows = options.rows or (10_000 if options.quick else 100_000)
    # The library holds results of every row, and its rate does not depend on how many there are.
    return Plan(rows, max(1, rows // 10), max(1, rows // 10), options.rounds or 2 - options.quick)
