"""A worker is killed in the middle of a job: its report says what happened; the next goes on."""

import subprocess
import sys
from collections.abc import Iterator
from subprocess import PIPE

import pytest

from tests.e2e.stack import ROOT, Stack

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]
CALLBACKS = 12
TOLD = """
SELECT line.outcome, callback.state,
  (SELECT count(*) FROM callback_event WHERE callback_id = callback.id AND name = 'cancel')
FROM bulk_line line JOIN callback ON callback.id = line.callback_id ORDER BY line.id
"""
DONE, WAITING = ("done", "cancelled", 1), ("", "scheduled", 0)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Stack]:
    """A database of its own, and no process."""
    made = Stack(tmp_path_factory.mktemp("killed"), f"ringback_killed_{worker_id}", 8)
    try:
        made.create()
        yield made
    finally:
        made.drop()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.faults.bulk", *words]


def _killed_at(stack: Stack, callbacks: int) -> None:
    """A worker did so many and is killed before it writes the last of them down."""
    process = subprocess.Popen(
        _command("work", str(callbacks)), cwd=ROOT, env=stack.env, stdin=PIPE, stdout=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(callbacks)]
    assert said[-1] == b"%d\n" % callbacks
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    left = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND state LIKE 'idle in transaction%%'"
    )
    stack.wait(lambda: stack.one(left) == 0, 30)


def test_what_was_not_written_down_was_not_done(stack: Stack) -> None:
    stack.clean()
    subprocess.run(_command("prepare"), cwd=ROOT, env=stack.env, check=True)
    _killed_at(stack, 5)
    assert stack.rows(TOLD) == [DONE] * 4 + [WAITING] * 8
    assert stack.rows("SELECT state, done, refused FROM bulk_job") == [("running", 4, 0)]
    _killed_at(stack, 1)
    assert stack.rows(TOLD) == [DONE] * 4 + [WAITING] * 8
    subprocess.run(
        _command("work", "0"), cwd=ROOT, env=stack.env, check=True, stdout=subprocess.DEVNULL
    )
    assert stack.rows(TOLD) == [DONE] * CALLBACKS
    assert stack.rows("SELECT state, done, refused FROM bulk_job") == [("done", CALLBACKS, 0)]
