"""Prometheus metrics of one app: a registry of its own, RED figures a route, and the /metrics route."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

LATENCY_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)


class Metrics:
    """One registry an app, so that two apps in one test process do not share counts.

    Labels are route templates, methods and status codes: never ids, texts or addresses.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "attune_http_requests_total", "Requests by route", ["method", "route", "status"], registry=self.registry
        )
        self.latency_s = Histogram(
            "attune_http_request_seconds",
            "Time until the response ended",
            ["method", "route"],
            buckets=LATENCY_BUCKETS_S,
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Records one finished request."""
        self.requests.labels(method, route, str(status)).inc()
        self.latency_s.labels(method, route).observe(seconds)

    def exposition(self) -> Response:
        """All figures in the Prometheus text format."""
        return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)

    def router(self) -> APIRouter:
        """The /metrics route, for services that only their neighbours reach."""
        router = APIRouter()

        @router.get("/metrics", include_in_schema=False)
        def metrics() -> Response:
            return self.exposition()

        return router
