"""Addresses of imports and of the export of the queue."""

from django.urls import path

from agentdesk.views import exchange

urlpatterns = [
    path("exchange/", exchange.page, name="exchange"),
    path("exchange/<int:job_id>/", exchange.job, name="exchange-job"),
    path("exchange/<int:job_id>/columns/", exchange.columns, name="exchange-columns"),
    path("exchange/<int:job_id>/again/", exchange.again, name="exchange-again"),
    path("exchange/<int:job_id>/start/", exchange.start, name="exchange-start"),
    path("exchange/<int:job_id>/discard/", exchange.discard, name="exchange-discard"),
    path("exchange/<int:job_id>/refused.csv", exchange.errors, name="exchange-refused"),
    path("queue/export/", exchange.export, name="queue-export"),
]
