"""The sections of the bench, in order: what is measured on which tables."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from bench.claim.contenders import (
    APPLICATION,
    APPLICATION_SOME,
    LIMIT_ROW,
    OFFER,
    ORM,
    PROCRASTINATE,
    PROCRASTINATE_SQL,
    application_of,
)
from bench.claim.tables import BARREN, SOME, Stage, stage
from bench.common import report
from bench.common.clients import Bound, Window, latencies
from bench.common.people import people
from bench.common.report import Requirement
from bench.common.rounds import Case, measure
from bench.common.server import Server, server

CLIENTS = (1, 8, 32)
MIDDLE = 8
# A short line runs empty in seconds, so there the claims are counted and not the time.
BURST = 6_400


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rows: int
    seconds: float
    rounds: int
    sections: frozenset[str]

    @property
    def window(self) -> Window:
        """The measuring time."""
        return Window(Bound(max(1, self.seconds / 5)), Bound(self.seconds))

    def burst(self, line: int) -> Window:
        """The same number of claims for everyone, as long as the time lasts: half of a line."""
        share = min(BURST, line // 2) // MIDDLE
        return Window(Bound(self.seconds, share // 10), Bound(self.seconds, share))


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    plan = _plan(words)
    met: list[Requirement] = []
    with server() as found:
        how = f"{plan.rows:,} rows, {plan.seconds:g} s each, median of {plan.rounds} rounds"
        report.heading("Claims", how, found.settings())
        source = people(found, plan.rows)
        if plan.sections & {"peers", "sizes", "offer", "empty"}:
            full = stage(found, source, "full", plan.rows)
            met += _on_full(plan, found, source, full)
            found.drop(full.database)
        if plan.sections & {"sparse", "empty"}:
            met += _on_sparse(plan, stage(found, source, "sparse", plan.rows, sparse=True))
    report.requirements(met)


def _on_full(plan: Plan, found: Server, source: str, full: Stage) -> list[Requirement]:
    met: list[Requirement] = []
    if "peers" in plan.sections:
        met += _peers(plan, full)
    if "sizes" in plan.sections:
        met += _sizes(plan, found, source, full)
    if "offer" in plan.sections:
        cases = [Case(who, full, MIDDLE) for who in (OFFER, APPLICATION)]
        report.rates("The matcher's offer, 8 clients", measure(cases, plan.window, plan.rounds))
    if "empty" in plan.sections:
        full.tidy("callback")
        title = f"{plan.rows:,} due, none in this agent's 3 campaigns"
        met.append(_empty(plan, full, title, [("application", BARREN)]))
    return met


def _peers(plan: Plan, full: Stage) -> list[Requirement]:
    met: list[Requirement] = []
    everyone = (LIMIT_ROW, APPLICATION, APPLICATION_SOME, ORM, PROCRASTINATE, PROCRASTINATE_SQL)
    cases = [Case(who, full, clients) for clients in CLIENTS for who in everyone]
    rates = measure(cases, plan.window, plan.rounds)
    for clients in CLIENTS:
        title = f"All {plan.rows:,} rows due, {clients} client{'s' if clients > 1 else ''}"
        report.rates(title, rates, [case for case in cases if case.clients == clients])
    mine = Case(APPLICATION, full, MIDDLE)
    bounds = ((LIMIT_ROW, 0.45), (ORM, 3.5), (PROCRASTINATE, 1.5), (PROCRASTINATE_SQL, 1.5))
    for who, least in bounds:
        ratio = rates.ratio(mine, Case(who, full, MIDDLE))
        met.append(Requirement(f"application / {who.name}, 8 clients", ratio, at_least=least))
    return met


def _sizes(plan: Plan, found: Server, source: str, full: Stage) -> list[Requirement]:
    small = [
        stage(found, source, f"of_{rows}", rows) for rows in (plan.rows // 100, plan.rows // 10)
    ]
    stages = [*small, full]
    cases = [Case(who, at, MIDDLE) for who in (LIMIT_ROW, APPLICATION) for at in stages]
    rates = measure(cases, plan.burst(small[0].rows), 2 * plan.rounds - 1)
    report.rates("By number of rows, all due, 8 clients", rates)
    for at in small:
        found.drop(at.database)
    ratio = rates.ratio(Case(APPLICATION, full, MIDDLE), Case(APPLICATION, small[0], MIDDLE))
    name = f"application: {full.rows:,} rows / {small[0].rows:,} rows"
    return [Requirement(name, ratio, at_least=0.8)]


def _on_sparse(plan: Plan, sparse: Stage) -> list[Requirement]:
    met: list[Requirement] = []
    if "sparse" in plan.sections:
        everyone = (LIMIT_ROW, APPLICATION, PROCRASTINATE, PROCRASTINATE_SQL)
        cases = [Case(who, sparse, MIDDLE) for who in everyone]
        rates = measure(cases, plan.burst(plan.rows // 300), plan.rounds)
        report.rates(f"1 % of {plan.rows:,} rows due, 8 clients", rates)
        for peer in cases[2:]:
            ratio = rates.ratio(cases[1], peer)
            name = f"application / {peer.contender.name}, 1 % due"
            met.append(Requirement(name, ratio, at_least=10))
    if "empty" in plan.sections:
        sparse.nothing_due()
        title = f"{plan.rows:,} waiting, none due"
        agents = [("any campaign", None), ("3 of 8 campaigns", SOME)]
        met.append(_empty(plan, sparse, title, agents))
        found = latencies(sparse, PROCRASTINATE_SQL, plan.seconds)
        report.latency(f"empty claim, {title}: procrastinate", found)
    return met


def _empty(
    plan: Plan, at: Stage, title: str, agents: Sequence[tuple[str, list[int] | None]]
) -> Requirement:
    worst = 0.0
    for name, campaigns in agents:
        found = latencies(at, application_of(campaigns), plan.seconds)
        report.latency(f"empty claim, {title}: {name}", found)
        worst = max(worst, found[0])
    return Requirement(f"empty claim, {title}, median ms", worst, at_most=1)


def _plan(words: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench claim")
    parser.add_argument("--quick", action="store_true", help="2 s instead of 8 s each")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows that wait")
    parser.add_argument("--rounds", type=int, help="3, or 5 quick ones, unless told")
    every = ("peers", "sizes", "offer", "sparse", "empty")
    parser.add_argument("--only", nargs="+", choices=every, default=every, metavar="SECTION")
    options = parser.parse_args(words)
    seconds = 2.0 if options.quick else 8.0
    # Short rounds are noisier, and their median needs more of them.
    rounds = options.rounds or (5 if options.quick else 3)
    return Plan(options.rows, seconds, rounds, frozenset(options.only))
