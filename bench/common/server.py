"""Databases of the bench's own on the server that DATABASE_URL names, made and dropped by it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

PREFIX = "ringback_bench_"


class Server:
    """Makes databases, copies them, and drops all of them at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._made: list[str] = []

    def url_of(self, name: str) -> str:
        """The address of another database on the same server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection to one of the databases, each statement its own transaction."""
        return psycopg.connect(self.url_of(name), autocommit=True)

    def environment(self, name: str) -> dict[str, str]:
        """What programs that use libpq, such as pgbench, read instead of arguments."""
        parts = psycopg.conninfo.conninfo_to_dict(self.url_of(name))
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        found = {names[key]: str(value) for key, value in parts.items() if key in names}
        return {**os.environ, **found, "PGDATABASE": name}

    def migrated(self, short: str) -> str:
        """A new database with the application's tables."""
        name = self._create(short, sql.SQL(""))
        environment = {**os.environ, "DATABASE_URL": self.url_of(name)}
        command = [sys.executable, "manage.py", "migrate", "--skip-checks", "-v", "0"]
        subprocess.run(command, env=environment, check=True)
        return name

    def copy(self, source: str, short: str) -> str:
        """A new database with the content of another one."""
        how = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(source))
        return self._create(short, how)

    def settings(self) -> dict[str, str]:
        """The settings that decide what a commit costs, and the version."""
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
        with psycopg.connect(self.url) as connection:
            rows = [(name, connection.execute(f"SHOW {name}").fetchone()) for name in names]
        return {name: row[0] for name, row in rows if row}

    def drop(self, name: str) -> None:
        """Drop one of the databases."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _create(self, short: str, how: sql.Composable) -> str:
        name = PREFIX + short
        self.drop(name)
        self._made.append(name)
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + how)
        return name

    def _run(self, statement: sql.Composable) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def drop_all(self) -> None:
        """Drop every database made here."""
        for name in self._made:
            self.drop(name)


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """The server of DATABASE_URL; what the bench made there is gone afterwards."""
    found = Server(os.environ["DATABASE_URL"])
    try:
        yield found
    finally:
        found.drop_all()
