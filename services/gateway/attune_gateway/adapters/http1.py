"""A small HTTP/1.1 client on asyncio streams and httptools: the hop from the gateway to the dialogue service.

Measured beside httpx2 on a turn of 13 events: 0.5 ms instead of 2.4 ms of CPU. A read that times out loses nothing
(so pings can go out while it waits), and `close` cuts the connection at once, which stops the work behind it.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httptools
from attune_kit.errors import DeadlineExceeded, Unavailable

READ_BYTES = 64 * 1024
HEAD_BYTES_MAX = 32 * 1024
# Below the 30 s after which uvicorn closes an idle connection, so that a request never meets that close.
IDLE_MAX_S = 20.0


@dataclass(slots=True)
class Connection:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float = 0.0

    def is_usable(self, now: float) -> bool:
        """Whether an idle connection may carry another request."""
        return now - self.idle_since < IDLE_MAX_S and not self.reader.at_eof() and not self.writer.is_closing()

    def cut(self) -> None:
        """Drops the connection without waiting for anything."""
        self.writer.transport.abort()


@dataclass(slots=True)
class Incoming:
    """Collects what httptools parses of one response."""

    headers: dict[str, str] = field(default_factory=dict)
    head_bytes: int = 0
    head_complete: bool = False
    complete: bool = False
    chunks: list[bytes] = field(default_factory=list)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self.head_bytes += len(name) + len(value)
        if self.head_bytes > HEAD_BYTES_MAX:
            raise ValueError("the head of the response exceeds the limit")
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection may carry another request. The parser forgets it when the body ends."""
        return self.headers.get("connection", "").lower() != "close"

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self.head_complete = True

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body, without chunk framing."""
        self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        """The body has ended."""
        self.complete = True


class Response:
    """A response whose head has arrived. Implements the port `Upstream`."""

    def __init__(self, pool: "Http1Pool", connection: Connection) -> None:
        self.status = 0
        self._pool = pool
        self._connection: Connection | None = connection
        self._incoming = Incoming()
        self._parser = httptools.HttpResponseParser(self._incoming)

    @property
    def headers(self) -> Mapping[str, str]:
        """Header names in lower case."""
        return self._incoming.headers

    async def read_head(self) -> None:
        """Waits for the head."""
        while not self._incoming.head_complete:
            if not await self._feed():
                raise Unavailable("The connection ended before an answer.")
        self.status = self._parser.get_status_code()

    async def read(self, timeout_s: float) -> bytes:
        """The next bytes of the body; b"" at its end. Raises TimeoutError and Unavailable."""
        while not self._incoming.chunks and not self._incoming.complete:
            async with asyncio.timeout(timeout_s):
                alive = await self._feed()
            if not alive and not self._incoming.complete:
                raise Unavailable("The answer was cut off.")
        chunks, self._incoming.chunks = self._incoming.chunks, []
        return b"".join(chunks)

    async def body(self, timeout_s: float) -> bytes:
        """The whole body, which must arrive within `timeout_s` seconds."""
        parts = []
        try:
            async with asyncio.timeout(timeout_s):
                while part := await self.read(timeout_s):
                    parts.append(part)
        except TimeoutError as error:
            raise DeadlineExceeded("The answer took too long.") from error
        return b"".join(parts)

    def close(self) -> None:
        """Gives the connection back when the body has ended, else cuts it. Safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._incoming.complete and self._incoming.keeps_alive:
            self._pool.give_back(connection)
        else:
            self._pool.drop(connection)

    async def _feed(self) -> bool:
        if self._connection is None:
            raise Unavailable("The answer was closed.")
        try:
            data = await self._connection.reader.read(READ_BYTES)
            if data:
                self._parser.feed_data(data)
        except (OSError, ValueError, httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise Unavailable("The answer was cut off or makes no sense.") from error
        return bool(data)


class Http1Pool:
    """Connections to one address. A caller waits for a free one when all `connections_max` are in use."""

    def __init__(self, host: str, port: int, *, connect_s: float, connections_max: int) -> None:
        self._host = host
        self._port = port
        self._connect_s = connect_s
        self._slots = asyncio.Semaphore(connections_max)
        self._idle: list[Connection] = []

    async def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Sends a request and waits for the head, as long as the caller's timeout lets it. Raises Unavailable."""
        request = self._encode(method, target, headers, body)
        await self._slots.acquire()
        connection: Connection | None = None
        try:
            connection = self._take_idle() or await self._connect()
            response = Response(self, connection)
            connection.writer.write(request)
            await response.read_head()
        except BaseException as error:
            if connection is None:
                self._slots.release()
            else:
                self.drop(connection)
            if isinstance(error, OSError):
                raise Unavailable("The service cannot be reached.") from error
            raise
        return response

    def give_back(self, connection: Connection) -> None:
        """Keeps a connection for the next request."""
        connection.idle_since = time.monotonic()
        self._idle.append(connection)
        self._slots.release()

    def drop(self, connection: Connection) -> None:
        """Cuts a connection."""
        connection.cut()
        self._slots.release()

    def close(self) -> None:
        """Cuts all idle connections."""
        while self._idle:
            self._idle.pop().cut()

    def _take_idle(self) -> Connection | None:
        now = time.monotonic()
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable(now):
                return connection
            connection.cut()
        return None

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(self._connect_s):
                return Connection(*await asyncio.open_connection(self._host, self._port))
        except TimeoutError as error:
            raise Unavailable("The service does not accept connections.") from error

    def _encode(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"host: {self._host}:{self._port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method in {"POST", "PATCH", "PUT"}:
            lines.append(f"content-length: {len(body)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a line break in a header")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
