"""Addresses of a supervisor's actions on all that match."""

from django.urls import path

from agentdesk.views import bulk

urlpatterns = [
    path("all/ask/<slug:verb>/", bulk.ask, name="queue-ask-all"),
    path("all/<slug:verb>/", bulk.start, name="queue-act-all"),
    path("jobs/", bulk.jobs, name="queue-jobs"),
    path("jobs/<int:job_id>/", bulk.job, name="queue-job"),
    path("jobs/<int:job_id>/stop/", bulk.stop, name="queue-job-stop"),
    path("jobs/<int:job_id>/report.csv", bulk.report, name="queue-job-report"),
]
