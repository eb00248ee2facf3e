"""The product as it really runs: four processes, a database of its own, a carrier of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "ringback"
PROCESSES = ("web", "worker", "beat", "dialer")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Stack:
    """Start, kill and question the processes; each by its own id."""

    def __init__(self, folder: Path, name: str, valkey_number: int, speed: float = 5) -> None:
        self.folder = folder
        self.port = _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.server = os.environ["DATABASE_URL"]
        self.database = name
        self.url = urlsplit(self.server)._replace(path=f"/{name}").geturl()
        self.calls = folder / "telephony" / "calls.jsonl"
        self.cookies: dict[str, Any] = {}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        redis = os.environ["REDIS_URL"].rsplit("/", 1)[0]
        self.env = os.environ | {
            "DATABASE_URL": self.url,
            "REDIS_URL": f"{redis}/{valkey_number}",
            "DEBUG": "1",
            "LOG_LEVEL": "WARNING",
            "RINGBACK_SIMULATOR_DIR": str(self.calls.parent),
            "RINGBACK_SIMULATOR_SPEED": str(speed),
            "RINGBACK_DIALER": "simulator",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def create(self) -> None:
        """A database of its own, migrated and with the people that the tests need."""
        with psycopg.connect(self.server, autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            link.execute(f'CREATE DATABASE "{self.database}"')
        self._python("manage.py", "migrate", "--verbosity", "0")
        self._python("-m", "tests.e2e.people")

    def drop(self) -> None:
        """Nothing stays behind."""
        with psycopg.connect(self.server, autocommit=True) as link:
            link.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')

    def _python(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.env, check=True, capture_output=True
        )

    def start(self, *names: str) -> None:
        """Start the named processes, or all; returns when pages are served and calls can start."""
        celery = ["-m", "celery", "-A", "config"]
        commands = {
            "web": ["-m", "uvicorn", "config.asgi:application", "--port", str(self.port),
                    "--no-access-log", "--timeout-graceful-shutdown", "1"],
            "worker": [*celery, "worker", "--pool", "threads", "--concurrency", "2",
                       "--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
            "beat": [*celery, "beat", "--schedule", str(self.folder / "beat"),
                     "--loglevel", "WARNING"],
            "dialer": ["manage.py", "run_dialer"],
        }  # fmt: skip
        for name in names or PROCESSES:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    [sys.executable, *commands[name]],
                    cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
        self.wait(self._answers, 60)
        self.wait(lambda: (self.calls.parent / "heartbeat").exists(), 30)

    def put(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Callbacks that wait, by one helper for all: see ``tests.e2e.rows``."""
        helper = self.running.get("rows")
        if helper is None:
            helper = self.running["rows"] = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.rows"],
                cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert helper.stdin is not None
        assert helper.stdout is not None
        helper.stdin.write(json.dumps(list(rows)).encode() + b"\n")
        helper.stdin.flush()
        found: list[int] = json.loads(helper.stdout.readline())
        return found

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/healthz", timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, *names: str) -> None:
        """kill -9: no goodbye."""
        for name in names:
            self.running[name].send_signal(signal.SIGKILL)
            self.running.pop(name).wait()

    def stop(self) -> None:
        """End what is running, politely, then not."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            for pipe in filter(None, (process.stdin, process.stdout)):
                pipe.close()
            try:
                process.wait(8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    @staticmethod
    def wait(condition: Any, seconds: float = 30) -> None:
        """Until the condition holds. Raises AssertionError when it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database directly."""
        with psycopg.connect(self.url, autocommit=True) as link:
            found = link.execute(statement, values)
            return found.fetchall() if found.description else []

    def one(self, statement: str, *values: object) -> Any:
        """The first value of the only row."""
        return self.rows(statement, *values)[0][0]

    def clean(self) -> None:
        """No callbacks, no contacts, nobody ready, nothing of one's own: an empty floor."""
        self.rows(
            "TRUNCATE callback, callback_event, attempt, intake_request, contact, contact_number, "
            "phone_number, do_not_call, dnc_import, exchange_job, inbound_call, intent, "
            "interaction, bulk_job, saved_view CASCADE"
        )
        self.rows('UPDATE "user" SET single_keys = true')
        self.rows(
            "UPDATE agent SET presence = 'not_ready', reason = '', wrap_up_until = NULL, "
            "since = now()"
        )

    def happened_earlier(self, ago: str, condition: str) -> None:
        """Put events into the past. Stories are not edited, so they are told anew."""
        columns = (
            "id, callback_id, name, from_state, to_state, actor_kind, actor_id, reason, data, "
            "claim_version"
        )
        self.rows(
            f"WITH gone AS (DELETE FROM callback_event WHERE {condition} RETURNING *)"
            f" INSERT INTO callback_event ({columns}, at)"
            f" SELECT {columns}, at - interval '{ago}' FROM gone"
        )

    def dials(self, ending: str = "") -> list[str]:
        """The carrier's own log: every number that it was really asked to ring."""
        if not self.calls.exists():
            return []
        lines = [json.loads(line) for line in self.calls.read_text().splitlines()]
        return [
            line["number"]
            for line in lines
            if line["op"] == "start" and line["number"].endswith(ending)
        ]

    def logs(self) -> str:
        """What the processes wrote, to explain a failure."""
        return "\n".join(
            f"{path.name}: {path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def running_stack(folder: Path, name: str, valkey_number: int, speed: float = 5) -> Iterator[Stack]:
    """A stack that runs for as long as the block, and leaves nothing behind."""
    stack = Stack(folder, name, valkey_number, speed)
    try:
        stack.create()
        stack.start()
        yield stack
    finally:
        stack.stop()
        stack.drop()
