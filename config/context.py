"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest

from agentdesk.access import roles


def ringback(request: HttpRequest) -> dict[str, object]:
    """The organisation's name and number, the user's roles, and whether this is the demo."""
    return {
        "organisation": settings.ORGANISATION,
        "caller_number": settings.CALLER_NUMBER,
        "demo": settings.DEMO,
        "user_roles": roles(getattr(request, "user", None)),
    }
