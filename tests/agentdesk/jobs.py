"""Jobs as the tests start and read them."""

from agentdesk.bulk import start_bulk

ALL = "view=all"
DONE = ("done", "", "")


def cancel(user, query=ALL, **more):
    """A job that cancels all that the view shows."""
    return start_bulk(user, "cancel", {}, query, **more)


def lines(job):
    """What became of each callback of the job, by its id, in order."""
    found = job.lines.order_by("pk").values_list("callback_id", "outcome", "code", "message")
    return {callback_id: tuple(rest) for callback_id, *rest in found}


def counts(job):
    """State, all, done and refused, as they stand."""
    job.refresh_from_db()
    return job.state, job.total, job.done, job.refused
