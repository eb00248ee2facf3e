"""How long a page of the queue takes, next to its raw SQL and to a naive page, in turns."""

import argparse
from collections.abc import Sequence
from functools import partial
from statistics import median

from bench.common import report
from bench.common.clients import latencies
from bench.common.contenders import Contender
from bench.common.report import Requirement
from bench.common.server import server
from bench.queue_page import contenders
from bench.queue_page.tables import Stage, stage

FAR = 8_000
PAGE = contenders.page("page: first", contenders.first)
RAW = contenders.raw("raw SQL: first")
NAIVE = contenders.naive("naive page: first", contenders.first)
CAMPAIGN = contenders.page("page: one of 50 campaigns", contenders.one_campaign)
RAW_CAMPAIGN = contenders.raw("raw SQL: one of 50 campaigns", "AND campaign_id = 7")


def main(words: Sequence[str]) -> None:
    """Measure and report. Exits well whatever comes out: measurements are not tests."""
    options = _options(words)
    with server() as found:
        how = f"{options.rows:,} and {options.more:,} rows, {options.seconds:g} s each"
        report.heading("The queue's page", how, found.settings())
        met, first = _small(stage(found, options.rows), options)
        if options.more:
            large = _turns(stage(found, options.more), [PAGE], options)[PAGE.name]
            met.append(
                Requirement(
                    f"{options.more:,} rows / {options.rows:,} rows", large / first, at_most=1.5
                )
            )
    report.requirements(met)


def _small(there: Stage, options: argparse.Namespace) -> tuple[list[Requirement], float]:
    far = min(FAR, there.rows // 50 - 1)
    deep = contenders.page(f"page: {far:,}", partial(contenders.deep, far))
    naive_deep = contenders.naive(f"naive page: {far:,}", contenders.first, far * 50 - 50)
    who = [PAGE, RAW, NAIVE, deep, naive_deep, CAMPAIGN, RAW_CAMPAIGN]
    took = _turns(there, who, options)
    page = took[PAGE.name]
    met = [
        Requirement("page / raw SQL", page / took[RAW.name], at_most=8),
        Requirement("naive page / page", took[NAIVE.name] / page, at_least=12),
        Requirement(f"page {far:,} / first page", took[deep.name] / page, at_most=1.2),
        Requirement("naive page / page, both far", took[naive_deep.name] / took[deep.name]),
        Requirement(
            "page / raw SQL, one of 50 campaigns",
            took[CAMPAIGN.name] / took[RAW_CAMPAIGN.name],
            at_most=8,
        ),
    ]
    return met, page


def _turns(there: Stage, who: Sequence[Contender], options: argparse.Namespace) -> dict[str, float]:
    """The median of each in milliseconds: of all rounds, in another order each time."""
    took: dict[str, list[float]] = {}
    for number in range(options.rounds):
        turn = number % len(who)
        for one in (*who[turn:], *who[:turn]):
            took.setdefault(one.name, []).append(latencies(there, one, options.seconds)[0])
    print(f"\nMilliseconds for one page of 50, {there.rows:,} open callbacks")
    for name, times in took.items():
        print(f"  {name:36}{median(times):>9.1f}   {min(times):.1f}–{max(times):.1f}", flush=True)
    return {name: median(times) for name, times in took.items()}


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench queue_page")
    parser.add_argument("--quick", action="store_true", help="100,000 rows, 2 s each, 2 rounds")
    parser.add_argument("--rows", type=int, help="1,000,000 unless told")
    parser.add_argument("--more", type=int, help="5 times as many; 0 for none")
    parser.add_argument("--rounds", type=int, help="3 unless told")
    options = parser.parse_args(words)
    options.seconds = 2.0 if options.quick else 5.0
    options.rows = options.rows or (100_000 if options.quick else 1_000_000)
    options.more = 5 * options.rows if options.more is None else options.more
    options.rounds = options.rounds or (2 if options.quick else 3)
    return options
