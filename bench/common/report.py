"""What is printed: absolute numbers with ratios next to them, and what holds."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.common.rounds import Case, Rates


@dataclass(frozen=True, slots=True)
class Requirement:
    """A figure with its bound, the least or the most that it may be; without one, to compare."""

    name: str
    measured: float
    at_least: float | None = None
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its bound."""
        if self.at_least is not None:
            return self.measured >= self.at_least
        return self.at_most is None or self.measured <= self.at_most

    @property
    def bound(self) -> str:
        """The bound as it is printed."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else ""


def heading(what: str, how: str, settings: Mapping[str, str]) -> None:
    """What is measured, how much of it, and on what."""
    print(f"{what}, {time.strftime('%Y-%m-%d %H:%M')}: {how},")
    print(f"{os.cpu_count()} cores shared by server and clients.")
    print("PostgreSQL: " + ", ".join(f"{name} {value}" for name, value in settings.items()))
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        print("Commits are NOT durable here: the ratios below say nothing about production.")
    print("Filling the tables …", flush=True)


def rates(
    title: str, found: Rates, cases: Sequence[Case] | None = None, *, unit: str = "claims"
) -> None:
    """A table of rates per second; the ratio is to the first line with as many rows."""
    cases = cases or list(found.of)
    print(f"\n{title}")
    print(f"  {'':46}{'rows':>10}{unit + '/s':>12}{'ratio':>8}   slowest–fastest")
    for case in cases:
        first = next(other for other in cases if other.stage == case.stage)
        print(
            f"  {case.contender.name:46}{case.stage.rows:>10,}{found.median(case):>12,.0f}"
            f"{found.ratio(case, first):>8.2f}   {found.spread(case)}",
            flush=True,
        )


def latency(title: str, found: tuple[float, float]) -> None:
    """One line of the time that something takes which finds nothing to do."""
    print(f"  {title}: p50 {found[0]:.2f} ms, p99 {found[1]:.2f} ms", flush=True)


def requirements(found: Sequence[Requirement]) -> None:
    """Required, measured, and whether it holds."""
    print(f"\n{'Required':68}{'':>8}{'measured':>10}   holds")
    for each in found:
        said = ("holds" if each.holds else "DOES NOT HOLD") if each.bound else ""
        print(f"{each.name:68}{each.bound:>8}{each.measured:>10.2f}   {said}")
