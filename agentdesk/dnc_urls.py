"""Addresses of the do-not-call list."""

from django.urls import path

from agentdesk.views import dnc

urlpatterns = [
    path("", dnc.page, name="dnc"),
    path("search/", dnc.search, name="dnc-search"),
    path("add/", dnc.add, name="dnc-add"),
    path("imports/", dnc.upload, name="dnc-upload"),
    path("imports/<int:job_id>/", dnc.job, name="dnc-import"),
    path("imports/<int:job_id>/start/", dnc.start, name="dnc-import-start"),
    path("imports/<int:job_id>/discard/", dnc.discard, name="dnc-import-discard"),
    path("imports/<int:job_id>/report.csv", dnc.report, name="dnc-import-report"),
]
