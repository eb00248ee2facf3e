"""The services behind `make run` and `make test`: really started, killed and started again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config.devrun import free_web_port
from config.processes import AlreadyHeld, Ledger, ServiceError, fingerprint, sole_holder

ROOT = Path(__file__).resolve().parents[2]
SHOW_URLS = "import os, sys; print('URLS', os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
HOLDER = """
import sys, time
from pathlib import Path
from config.devservices import SMALL, services
from config.processes import Ledger, Stop
folder = Path(sys.argv[1])
ledger, stop = Ledger(folder / "processes.json"), Stop()
stop.listen()
ledger.end_leftovers()
with services(folder, SMALL, ledger=ledger, stop=stop) as running:
    print("URLS", *running.urls.values(), flush=True)
    stop.pause(60)
"""


class Machine:
    """Starts processes in a folder of their own, without addresses from outside."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        outside = {"DATABASE_URL", "REDIS_URL"}
        self.env = {key: value for key, value in os.environ.items() if key not in outside}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, *words]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, text=True, stdout=subprocess.PIPE
        )
        self.started.append(process)
        return process

    def hold(self) -> subprocess.Popen[str]:
        return self.start("-c", HOLDER, str(self.folder))

    def execute(self, code: str) -> subprocess.Popen[str]:
        verb = ("-m", "config.devservices", "exec", "--data", str(self.folder / "data"))
        return self.start(*verb, "--", sys.executable, "-c", code)

    def server_pid(self) -> int:
        return int((self.folder / "postgres/data/postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        for process in self.started:
            process.terminate()
            process.communicate(timeout=30)
        shutil.rmtree(self.folder)


@pytest.fixture
def machine() -> Iterator[Machine]:
    # Not pytest's own folder: it is closed to the OS user that PostgreSQL gets under root.
    own = Machine(Path(tempfile.mkdtemp(prefix="ringback-")))
    yield own
    own.close()


def urls(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Read the process's output up to the line that names both services."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith("URLS"):
            _, database, broker = line.split()
            return database, broker
    raise AssertionError("the services never came up")


def listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) == 0


def wait_until_gone(pid: int) -> None:
    until = time.monotonic() + 10
    while fingerprint(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert fingerprint(pid) is None


@pytest.mark.faults
def test_exec_passes_the_exit_code_on_and_stops_both(machine: Machine) -> None:
    use = (
        f"{SHOW_URLS}; import psycopg, redis; psycopg.connect(os.environ['DATABASE_URL']).close();"
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping(); sys.exit(7)"
    )
    process = machine.execute(use)
    database, broker = urls(process)
    assert process.wait(30) == 7
    assert not listens(database)
    assert not listens(broker)
    assert not (machine.folder / "data/postgres").exists()


@pytest.mark.faults
def test_addresses_in_the_environment_win(machine: Machine) -> None:
    given = {"DATABASE_URL": "postgres://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    machine.env.update(given)
    process = machine.execute(SHOW_URLS)
    assert urls(process) == (given["DATABASE_URL"], given["REDIS_URL"])
    assert process.wait(10) == 0
    assert not (machine.folder / "data/valkey").exists()


@pytest.mark.faults
def test_two_at_once_and_a_stop_ends_the_command_too(machine: Machine) -> None:
    stay = f"{SHOW_URLS}; import time; print('PID', os.getpid(), flush=True); time.sleep(60)"
    first, second = machine.execute(stay), machine.execute(stay)
    ours, theirs = urls(first), urls(second)
    assert set(ours).isdisjoint(theirs)
    assert first.stdout
    pid = int(first.stdout.readline().split()[1])

    first.send_signal(signal.SIGTERM)
    assert first.wait(20) == 128 + signal.SIGTERM
    wait_until_gone(pid)
    assert not listens(ours[0])
    assert listens(theirs[0])

    second.send_signal(signal.SIGTERM)
    second.wait(20)
    assert not listens(theirs[0])


@pytest.mark.faults
def test_a_killed_holder_is_recovered_and_the_data_survives(machine: Machine) -> None:
    killed = machine.hold()
    database, broker = urls(killed)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE promise AS SELECT 'we call at nine' AS words")
    server = machine.server_pid()
    killed.kill()
    killed.wait()
    assert listens(database)
    assert listens(broker)

    again = machine.hold()
    new_database, new_broker = urls(again)
    wait_until_gone(server)
    assert not listens(broker)
    with psycopg.connect(new_database) as connection:
        row = connection.execute("SELECT words FROM promise").fetchone()
    assert row == ("we call at nine",)
    with redis.Redis.from_url(new_broker) as client:
        assert client.ping()

    again.terminate()
    again.wait(20)
    assert not listens(new_database)


@pytest.mark.faults
def test_a_killed_server_is_recovered_though_its_pid_went_to_a_stranger(machine: Machine) -> None:
    first = machine.hold()
    urls(first)
    server = machine.server_pid()
    os.kill(server, signal.SIGKILL)
    first.kill()
    first.wait()

    pid_file = machine.folder / "postgres/data/postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(server), str(os.getpid()), 1))
    database, _ = urls(machine.hold())
    assert listens(database)


def test_a_stranger_with_a_reused_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger, subprocess.Popen(["sleep", "60"]) as ours:
        book = tmp_path / "processes.json"
        Ledger(book).add(ours.pid)
        entry = book.read_text().removeprefix("{")
        book.write_text(f'{{"{stranger.pid}": ["another start time", 15], {entry}')

        assert Ledger(book).end_leftovers() == 1
        assert stranger.poll() is None
        assert ours.wait(5) == -signal.SIGTERM
        stranger.kill()
    assert Ledger(book).end_leftovers() == 0


def test_the_lock_has_one_holder_and_names_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with sole_holder(path) as lock:
        lock.write_text("process 12, http://127.0.0.1:8000/")
        with pytest.raises(AlreadyHeld, match="process 12, http"), sole_holder(path):
            raise AssertionError("held twice")
    with sole_holder(path):
        assert path.read_text() == ""


def test_a_taken_port_is_stepped_over_with_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        chosen = free_web_port(str(taken))
    assert chosen > taken
    assert f"Port {taken} is taken, using {chosen}." in capsys.readouterr().out
    assert free_web_port(str(taken)) == taken


@pytest.mark.parametrize("words", ["", "web", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(ServiceError, match="no port number"):
        free_web_port(words)
