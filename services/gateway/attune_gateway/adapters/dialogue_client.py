"""The dialogue service over HTTP, behind a circuit breaker. Implements the port `Dialogue`."""

import asyncio
from urllib.parse import SplitResult

from attune_kit.breaker import Breaker
from attune_kit.errors import DeadlineExceeded, OperationalError, Unavailable

from attune_gateway.adapters.http1 import Http1Pool
from attune_gateway.ports import Call, Upstream


class DialogueClient:
    """A failure is no connection, a cut or senseless head, or no head in time. A 5xx is an answer, so it is none."""

    def __init__(self, url: SplitResult, breaker: Breaker, *, connect_s: float, connections_max: int) -> None:
        self._pool = Http1Pool(
            url.hostname or "127.0.0.1", url.port or 80, connect_s=connect_s, connections_max=connections_max
        )
        self._prefix = url.path.rstrip("/")
        self.breaker = breaker

    async def send(self, call: Call, timeout_s: float) -> Upstream:
        """Sends a request and waits for the head. Raises Unavailable and DeadlineExceeded."""
        if not self.breaker.allow():
            raise Unavailable("The companion is not reachable right now.")
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._pool.send(call.method, self._prefix + call.target, call.headers, call.body)
        except TimeoutError as error:
            self.breaker.fail()
            raise DeadlineExceeded("The companion did not answer in time.") from error
        except OperationalError:
            self.breaker.fail()
            raise
        return response

    def settle(self, *, worked: bool) -> None:
        """Counts how an answer went on after its head: whether it came, or hung, was cut or made no sense."""
        if worked:
            self.breaker.succeed()
        else:
            self.breaker.fail()

    async def probe(self) -> None:
        """Raises when dialogue is not ready. Goes past the breaker, which must not hide a recovery."""
        response = await self._pool.send("GET", f"{self._prefix}/readyz", {}, b"")
        response.close()
        if response.status != 200:
            raise Unavailable("The dialogue service is not ready.")

    def close(self) -> None:
        """Cuts all idle connections."""
        self._pool.close()
