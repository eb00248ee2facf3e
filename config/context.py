"""What every template knows."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest

from agentdesk.access import roles
from callbacks import queries
from contacts import clock


def ringback(request: HttpRequest) -> dict[str, object]:
    """The organisation's name and number, the user's roles, and whether this is the demo.

    ``overdue_now`` is counted once, where a supervisor's bar asks for it.
    """
    return {
        "organisation": settings.ORGANISATION,
        "caller_number": settings.CALLER_NUMBER,
        "demo": settings.DEMO,
        "user_roles": roles(getattr(request, "user", None)),
        "overdue_now": cache(lambda: queries.overdue(clock.now())),
    }
