"""The gateway's own metrics, beside the RED figures that the kit keeps. Labels are rule names, never content."""

from attune_contracts.risk import RiskTier
from attune_kit.metrics import LATENCY_BUCKETS_S, Metrics
from prometheus_client import Counter, Histogram


class Figures:
    """Registered in the app's registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._edge_answers = Counter(
            "attune_gateway_edge_answers_total",
            "Turns that the edge ended by itself, by reason and tier",
            ["reason", "tier"],
            registry=metrics.registry,
        )
        self._limited = Counter(
            "attune_gateway_limited_total", "Requests over a quota", ["quota"], registry=metrics.registry
        )
        self._first_event_s = Histogram(
            "attune_gateway_first_event_seconds",
            "Time until dialogue's first event of a turn",
            buckets=LATENCY_BUCKETS_S,
            registry=metrics.registry,
        )

    def edge_answer(self, reason: str, tier: RiskTier) -> None:
        """Counts a turn that the edge ended by itself."""
        self._edge_answers.labels(reason, tier.value).inc()

    def limited(self, quota: str) -> None:
        """Counts a refused request."""
        self._limited.labels(quota).inc()

    def first_event(self, seconds: float) -> None:
        """Records how long dialogue took to accept a message."""
        self._first_event_s.observe(seconds)
