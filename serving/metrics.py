"""What Prometheus reads at /metrics.

Labels are route templates, never paths: a path holds ids, and every new one would be a new series.
(BentoML's own request metrics label by path, so they are switched off.)
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

from services.insights.registry import Served

LATENCY_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
DRAFTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]


class Metrics:
    """One set per application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "creatorlens_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "creatorlens_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=LATENCY_S,
            registry=self.registry,
        )
        self.predictions = Counter(
            "creatorlens_predictions", "Drafts forecast.", ["platform", "serves"], registry=self.registry
        )
        self.similar = Counter(
            "creatorlens_similar_drafts",
            "Forecasts (per horizon) answered from memory, and those that the model was asked for.",
            ["result"],
            registry=self.registry,
        )
        self.batch = Histogram(
            "creatorlens_batch_drafts", "Drafts forecast in one go.", buckets=DRAFTS, registry=self.registry
        )
        self.model = Gauge(
            "creatorlens_model_info",
            "1 for the model version that serves.",
            ["platform", "version", "serves"],
            multiprocess_mode="livemax",
            registry=self.registry,
        )
        self._shown: set[tuple[str, str, str]] = set()

    def exposition(self, served: Iterable[Served]) -> bytes:
        self._show(served)
        # Settled when prometheus_client was imported. The environment says nothing: Feast changes it.
        if values.ValueClass is values.MutexValue:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def _show(self, served: Iterable[Served]) -> None:
        now = {(one.platform.value, one.model_version, one.serves) for one in served}
        for gone in self._shown - now:
            self.model.labels(*gone).set(0)
        for labels in now:
            self.model.labels(*labels).set(1)
        self._shown |= now
