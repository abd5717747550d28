"""The one Redis client factory, with timeouts on every call and a bounded pool."""

import asyncio
from collections.abc import Iterable
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError


class Cancellable(AbstractConnection):
    """Bounds a send with asyncio.timeout instead of asyncio.wait_for.

    Before Python 3.12 wait_for loses a cancellation that arrives when the send has just ended (CPython issue 81839):
    the cancelled task then runs on for ever. Measured here on one cancelled call in thirty.
    """

    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """As the base, which uses wait_for only when it knows a socket timeout."""
        timeout_s, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(timeout_s):
                await super().send_packed_command(command, check_health)
        except TimeoutError as error:
            raise RedisTimeoutError("Timeout writing to socket") from error
        finally:
            self.socket_timeout = timeout_s


class CancellableTcp(Cancellable, Connection):
    """redis://"""


class CancellableTls(Cancellable, SSLConnection):
    """rediss://"""


class CancellableUnix(Cancellable, UnixDomainSocketConnection):
    """unix://"""


KINDS: dict[type[AbstractConnection], type[Cancellable]] = {
    Connection: CancellableTcp,
    SSLConnection: CancellableTls,
    UnixDomainSocketConnection: CancellableUnix,
}


def connect_redis(url: str, *, timeout_s: float = 1.0, connections_max: int = 32) -> "Redis":
    """A client that connects lazily and answers bytes. A dead Redis is one quick error, not a chain of retries."""
    options: dict[str, Any] = {
        "max_connections": connections_max,
        "timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "socket_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 1),
        "decode_responses": False,
        **parse_url(url),
    }
    options["connection_class"] = KINDS[options.get("connection_class", Connection)]
    pool: BlockingConnectionPool = BlockingConnectionPool(**options)
    return Redis.from_pool(pool)
