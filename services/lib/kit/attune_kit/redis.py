"""The one Redis client factory, with timeouts on every call and a bounded pool."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def connect_redis(url: str, *, timeout_s: float = 1.0, connections_max: int = 32) -> "Redis":
    """A client that connects lazily and answers bytes. A dead Redis is one quick error, not a chain of retries."""
    pool: BlockingConnectionPool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections_max,
        timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        socket_timeout=timeout_s,
        retry=Retry(NoBackoff(), 1),
        decode_responses=False,
    )
    return Redis.from_pool(pool)
