"""What a monitoring system reads: the sweeps, the queue's tabs, and changes of hours."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agentdesk import health
from callbacks import queries
from campaigns.models import HoursChange
from contacts import clock

# "today" has to begin somewhere: where the scraper is, nobody knows.
ZONE = "UTC"


class _Ringback(Collector):
    """Everything is read from the database, so any number of processes say the same."""

    def collect(self) -> Iterator[Metric]:
        """The families in the order of their names in the documentation."""
        yield from _sweeps()
        yield _queue()
        yield _hours_changes()


def _sweeps() -> Iterator[Metric]:
    by_sweep = ["sweep"]
    lag = GaugeMetricFamily(
        "ringback_sweep_lag_seconds",
        "For how long the oldest row has waited that the sweep should have handled",
        labels=by_sweep,
    )
    last = GaugeMetricFamily(
        "ringback_sweep_last_run_timestamp_seconds", "When the sweep ran last", labels=by_sweep
    )
    took = GaugeMetricFamily(
        "ringback_sweep_duration_seconds", "How long its last run took", labels=by_sweep
    )
    handled = CounterMetricFamily(
        "ringback_sweep_handled", "Rows that the sweep has handled", labels=by_sweep
    )
    for one in health.readings():
        name = [one.sweep.name]
        lag.add_metric(name, one.lag.total_seconds())
        # A sweep that never ran has no time of its last run: absent, not 1970.
        if one.ran_at is not None:
            last.add_metric(name, one.ran_at.timestamp())
            took.add_metric(name, one.took_ms / 1000)
        handled.add_metric(name, one.handled_ever)
    yield from (lag, last, took, handled)


def _queue() -> Metric:
    waiting = GaugeMetricFamily(
        "ringback_queue_callbacks",
        f"Rows of each tab of the queue, counted up to {queries.COUNT_CAP + 1}; days in {ZONE}",
        labels=["view"],
    )
    for view, count in queries.counts(queries.day_of(clock.now(), ZONE)).items():
        waiting.add_metric([view], count)
    return waiting


def _hours_changes() -> Metric:
    progress = GaugeMetricFamily(
        "ringback_hours_change_progress",
        "Checked share of the callbacks that an unfinished change of hours concerns",
        labels=["change", "reason"],
    )
    for change in HoursChange.objects.filter(finished_at=None).order_by("pk"):
        progress.add_metric([str(change.pk), change.reason], share(change))
    return progress


def share(change: HoursChange) -> float:
    """How much of a change has been worked off, 0 to 1; rows may have come since it was counted."""
    return min(1.0, change.checked / change.total) if change.total else 0.0


def exposition() -> bytes:
    """All of it in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Ringback())
    return generate_latest(registry)
