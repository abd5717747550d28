"""The one HTTP client factory. Every client that leaves a service has a timeout for each phase and a bounded pool."""

from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase of an outgoing request. `read_s` is the longest silence between two pieces of a stream."""

    connect_s: float = 1.0
    read_s: float = 15.0
    write_s: float = 5.0
    pool_s: float = 1.0


def make_client(base_url: str, timeouts: Timeouts, *, connections_max: int = 64) -> httpx2.AsyncClient:
    """A pooled client. Proxies of the environment are ignored: services talk to each other directly."""
    return httpx2.AsyncClient(
        base_url=base_url,
        timeout=httpx2.Timeout(
            connect=timeouts.connect_s, read=timeouts.read_s, write=timeouts.write_s, pool=timeouts.pool_s
        ),
        limits=httpx2.Limits(max_connections=connections_max, max_keepalive_connections=connections_max),
        trust_env=False,
        follow_redirects=False,
    )
