"""Those who claim. Each opens its own connection and returns a function that makes one claim."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import psycopg
from django.db import transaction
from django.utils import timezone
from procrastinate import App, PsycopgConnector
from procrastinate.sql import queries
from psycopg.rows import dict_row

from agentdesk import matching
from bench.claim.tables import QUEUE, SOME, Stage
from bench.common.contenders import Act, Contender, agents_of, use
from callbacks.models import Callback
from callbacks.queue import claim_next

OFFER_SECONDS = 20
# The plain statement of the design, on the application's table: what a claim costs the server.
LIMIT = f"""
\\set n :n + 1
\\set agent 1 + :client_id * :span + :n
UPDATE callback SET state = 'offered', agent_id = :agent, offered_at = now(),
  offer_expires_at = now() + interval '{OFFER_SECONDS} seconds', claim_version = claim_version + 1
WHERE id = (SELECT id FROM callback
  WHERE state = 'scheduled' AND reserved_for_id IS NULL AND callable_from <= now()
  ORDER BY priority DESC, callable_from, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, campaign_id, claim_version, offer_expires_at;
"""


def _application(
    stage: Stage, client: int, clients: int, *, campaigns: Sequence[int] | None
) -> Act:
    use(stage)
    agents = agents_of(client, clients)
    return lambda: claim_next(next(agents), campaigns) is not None


def _offer(stage: Stage, client: int, clients: int) -> Act:
    use(stage)
    agents = agents_of(client, clients)
    return lambda: matching._offer(next(agents), None)


def _orm(stage: Stage, client: int, clients: int) -> Act:
    """What one writes in Django without raw SQL: lock the first row, change it, save it."""
    use(stage)
    agents = agents_of(client, clients)

    def claim() -> bool:
        now = timezone.now()
        with transaction.atomic():
            line = Callback.objects.select_for_update(skip_locked=True).filter(
                state="scheduled", reserved_for__isnull=True, callable_from__lte=now
            )
            callback = line.order_by("-priority", "callable_from", "id").first()
            if callback is None:
                return False
            callback.state = "offered"
            callback.agent_id = next(agents)
            callback.offered_at = now
            callback.offer_expires_at = now + timedelta(seconds=OFFER_SECONDS)
            callback.claim_version += 1
            callback.save()
        return True

    return claim


def _procrastinate(stage: Stage, client: int, clients: int) -> Act:
    """Its own statement without any of its Python: straight through psycopg, prepared."""
    own = psycopg.connect(
        stage.server.url_of(stage.database), autocommit=True, row_factory=dict_row
    )
    values = {"queues": [QUEUE], "worker_id": 1 + client}

    def claim() -> bool:
        row = own.execute(queries["fetch_job"], values).fetchone()
        return row is not None and row["id"] is not None

    return claim


def _job_manager(stage: Stage, client: int, clients: int) -> Act:
    """As its worker fetches: through its JobManager, its connector and its pool."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    loop = asyncio.new_event_loop()
    url = stage.server.url_of(stage.database)
    peer = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=1))
    loop.run_until_complete(peer.open_async())

    def claim() -> bool:
        fetched = peer.job_manager.fetch_job(queues=[QUEUE], worker_id=1 + client)
        return loop.run_until_complete(fetched) is not None

    return claim


LIMIT_ROW = Contender("limit: pgbench, the one statement", "callback", script=LIMIT)
APPLICATION = Contender(
    "application: claim_next, any campaign", "callback", partial(_application, campaigns=None)
)
APPLICATION_SOME = Contender(
    "application: claim_next, 3 of 8 campaigns", "callback", partial(_application, campaigns=SOME)
)
ORM = Contender("Django ORM: select_for_update, save", "callback", _orm)
PROCRASTINATE = Contender(
    "procrastinate: as its worker fetches", "procrastinate_jobs", _job_manager
)
PROCRASTINATE_SQL = Contender(
    "procrastinate: its statement, bare psycopg", "procrastinate_jobs", _procrastinate
)
OFFER = Contender("application: offer of the matcher, gate and all", "callback", _offer)


def application_of(campaigns: Sequence[int] | None) -> Contender:
    """The application for an agent of the given campaigns."""
    return Contender("application", "callback", partial(_application, campaigns=campaigns))
