"""An opt-out survives a crash: whatever was said to be done is done, and nobody dials after it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from subprocess import DEVNULL, PIPE

import pytest

from tests.e2e.stack import ROOT, Stack

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]
PEOPLE = 12


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    """A database and a carrier of its own, and no process yet."""
    made = Stack(tmp_path_factory.mktemp("crash"), f"ringback_crash_{worker_id}", 8)
    try:
        made.create()
        yield made
    finally:
        made.drop()


@pytest.fixture
def floor(stack: Stack) -> Stack:
    """Everybody with one callback in an agent's hands, and one that waits."""
    stack.clean()
    stack.calls.unlink(missing_ok=True)
    _run(stack, "prepare")
    return stack


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.opt_out", *words]


def _run(stack: Stack, *words: str) -> str:
    done = subprocess.run(
        _command(*words), cwd=ROOT, env=stack.env, check=True, stdout=PIPE, text=True
    )
    return done.stdout


def _killed(stack: Stack, lines: int, *words: str) -> list[str]:
    """What the process had said when it was killed without a goodbye after so many lines."""
    process = subprocess.Popen(
        _command("forbid", *words), cwd=ROOT, env=stack.env, stdin=PIPE, stdout=PIPE,
        stderr=DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(lines)]
    process.kill()
    said += process.stdout.read().split()
    process.wait()
    for stream in (process.stdin, process.stdout):
        stream.close()
    return said


def _listed(stack: Stack) -> set[int]:
    """Numbers on the list."""
    rows = stack.rows(
        "SELECT n.id FROM phone_number n JOIN do_not_call d ON d.number_hash = n.dnc_hash"
    )
    return {row[0] for row in rows}


def _waiting(stack: Stack) -> set[int]:
    """Numbers for which something still waits."""
    return {row[0] for row in stack.rows("SELECT number_id FROM callback WHERE state='scheduled'")}


def _dialled(stack: Stack) -> set[int]:
    numbers = stack.dials()
    assert len(numbers) == len(set(numbers))
    rows = stack.rows("SELECT id FROM phone_number WHERE e164 = ANY(%s)", numbers)
    return {row[0] for row in rows}


def test_an_opt_out_survives_a_crash(floor: Stack) -> None:
    said = {int(line) for line in _killed(floor, random.randrange(1, PEOPLE))}
    listed = _listed(floor)
    assert 0 < len(said) <= len(listed)
    assert said <= listed  # what was said to be done is done
    everybody = {row[0] for row in floor.rows("SELECT id FROM phone_number")}
    assert _waiting(floor) == everybody - listed  # all of it or nothing of it
    told = json.loads(_run(floor, "dial"))  # by a process that knows nothing of the other one
    assert {int(pk) for pk, became in told.items() if became == "do_not_call"} == listed
    assert _dialled(floor) == everybody - listed
    refusals = floor.rows("SELECT count(*) FROM dial_decision WHERE reason = 'do_not_call'")
    assert refusals == [(len(listed),)]


def test_killed_before_the_commit_nothing_was_said_and_nothing_was_done(floor: Stack) -> None:
    assert _killed(floor, 1, "inside") == ["inside"]
    assert _listed(floor) == set()
    assert len(_waiting(floor)) == PEOPLE
    # The lock on the number died with the process: the same opt-out is taken now.
    assert len(_run(floor, "forbid").split()) == PEOPLE
    assert len(_listed(floor)) == PEOPLE
    assert _waiting(floor) == set()
    assert set(json.loads(_run(floor, "dial")).values()) == {"do_not_call"}
    assert floor.dials() == []
