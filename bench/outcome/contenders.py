"""Those who record an outcome. The callback of an agent follows from the agent's number."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from bench.common.contenders import Act, Contender, agents_of, use
from bench.outcome.tables import (
    ENDED_FROM,
    OUTCOMES,
    Stage,
    callback_of,
    outcome_of,
)
from callbacks import cases, queue
from callbacks.actions.calls import Work
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.actions.settlement import settled
from callbacks.models import Attempt, Callback, CallbackEvent
from campaigns.models import Disposition, RetryRule
from campaigns.rules.retry import Outcome

# The bare work: what the outcome and the next time cost the server when nothing is decided.
LIMIT = f"""
\\set n :n + 1
\\set agent 1 + :client_id * :span + :n
WITH ended AS (
  UPDATE attempt SET state = 'ended', outcome = 'no_answer', ended_at = now()
  WHERE id = {ENDED_FROM} + :agent RETURNING callback_id, now() + interval '24 hours' AS next
), moved AS (
  UPDATE callback SET state = 'scheduled', agent_id = NULL, accepted_at = NULL, due_at = next,
    callable_from = next - interval '5 minutes', callable_until = next + interval '9 hours',
    trigger_outcome = 'no_answer', retry_number = 2, retry_max = 3
  FROM ended WHERE callback.id = callback_id AND state = 'working' AND claim_version = 1
  RETURNING id, claim_version
)
INSERT INTO callback_event
  (callback_id, name, from_state, to_state, actor_kind, actor_id, reason, data, claim_version)
SELECT id, 'retry', 'working', 'scheduled', 'agent', :agent, 'no_answer: retry 2 of 3',
  '{{"outcome": "no_answer"}}', claim_version FROM moved;
"""


def _each(act: Callable[[int, Work], None], stage: Stage, client: int, clients: int) -> Act:
    use(stage)
    agents = agents_of(client, clients)

    def one() -> bool:
        agent = next(agents)
        act(agent, Work(callback_of(agent, stage.rows), agent, 1))
        return True

    return one


def _application(stage: Stage, client: int, clients: int) -> Act:
    """Done, as the desk does it: of four, two choose an ending, and one of these corrects."""
    use(stage)
    endings = {(one.campaign_id, one.outcome): one for one in Disposition.objects.all()}
    campaigns = dict(Callback.objects.filter(state="working").values_list("pk", "campaign_id"))

    def done(agent: int, work: Work) -> None:
        ending = None
        if agent % 4 > 1:
            reported = OUTCOMES.index(outcome_of(agent))
            said = OUTCOMES[(reported + agent % 4 - 2) % len(OUTCOMES)]
            ending = endings[campaigns[work.callback_id], said]
        record_outcome(work, WrapUp(ending))

    return _each(done, stage, client, clients)


def _settled(agent: int, work: Work) -> None:
    with transaction.atomic():
        one = cases.lock_one(work.callback_id)
        assert one.attempt_outcome is not None
        assert one.attempt_ended_at is not None
        move = settled(one, Outcome(one.attempt_outcome), one.attempt_ended_at)
        assert queue.move_many([move], actor=queue.Actor("agent", agent))


def _orm(agent: int, work: Work) -> None:
    """What one writes in Django without raw SQL; it knows no calling windows and no history."""
    with transaction.atomic():
        callback = Callback.objects.select_for_update().get(
            pk=work.callback_id, state="working", agent=agent, claim_version=work.version
        )
        attempt = callback.attempts.latest("pk")
        rule = RetryRule.objects.get(campaign=callback.campaign_id, outcome=attempt.outcome)
        retries = Attempt.objects.filter(
            contact=callback.contact_id,
            campaign=callback.campaign_id,
            outcome=attempt.outcome,
            intended_at__gte=callback.counts_from,
        ).count()
        attempt.state = Attempt.State.ENDED
        attempt.ended_at = timezone.now()
        attempt.save()
        callback.state = "scheduled" if retries <= rule.max_retries else "exhausted"
        callback.agent = callback.accepted_at = None
        callback.due_at = attempt.ended_at + rule.policy().delay(retries)
        callback.callable_from = callback.due_at - timedelta(minutes=5)
        callback.callable_until = callback.due_at + timedelta(hours=9)
        callback.trigger_outcome = attempt.outcome
        callback.retry_number, callback.retry_max = retries, rule.max_retries
        callback.save()
        CallbackEvent.objects.create(
            callback=callback, name="retry", from_state="working", to_state=callback.state,
            actor_kind="agent", actor_id=agent, claim_version=callback.claim_version,
            reason=f"{attempt.outcome}: retry {retries}", data={"outcome": attempt.outcome},
        )  # fmt: skip


LIMIT_ROW = Contender("limit: pgbench, one statement, no rules", "callback", script=LIMIT)
APPLICATION = Contender("application: record_outcome", "callback", _application)
SETTLED = Contender(
    "application: lock, decide, move: no more", "callback", partial(_each, _settled)
)
ORM = Contender("Django ORM: select_for_update, save", "callback", partial(_each, _orm))
