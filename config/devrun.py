"""`make run`: everything Ringback needs on one machine, started, watched and stopped together."""

import contextlib
import http.client
import os
import re
import secrets
import shlex
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.devservices import SMALL, services
from config.processes import (
    AlreadyHeld,
    Ledger,
    Managed,
    ServiceError,
    Stop,
    StopRequested,
    say,
    sole_holder,
    spawn,
)

ROOT = Path(__file__).resolve().parent.parent
DEV = ROOT / ".dev"
LOGS = DEV / "log"
ACCOUNTS = DEV / "accounts.txt"
ENVIRONMENT = DEV / "environment"
FIRST_PORT, PORTS_TRIED = 8000, 50
READY_SECONDS = 60.0
COLOUR = re.compile(r"\x1b\[[\d;]*m")
CHATTER = re.compile(r"INFO:|\S+ \[(info|debug)\b")
PAGES = {"Customers": "/", "Desk": "/desk/", "Queue": "/queue/", "Admin": "/admin/"}
CELERY = ("-m", "celery", "-A", "config")


def commands(port: int) -> dict[str, tuple[str, ...]]:
    """Return the arguments after `python` for each process, in the order they are stopped."""
    web = ("-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--port", str(port))
    quiet = ("--loglevel", "WARNING")
    threads = ("--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle")
    return {
        "web": (*web, "--no-access-log", "--timeout-graceful-shutdown", "2"),
        "dialer": ("manage.py", "run_dialer"),
        "worker": (*CELERY, "worker", *threads, *quiet),
        "beat": (*CELERY, "beat", "--schedule", str(DEV / "beat-schedule"), *quiet),
    }


def free_web_port(wanted: str) -> int:
    """Return the wanted port, or the next free one with a word about it.

    Raises ServiceError when the text is no port number or all the next ones are taken.
    """
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise ServiceError(f"PORT is {wanted!r}, which is no port number between 1 and 65535.")
    first = int(wanted)
    for port in range(first, min(first + PORTS_TRIED, 65536)):
        if _is_free(port):
            if port != first:
                say(f"Port {first} is taken, using {port}.")
            return port
    raise ServiceError(f"Port {first} and the ones after it are taken. Choose one with PORT=….")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the server does: a port that only waits out an old connection counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment(urls: dict[str, str]) -> dict[str, str]:
    """Return the environment of every Ringback process; what is set already is kept."""
    key = DEV / "secret-key"
    if not key.exists() or not key.read_text():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(50))
    defaults = {
        "DEBUG": "1",
        "RINGBACK_DEMO": "1",
        "SECRET_KEY": key.read_text(),
        "RINGBACK_SIMULATOR_DIR": str(DEV / "telephony"),
        "PYTHONUNBUFFERED": "1",
        # Threads otherwise keep an arena of memory each.
        "MALLOC_ARENA_MAX": "2",
    }
    return {**defaults, **os.environ, **urls}


@contextlib.contextmanager
def told_to_others(env: dict[str, str]) -> Iterator[None]:
    """Keep the addresses of this run in a file, so that `make traffic` finds it meanwhile."""
    names = ("DATABASE_URL", "REDIS_URL", "DEBUG", "RINGBACK_DEMO", "SECRET_KEY",
             "RINGBACK_SIMULATOR_DIR")  # fmt: skip
    ENVIRONMENT.touch(mode=0o600)
    ENVIRONMENT.write_text("".join(f"{name}={shlex.quote(env[name])}\n" for name in names))
    try:
        yield
    finally:
        ENVIRONMENT.unlink(missing_ok=True)


class LogTail:
    """Shows on the terminal what a log file gains, without the server's own chatter."""

    def __init__(self, path: Path, *, from_start: bool = False) -> None:
        self._path = path
        self._seen = 0 if from_start else path.stat().st_size

    def show(self) -> None:
        """Print the complete lines that were added since the last call."""
        with self._path.open("rb") as log:
            log.seek(self._seen)
            text, newline, _rest = log.read().rpartition(b"\n")
        self._seen += len(text) + len(newline)
        for line in text.decode(errors="replace").splitlines():
            if not CHATTER.match(COLOUR.sub("", line)):
                say(line)


@dataclass
class Run:
    """One `make run` from the lock to the last stopped process."""

    stop: Stop
    ledger: Ledger
    children: list[Managed] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, words: Sequence[str]) -> Managed:
        """Start one Python process of this checkout; its output goes to .dev/log/NAME.log."""
        command = [sys.executable, *words]
        log = LOGS / f"{name}.log"
        return spawn(name, command, log=log, ledger=self.ledger, env=self.env, cwd=ROOT)

    def check(self) -> None:
        """Raise ServiceError when one of the processes has ended by itself."""
        for child in self.children:
            if child.code is not None:
                log = child.log.relative_to(ROOT)
                raise ServiceError(
                    f"{child.name} ended with code {child.code}. Its log is {log}; the end of it:"
                    f"\n{child.last_lines()}"
                )

    def wait_for_web(self, web: Managed, port: int) -> None:
        """Wait until the web process says that it is healthy; raises ServiceError if it is not."""
        until = time.monotonic() + READY_SECONDS
        while not _is_healthy(port):
            self.check()
            if time.monotonic() > until:
                raise ServiceError(f"The web process does not get ready:\n{web.last_lines()}")
            self.stop.pause(0.1)

    def watch(self, web: Managed) -> None:
        """Show the web process's errors until a stop is asked for or a process ends."""
        tail = LogTail(web.log)
        while True:
            tail.show()
            self.check()
            self.stop.pause(0.25)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def prepare(run: Run) -> None:
    """Bring the database up to date and load the demo data; raises ServiceError if that fails."""
    say("Bringing the database up to date …")
    process = run.start("prepare", ["-m", "config.devprepare", str(ACCOUNTS)])
    shown = LogTail(process.log, from_start=True)
    code = process.wait(run.stop, shown.show)
    shown.show()
    if code:
        log = process.log.relative_to(ROOT)
        raise ServiceError(f"The database is not ready: the reason is above and in {log}.")


def serve(run: Run, lock: Path) -> None:
    """Start the four processes, print where they are, and watch them until the end."""
    port = free_web_port(os.environ.get("PORT") or str(FIRST_PORT))
    address = f"http://127.0.0.1:{port}"
    lock.write_text(f"process {os.getpid()}, {address}/")
    with contextlib.ExitStack() as started:
        words = commands(port)
        # The web process takes seconds to load and asks the database nothing meanwhile.
        web = run.start("web", words.pop("web"))
        run.children.append(web)
        started.callback(web.end)
        prepare(run)
        with contextlib.ExitStack() as behind:
            for name in reversed(words):
                child = run.start(name, words[name])
                behind.callback(child.end)
                run.children.append(child)
            # The web process is the first to stop, so that nobody asks for what is gone.
            behind.callback(web.end)
            run.wait_for_web(web, port)
            announce(address)
            run.watch(web)


def announce(address: str) -> None:
    """Print the addresses, the demo accounts and where the logs are."""
    say("\nRingback is running. Ctrl-C stops it.\n")
    for name, path in PAGES.items():
        say(f"  {name:<12}{address}{path}")
    say(f"\n{ACCOUNTS.read_text().rstrip()}\n\nLogs are in {LOGS.relative_to(ROOT)}/.")


def run_all(stop: Stop, lock: Path) -> None:
    """Recover from a crashed run, start the services, then everything else.

    Raises ServiceError when something does not start or ends by itself, StopRequested at a stop.
    """
    run = Run(stop, Ledger(DEV / "processes.json"))
    if run.ledger.end_leftovers():
        say("Ended what an interrupted run had left behind.")
    say("Starting PostgreSQL and Valkey …")
    with services(DEV, SMALL, ledger=run.ledger, stop=stop) as running:
        run.children += running.children
        run.env = environment(running.urls)
        with told_to_others(run.env):
            serve(run, lock)


def main() -> int:
    """Run until a stop is asked for; 0 after a stop, 1 when something went wrong."""
    stop = Stop()
    stop.listen()
    try:
        with sole_holder(DEV / "run.lock") as lock:
            lock.write_text(f"process {os.getpid()}, still starting")
            run_all(stop, lock)
    except StopRequested:
        say("Stopped.")
    except AlreadyHeld as held:
        say(f"Ringback is running already in this checkout ({held}).")
        return 1
    except ServiceError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
