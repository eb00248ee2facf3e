"""Many at once: real threads with connections of their own, let go at one moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection

PATIENCE = 30
# The marks of a module of races: committed for real, and no other race beside it.
RACES = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("races"),
    pytest.mark.usefixtures("few_connections"),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answered, or the exception that it raised, in order."""
    gate = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        try:
            gate.wait(PATIENCE)
            answers[number] = acts[number]()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "somebody waits for ever"
    return answers


def errors(answers: Sequence[Any]) -> list[Exception]:
    """The answers that are exceptions."""
    return [answer for answer in answers if isinstance(answer, Exception)]
