"""Addresses of the agent's desk."""

from django.urls import path

from agentdesk.live import desk_events
from agentdesk.views import desk, work

CLAIM = "<int:callback_id>/<int:version>/"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("live/", desk_events, name="desk-live"),
    path("presence/", desk.presence, name="desk-presence"),
    path("wrap-up/", desk.extend, name="desk-extend"),
    path(f"accept/{CLAIM}", desk.accept, name="desk-accept"),
    path(f"reject/{CLAIM}", desk.reject, name="desk-reject"),
    path("call/", work.call, name="desk-call"),
    path(f"dial/{CLAIM}", work.dial, name="desk-dial"),
    path(f"end/{CLAIM}", work.end, name="desk-end"),
    path(f"hold/{CLAIM}", work.hold, name="desk-hold"),
    path(f"done/{CLAIM}", work.done, name="desk-done"),
    path(f"release/{CLAIM}", work.release, name="desk-release"),
]
