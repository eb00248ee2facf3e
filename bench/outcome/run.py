"""The sections of the bench, in order: sweeps, a batch without agents, outcomes at the desk."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from bench.common import report
from bench.common.clients import Bound, Window, latencies, until_done
from bench.common.people import AGENTS
from bench.common.report import Requirement
from bench.common.rounds import Case, measure
from bench.common.server import server
from bench.outcome import unattended
from bench.outcome.contenders import APPLICATION, LIMIT_ROW, ORM, SETTLED
from bench.outcome.sweeps import SWEEPS, idle
from bench.outcome.tables import UNATTENDED, Stage, ended, waiting

CLIENTS = 8
SECTIONS = ("sweeps", "retries", "outcomes")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rows: int
    seconds: float
    rounds: int
    sections: frozenset[str]


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    plan = _plan(words)
    met: list[Requirement] = []
    with server() as found:
        how = f"{plan.rows:,} rows, {plan.seconds:g} s each, median of {plan.rounds} rounds"
        report.heading("Outcomes", how, found.settings())
        stage = waiting(found, plan.rows)
        if "sweeps" in plan.sections:
            met += _sweeps(plan, stage)
        if plan.sections & {"retries", "outcomes"}:
            stage = ended(stage)
        if "retries" in plan.sections:
            met.append(_retries(plan, replace(stage, working=UNATTENDED)))
        if "outcomes" in plan.sections:
            met.append(_outcomes(plan, replace(stage, working=AGENTS)))
    report.requirements(met)


def _sweeps(plan: Plan, stage: Stage) -> list[Requirement]:
    print(f"\nSweeps with nothing to do, {plan.rows:,} rows waiting")
    met: list[Requirement] = []
    for name, sweep in SWEEPS.items():
        stage.tidy("callback")
        times = latencies(stage, idle(sweep), plan.seconds / 8)
        report.latency(name, times)
        met.append(Requirement(f"{name}, nothing to do, median ms", times[0], at_most=50))
    return met


def _retries(plan: Plan, stage: Stage) -> Requirement:
    found: dict[str, list[float]] = {}
    for number in range(plan.rounds):
        both = (unattended.APPLICATION, unattended.BULK)
        for who in both if number % 2 else reversed(both):
            stage.tidy(who.table)
            seconds = until_done(stage, who)
            found.setdefault(who.name, []).append(seconds)
            print(f"  round {number + 1}: {who.name}: {seconds:.2f} s", flush=True)
    ours, theirs = found[unattended.APPLICATION.name], found[unattended.BULK.name]
    print(f"\n{UNATTENDED:,} ended calls without an agent, in batches of 500")
    for name, times in found.items():
        print(f"  {name:46}{median(times):>10.2f} s   {min(times):.2f}–{max(times):.2f}")
    ratio = median(one / other for one, other in zip(theirs, ours, strict=True))
    return Requirement(f"{unattended.APPLICATION.name} / Django's bulk", ratio, at_least=3)


def _outcomes(plan: Plan, stage: Stage) -> Requirement:
    cases = [Case(who, stage, CLIENTS) for who in (LIMIT_ROW, APPLICATION, SETTLED, ORM)]
    window = Window(Bound(max(1, plan.seconds / 5)), Bound(plan.seconds))
    rates = measure(cases, window, plan.rounds)
    report.rates(f"Outcome with its next attempt, {CLIENTS} clients", rates, unit="outcomes")
    ratio = rates.ratio(cases[1], cases[0])
    return Requirement(f"record_outcome / limit, {CLIENTS} clients", ratio, at_least=0.2)


def _plan(words: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench outcome")
    parser.add_argument("--quick", action="store_true", help="2 s instead of 8 s each")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows that wait")
    parser.add_argument("--rounds", type=int, help="3, or 5 quick ones, unless told")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, metavar="SECTION")
    options = parser.parse_args(words)
    if options.rows <= AGENTS:
        parser.error(f"there have to be more rows than the {AGENTS:,} agents who hold one")
    seconds = 2.0 if options.quick else 8.0
    rounds = options.rounds or (5 if options.quick else 3)
    return Plan(options.rows, seconds, rounds, frozenset(options.only))
