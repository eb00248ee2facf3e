"""A supervisor's action on callbacks, one after the other: a selection, or a line of a long job."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from agentdesk.forms import ActForm
from agentdesk.verbs import Verb
from callbacks.actions import selection
from callbacks.actions.selection import Result
from callbacks.models import Callback
from callbacks.queue import Actor

MISSING = Result(0, False, "missing", "There is no such callback")


def do_each(
    verb: Verb,
    form: ActForm,
    ids: Iterable[int],
    found: Mapping[int, Callback],
    actor: Actor,
) -> tuple[list[Result], dict[int, object]]:
    """Do it to each in a transaction of its own; ``found`` are those of the ids that there are.

    Returns the results in the order of the ids, and what each action that was done answered.
    """
    answers: dict[int, object] = {}

    def do(callback_id: int) -> None:
        answers[callback_id] = verb.act(found[callback_id], form, actor)

    asked = list(ids)
    done = {one.callback_id: one for one in selection.each(filter(found.__contains__, asked), do)}
    return [done.get(one) or replace(MISSING, callback_id=one) for one in asked], answers
