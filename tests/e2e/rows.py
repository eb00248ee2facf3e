"""Run beside the stack, in its own database: callbacks that wait, as each asked line describes."""

import json
import sys
from typing import Any

import django

django.setup()

from datetime import timedelta  # noqa: E402

from campaigns.models import Campaign  # noqa: E402
from tests.factories import make_callback, make_contact  # noqa: E402


def put(rows: list[dict[str, Any]]) -> list[int]:
    """Each row: a name, minutes until it is due, and whatever else it should be."""
    campaign = Campaign.objects.get(slug="web-requests")
    found = []
    for row in rows:
        zones = tuple(row.pop("zones", ["Europe/London"]))
        due = timedelta(minutes=row.pop("due", -10))
        soonest = due - timedelta(minutes=5)
        contact = make_contact(row.pop("name"), zones=zones)
        callable_in = soonest if zones else None
        callback = make_callback(campaign, contact=contact, due=due, callable_in=callable_in, **row)
        found.append(callback.pk)
    return found


for line in sys.stdin:
    sys.stdout.write(json.dumps(put(json.loads(line))) + "\n")
    sys.stdout.flush()
