"""The Celery app and the whole beat table. Ticks carry no facts: they wake up, look, and do."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ringback")
app.conf.update(
    broker_url=os.environ.get("REDIS_URL", "redis://localhost:6379/0"),
    result_backend=None,
    task_ignore_result=True,
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    # A lost broker is met again by the next tick: nobody waits for it meanwhile.
    broker_transport_options={"socket_connect_timeout": 0.5, "socket_timeout": 5, "max_retries": 0},
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.autodiscover_tasks(["callbacks", "agentdesk"])


def _every(task: str, seconds: float) -> dict[str, object]:
    # A tick that waited longer than its interval is worth nothing: the next one does the same work.
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, 1)}}


app.conf.beat_schedule = {
    name.rsplit(".", 1)[-1]: _every(name, seconds)
    for name, seconds in (
        ("agentdesk.tasks.release_expired_offers", 1),
        ("agentdesk.tasks.match_idle_agents", 1),
        ("agentdesk.tasks.schedule_retries", 5),
        ("agentdesk.tasks.release_absent_agents", 5),
        ("callbacks.tasks.roll_windows", 2),
        ("callbacks.tasks.work_off_imports", 2),
        ("callbacks.tasks.work_off_exchange", 2),
        ("agentdesk.tasks.work_off_bulk_jobs", 2),
        ("callbacks.tasks.reconcile_attempts", 10),
        ("callbacks.tasks.deduplicate", 15),
        ("callbacks.tasks.expire_stale", 60),
    )
}
