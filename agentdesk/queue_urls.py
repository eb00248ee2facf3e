"""Addresses of the supervisors' queue."""

from django.urls import path

from agentdesk.live import queue_events
from agentdesk.views import queue

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("live/", queue_events, name="queue-live"),
    path("<int:callback_id>/", queue.story, name="queue-story"),
    path("<int:callback_id>/reschedule/", queue.reschedule, name="queue-reschedule"),
    path("<int:callback_id>/cancel/", queue.cancel, name="queue-cancel"),
    path("<int:callback_id>/complete/", queue.complete, name="queue-complete"),
]
