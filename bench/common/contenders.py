"""Who is measured, on which tables."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection

from bench.common.people import AGENTS
from bench.common.server import Server

Act = Callable[[], bool]


class Stage(Protocol):
    """A database with filled tables, which ``tidy`` brings back to the same state."""

    @property
    def server(self) -> Server: ...
    @property
    def database(self) -> str: ...
    @property
    def rows(self) -> int: ...
    def tidy(self, table: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Contender:
    """Who acts, on which table. Without ``open`` pgbench runs the ``script``.

    ``open`` gets the stage, the client's number and how many there are; it opens a connection of
    its own and returns a function that acts once, and says whether there was anything to do. The
    script knows ``:client_id``, ``:span`` agents for each client, ``:n`` to count from, ``:rows``.
    """

    name: str
    table: str
    open: Callable[[Any, int, int], Act] | None = None
    script: str = ""


def agents_of(client: int, clients: int) -> Iterator[int]:
    """Agents for one client alone: an agent holds one callback, so every act is for a new one."""
    span = AGENTS // clients
    return itertools.count(1 + client * span)


def use(stage: Stage) -> None:
    """Point Django's connection, in a process of its own, to the stage."""
    connection.settings_dict["NAME"] = stage.database
    connection.ensure_connection()
