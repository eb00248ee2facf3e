"""Contenders take turns: every round measures each of them once, in another order each time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.common.clients import Window, rate
from bench.common.contenders import Contender, Stage


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of a table: who, on which rows, with how many clients."""

    contender: Contender
    stage: Stage
    clients: int


@dataclass(slots=True)
class Rates:
    """Acts per second of every case in every round."""

    of: dict[Case, list[float]] = field(default_factory=dict)

    def median(self, case: Case) -> float:
        """The middle one of the rounds."""
        return median(self.of[case])

    def spread(self, case: Case) -> str:
        """Slowest and fastest round."""
        return f"{min(self.of[case]):,.0f}–{max(self.of[case]):,.0f}"

    def ratio(self, case: Case, other: Case) -> float:
        """The middle one of the ratios within each round: what slows a round slows both."""
        pairs = zip(self.of[case], self.of[other], strict=True)
        return median(one / two for one, two in pairs)


def measure(cases: Sequence[Case], window: Window, rounds: int) -> Rates:
    """Every case once per round, each from the same state of its table."""
    rates = Rates({case: [] for case in cases})
    for number in range(rounds):
        turn = number * len(cases) // rounds
        for case in [*cases[turn:], *cases[:turn]]:
            case.stage.tidy(case.contender.table)
            found = rate(case.stage, case.contender, case.clients, window)
            rates.of[case].append(found)
            print(
                f"  round {number + 1}: {case.contender.name}, {case.stage.rows:,} rows,"
                f" {case.clients} clients: {found:,.0f}/s",
                flush=True,
            )
    return rates
