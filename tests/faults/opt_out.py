"""What the processes of the opt-out test do: prepare, forbid and dial."""

import json
import sys
from uuid import uuid4

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from agentdesk.models import User  # noqa: E402
from callbacks.actions.calls import NoDialError, Work, start_call  # noqa: E402
from callbacks.actions.dnc import forbid_calls  # noqa: E402
from callbacks.dialers import get_dialer  # noqa: E402
from callbacks.models import Callback  # noqa: E402
from callbacks.queue import CUSTOMER  # noqa: E402
from campaigns.models import Campaign  # noqa: E402
from tests.factories import in_work, make_agent, make_callback, make_campaign  # noqa: E402

PEOPLE = 12


def prepare() -> None:
    """Everybody has one callback in an agent's hands and one that waits in another campaign."""
    User.objects.filter(email__startswith="user").delete()  # of the test before
    Campaign.objects.filter(slug__startswith="campaign-").delete()
    campaign, other = make_campaign(), make_campaign()
    for _ in range(PEOPLE):
        callback = make_callback(campaign)
        make_callback(other, contact=callback.contact)
        in_work(make_agent(campaign), callback)


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _held() -> list[Callback]:
    return list(Callback.objects.filter(state="working").select_related("number").order_by("id"))


def forbid(stop_inside: str = "") -> None:
    """Opt out one after another, and say so only after each commit."""
    for callback in _held():
        with transaction.atomic():
            forbid_calls(callback.number, reason="Asked on the form", actor=CUSTOMER)
            if stop_inside:
                _say("inside")
                sys.stdin.read()  # until somebody kills us
        _say(callback.number_id)


def dial() -> None:
    """Every agent presses Call: what became of it, by number."""
    get_dialer().beat()
    told = {}
    for callback in _held():
        work = Work(callback.pk, callback.agent_id, callback.claim_version)
        try:
            told[callback.number_id] = start_call(work, key=uuid4()).state
        except NoDialError as refused:
            told[callback.number_id] = refused.verdict and refused.verdict.reason
    _say(json.dumps(told))


if __name__ == "__main__":
    {"prepare": prepare, "forbid": forbid, "dial": dial}[sys.argv[1]](*sys.argv[2:])
    connection.close_pool()
