"""What a supervisor asks of the queue: a tab, filters and an order, as in the address."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import QueryDict

from agentdesk.models import User
from callbacks import queries
from callbacks.models import Callback


def matching(query: str, user: User, now: datetime) -> QuerySet[Callback]:
    """All callbacks that a view shows, page or no page; ``query`` is the text of its address."""
    view = QueryDict(query).get("view", "overdue")
    return queries.in_view(view if view in queries.VIEWS else "all", queries.day_of(now, user.zone))
