"""A TCP proxy that misbehaves on demand between two real services: latency, cut, slow drip, reset, blackhole, refuse.

It knows no HTTP: what it breaks are bytes and connections, as a network or a dying process would.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

CHUNK_BYTES = 64 * 1024


class Fault(StrEnum):
    """What happens to what the service answers. Requests always get through, unless nothing does."""

    NONE = "none"
    CUT = "cut"  # after `after_bytes` of the answer the connection ends in good order
    RESET = "reset"  # … or is torn down
    BLACKHOLE = "blackhole"  # … or nothing more comes, and the connection stays open
    DRIP = "drip"  # the answer comes byte by byte, `pause_s` apart
    REFUSE = "refuse"  # connections end before the first byte
    GARBAGE = "garbage"  # … or bytes of no meaning come instead of the rest


@dataclass(slots=True)
class Weather:
    """The fault that holds now, for new and for open connections."""

    fault: Fault = Fault.NONE
    after_bytes: int = 0
    latency_s: float = 0.0
    pause_s: float = 0.01


class FaultProxy:
    """Counts the connections it has open, so that a test sees whether the gateway let go."""

    def __init__(self, target_port: int) -> None:
        self.weather = Weather()
        self.port = 0
        self.open_connections = 0
        self.connections_total = 0
        self._target_port = target_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()

    def set(self, fault: Fault, *, after_bytes: int = 0, latency_s: float = 0.0, pause_s: float = 0.01) -> None:
        """Changes the weather. Open connections feel it with their next byte."""
        self.weather = Weather(fault, after_bytes, latency_s, pause_s)

    def drop_connections(self) -> None:
        """Resets whatever is open, as a killed process would."""
        for writer in list(self._writers):
            reset(writer)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A new connection."""
        handler = asyncio.ensure_future(self._serve(reader, writer))
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)

    async def end(self) -> None:
        """Resets whatever is open and waits until it is gone."""
        self.drop_connections()
        for handler in self._handlers:
            handler.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)
        await asyncio.sleep(0)  # Aborted transports close their sockets in the next turn of the loop.

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_connections += 1
        self.connections_total += 1
        self._writers.add(writer)
        try:
            if self.weather.fault is Fault.REFUSE:
                return
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._writers.add(up_writer)
            try:
                await self._both_ways(reader, writer, up_reader, up_writer)
            finally:
                self._writers.discard(up_writer)
                up_writer.close()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            self.open_connections -= 1

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        ways = [
            asyncio.create_task(self._requests(reader, up_writer)),
            asyncio.create_task(self._answers(up_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        while chunk := await reader.read(CHUNK_BYTES):
            weather = self.weather
            await asyncio.sleep(weather.latency_s)
            match weather.fault:
                case Fault.NONE:
                    writer.write(chunk)
                case Fault.DRIP:
                    for byte in chunk:
                        writer.write(bytes([byte]))
                        await asyncio.sleep(weather.pause_s)
                case _ if passed + len(chunk) <= weather.after_bytes:
                    writer.write(chunk)
                case fault:
                    writer.write(chunk[: weather.after_bytes - passed])
                    await self._break(fault, writer)
                    return
            passed += len(chunk)
            await writer.drain()

    async def _break(self, fault: Fault, writer: asyncio.StreamWriter) -> None:
        await writer.drain()
        if fault is Fault.RESET:
            reset(writer)
        elif fault is Fault.GARBAGE:
            writer.write(b"\x00\xff not http \r\n\r\n")
            await writer.drain()
        elif fault is Fault.BLACKHOLE:
            await asyncio.Event().wait()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with RST instead of FIN."""
    raw = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def fault_proxy(target_port: int) -> AsyncIterator[FaultProxy]:
    """A proxy in front of a port of this machine. Its own port is `proxy.port`."""
    proxy = FaultProxy(target_port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
        await server.wait_closed()
