"""One round of a callback's life: claimed, accepted, called in vain, due again."""

import itertools
import re

from django.db import connection

from bench.churn.tables import AGENTS, Stage
from bench.common.clients import moments, pgbench
from bench.common.contenders import Act, Contender, use
from callbacks.actions.calls import Work
from callbacks.actions.offers import accept_offer
from callbacks.actions.outcomes import WrapUp, record_outcome
from callbacks.queue import claim_next

# The call itself: what is left of it when it has ended.
_CALL = """
INSERT INTO attempt (key, callback_id, contact_id, campaign_id, number_id, agent_id, state,
    outcome, cause, sequence, early, intended_at, dialed_at, ended_at)
  SELECT gen_random_uuid(), id, contact_id, campaign_id, number_id, agent_id, 'ended', 'no_answer',
    '', 3, false, now(), now(), now() FROM callback WHERE id = %s
"""
# The same changes of the row and nothing else, each committed.
_BARE = """
\\set n :n + 1
\\set agent 1 + :client_id * :span + :n % :span
UPDATE callback SET state = 'offered', agent_id = :agent, offered_at = now(),
  offer_expires_at = now() + interval '20 seconds', claim_version = claim_version + 1
WHERE id = (SELECT id FROM callback
  WHERE state = 'scheduled' AND reserved_for_id IS NULL AND callable_from <= now()
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id \\gset
UPDATE callback SET state = 'working', accepted_at = now(), offer_expires_at = NULL WHERE id = :id;
UPDATE callback SET state = 'scheduled', agent_id = NULL, accepted_at = NULL, due_at = now(),
  callable_from = now() - interval '5 minutes', retry_number = retry_number % 30000 + 1
WHERE id = :id;
"""


def _application(stage: Stage, client: int, clients: int) -> Act:
    use(stage)
    span = AGENTS // clients
    agents = itertools.cycle(range(1 + client * span, 1 + client * span + span))

    def one_round() -> bool:
        agent = next(agents)
        claim = claim_next(agent, None)
        if claim is None:
            return False
        accept_offer(callback_id=claim.callback_id, agent_id=agent, version=claim.version)
        with connection.cursor() as cursor:
            cursor.execute(_CALL, [claim.callback_id])
        record_outcome(Work(claim.callback_id, agent, claim.version), WrapUp(None))
        return True

    return one_round


def application(stage: Stage, clients: int, seconds: int, step: int) -> list[float]:
    """Rounds per second of the application in each step of the time."""
    done = moments(stage, Contender("application", "callback", _application), clients, seconds)
    return [
        sum(start <= moment < start + step for moment in done) / step
        for start in range(0, seconds, step)
    ]


def bare(stage: Stage, clients: int, seconds: int, step: int) -> list[float]:
    """The same of pgbench with the bare statements: many times the wear."""
    known = {"n": 0, "span": AGENTS // clients}
    end = ["-T", str(seconds), "--progress", str(step)]
    said = pgbench(stage, _BARE, clients, end, known)
    return [float(found) for found in re.findall(r"progress: [\d.]+ s, ([\d.]+) tps", said)]
