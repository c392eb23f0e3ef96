"""The metrics of a running bot, in Prometheus's terms.

What's measured often is counted in plain numbers, where it happens, and read here when somebody
asks. Labels come from tables of ours, never from what members send.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as CounterMetric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

REPLY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 3, 10)
"""In seconds. Platforms wait three seconds for a reply."""

DATABASE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30)

WORK_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20)
"""In seconds. Due work has 20."""

BATCH_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200)

OURS = frozenset({"adapters", "bot", "content", "storage"})


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.events = Histogram(
            "studyhall_event_seconds",
            "Time from an event to its reply, without sending it",
            ("platform", "kind", "command"),
            buckets=REPLY_BUCKETS,
            registry=registry,
        )
        self.due = Histogram(
            "studyhall_due_seconds",
            "Time that due work took",
            ("kind", "outcome"),
            buckets=WORK_BUCKETS,
            registry=registry,
        )
        self.database = Histogram(
            "studyhall_database_seconds",
            "Time that a transaction held its connection",
            ("kind",),
            buckets=DATABASE_BUCKETS,
            registry=registry,
        )
        self.requests = Histogram(
            "studyhall_request_seconds",
            "Time that a platform took to answer a request; the status 429 is its rate limit",
            ("platform", "status"),
            buckets=REPLY_BUCKETS,
            registry=registry,
        )
        self.errors = CounterMetric(
            "studyhall_errors",
            "Warnings and errors in the log, with repeats that aren't logged",
            ("level", "logger", "error"),
            registry=registry,
        )


class ErrorCounter(logging.Handler):
    """Counts warnings and errors that are logged, by the kind of exception."""

    def __init__(self, errors: CounterMetric) -> None:
        super().__init__(logging.WARNING)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        """Count a record."""
        package = record.name.partition(".")[0]
        error = record.exc_info[0] if record.exc_info else None
        self._errors.labels(
            record.levelname.lower(),
            record.name if package in OURS else package,
            error.__name__ if error else "",
        ).inc()


class Readings(Collector):
    """Metrics that are read when somebody asks."""

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """Read them now."""
        info = InfoMetricFamily("studyhall_build", "The version that runs")
        info.add_metric((), {"version": version("studyhall")})
        return (info, *self._read())


def gauge(name: str, text: str, labels: Iterable[str], values: Mapping[Any, float]) -> Metric:
    """A number that goes up and down."""
    family = GaugeMetricFamily(name, text, labels=[*labels])
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def counter(name: str, text: str, labels: Iterable[str], values: Mapping[Any, float]) -> Metric:
    """A number that only goes up."""
    family = CounterMetricFamily(name, text, labels=[*labels])
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def histogram(name: str, text: str, sizes: Counter[int], buckets: Iterable[int]) -> Metric:
    """How often each size occurred."""
    counted = dict(sizes)
    total = sum(counted.values())
    bounds = [
        (f"{float(bound)}", float(sum(n for size, n in counted.items() if size <= bound)))
        for bound in buckets
    ]
    family = HistogramMetricFamily(name, text)
    whole = sum(size * times for size, times in counted.items())
    family.add_metric((), [*bounds, ("+Inf", float(total))], whole)
    return family
