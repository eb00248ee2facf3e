"""One action on many callbacks, with what became of each (RULES 3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import OperationalError

from callbacks.actions.intake import IntakeRefusedError
from callbacks.rules.gate import BlockedError
from callbacks.rules.states import RefusedError
from contacts.rules.timezones import NonexistentTimeError


@dataclass(frozen=True, slots=True)
class Result:
    """What happened to one row: done, or refused with a stable code and a reason in words."""

    callback_id: int
    done: bool
    code: str = ""
    message: str = ""


def each(callback_ids: Iterable[int], act: Callable[[int], object]) -> list[Result]:
    """Do it to each callback in a transaction of its own; one that is refused stops no other."""
    return [_one(callback_id, act) for callback_id in dict.fromkeys(callback_ids)]


def _one(callback_id: int, act: Callable[[int], object]) -> Result:
    try:
        act(callback_id)
    except BlockedError as error:
        return Result(callback_id, False, error.verdict.reason, str(error))
    except (RefusedError, IntakeRefusedError) as error:
        return Result(callback_id, False, error.code, str(error))
    except NonexistentTimeError as error:
        return Result(callback_id, False, "nonexistent", str(error))
    except OperationalError:
        return Result(callback_id, False, "busy", "Somebody else is changing it. Try again")
    return Result(callback_id, True)
