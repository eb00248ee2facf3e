"""Addresses of the supervisors' queue."""

from django.urls import path

from agentdesk.live import queue_events
from agentdesk.verbs import VERBS
from agentdesk.views import queue, queue_actions, saved_views

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("filter/<slug:name>/", queue.choices, name="queue-filter"),
    path("news/", queue.news, name="queue-news"),
    path("views/", saved_views.saved_views, name="queue-views"),
    path("live/", queue_events, name="queue-live"),
    path("<int:callback_id>/", queue.story, name="queue-story"),
    path("ask/<slug:verb>/", queue_actions.ask, name="queue-ask"),
    *(
        path(f"{verb.name}/", queue_actions.act, {"verb": verb.name}, name=verb.address)
        for verb in VERBS
    ),
]
