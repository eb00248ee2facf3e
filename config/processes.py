"""Start, remember and end the processes of one checkout, and no others."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

StopSteps = tuple[tuple[signal.Signals, float], ...]
POLITE: StopSteps = ((signal.SIGTERM, 6.0), (signal.SIGKILL, 5.0))


class ServiceError(Exception):
    """Something could not be started; the text is a sentence for the person at the terminal."""


class StopRequested(Exception):
    """Somebody asked this command to stop."""


class AlreadyHeld(Exception):
    """Another process holds the lock; the text is the note that it left there."""


def say(line: str) -> None:
    """Write one line to standard output, or nowhere once the terminal is gone."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:
        # After a hang-up every write fails, and so would the flush at exit; the clean-up goes on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Stop:
    """Remembers the first signal that asks to stop; loops look at it where stopping is safe."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._terminal = False

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP; a SIGHUP ignored by nohup stays ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            signal.signal(number, self._note)
        keeps_terminal = signal.getsignal(signal.SIGHUP) == self._note and os.isatty(0)
        self._terminal = keeps_terminal and os.tcgetpgrp(0) == os.getpgrp()

    def _note(self, number: int, _frame: object) -> None:
        self.signal = self.signal or number

    def pause(self, seconds: float) -> None:
        """Wait that long; raises StopRequested when a stop was asked for."""
        until = time.monotonic() + seconds
        while self.signal is None and (left := until - time.monotonic()) > 0:
            # A signal handler that returns lets an interrupted sleep go on to its end.
            time.sleep(min(left, 0.1))
        # A closed terminal signals its session's leader only, which is not always a shell.
        if self._terminal and not os.isatty(0):
            self.signal = self.signal or signal.SIGHUP
        if self.signal is not None:
            raise StopRequested


def fingerprint(pid: int) -> str | None:
    """Tell a living process from a later one with the same pid; None when there is no such one."""
    proc = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            # The name in parentheses may hold anything, so the fields are counted after it.
            fields = proc.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"
    return _ask_ps(pid, "lstart=")


def command_line(pid: int) -> str:
    """Return the words a process was started with, joined by spaces, or nothing."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return "" if Path("/proc/self").exists() else _ask_ps(pid, "command=") or ""
    return words.replace(b"\0", b" ").decode(errors="replace").strip()


def _ask_ps(pid: int, column: str) -> str | None:
    command = ["ps", "-p", str(pid), "-o", column]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.strip() or None


class Ledger:
    """The processes of one run, kept in a file so that the next run can end what a crash left."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[int, tuple[str, int]] = {}

    def add(self, pid: int, first_signal: int = signal.SIGTERM) -> None:
        """Remember a process that was just started, and the signal that ends it politely."""
        self._known[pid] = (fingerprint(pid) or "", int(first_signal))
        self._write()

    def remove(self, pid: int) -> None:
        """Forget a process that has ended."""
        self._known.pop(pid, None)
        self._write()

    def _write(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps(self._known))
        fresh.replace(self.path)

    def end_leftovers(self) -> int:
        """End what the run before left behind and return how many there were.

        A pid counts only with the start time on record, so a stranger with a reused pid is safe.
        The newest go first: the services were started before the processes that use them.
        """
        try:
            known: dict[str, tuple[str, int]] = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return 0
        ended = sum(end_pid(int(pid), *entry) for pid, entry in reversed(known.items()))
        self.path.unlink()
        return ended


def end_pid(pid: int, mark: str | None, first_signal: int = signal.SIGTERM) -> bool:
    """End a process that is no child of ours; False when it was not running any more."""
    if not mark or fingerprint(pid) != mark:
        return False
    for number, patience in ((first_signal, 8.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if fingerprint(pid) != mark:
                return True
            time.sleep(0.05)
    return True


@dataclass(frozen=True)
class Owner:
    """The OS user a process runs as when that is not the user who starts it."""

    uid: int
    gid: int


@dataclass
class Managed:
    """A child process with a name, a log file and a polite way to end it."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path
    ledger: Ledger
    steps: StopSteps = POLITE

    @property
    def code(self) -> int | None:
        """The exit code, minus the signal's number for a killed one, or None while it runs."""
        return self.popen.poll()

    def end(self) -> None:
        """End the process step by step and forget it."""
        for number, patience in self.steps:
            if self.popen.poll() is not None:
                break
            self.popen.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(patience)
        self.ledger.remove(self.popen.pid)

    def wait(self, stop: Stop, meanwhile: Callable[[], None] = lambda: None) -> int:
        """Wait for the end of the process and return its code; ends it when a stop is asked for.

        Raises StopRequested in that case.
        """
        try:
            while self.popen.poll() is None:
                meanwhile()
                stop.pause(0.05)
        finally:
            self.end()
        return self.popen.returncode

    def last_lines(self, count: int = 20) -> str:
        """Return the end of the log, indented for the terminal."""
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"    {line}" for line in lines) or "    (nothing)"


def spawn(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    ledger: Ledger,
    env: Mapping[str, str],
    cwd: Path | None = None,
    owner: Owner | None = None,
    steps: StopSteps = POLITE,
    stdin: IO[bytes] | None = None,
) -> Managed:
    """Start a process with its output in a log file, out of reach of the terminal's Ctrl-C."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        popen = subprocess.Popen(
            list(command),
            stdin=stdin or subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=owner.uid if owner else None,
            group=owner.gid if owner else None,
            extra_groups=[] if owner else None,
        )
    ledger.add(popen.pid, steps[0][0])
    return Managed(name, popen, log, ledger, steps)


@contextlib.contextmanager
def sole_holder(path: Path) -> Iterator[Path]:
    """Hold an OS lock on a file, which a crash releases by itself; AlreadyHeld if taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyHeld(path.read_text().strip()) from None
        try:
            yield path
        finally:
            path.write_text("")
