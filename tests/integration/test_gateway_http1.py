"""The gateway's HTTP client on real sockets, against servers that keep to the protocol and servers that do not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise

import pytest
from attune_gateway.adapters.http1 import HEAD_BYTES_MAX, Http1Pool
from attune_kit.errors import DeadlineExceeded, Unavailable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.processes import free_port

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"
WHOLE = HEAD + b"content-length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"


class Server:
    """Answers every request with the same bytes, in pieces."""

    def __init__(self, *pieces: bytes, then_close: bool = False) -> None:
        self.pieces = pieces
        self.then_close = then_close
        self.requests: list[bytes] = []
        self.connections = 0
        self.lost = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                for piece in self.pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if self.then_close:
                    break
        self.lost.set()
        writer.close()


@contextlib.asynccontextmanager
async def pool_for(server: Server, **more: int) -> AsyncIterator[Http1Pool]:
    listener = await asyncio.start_server(server.accept, "127.0.0.1", 0)
    pool = Http1Pool(
        "127.0.0.1",
        listener.sockets[0].getsockname()[1],
        connect_s=1,
        **{"connections_max": 4, **more},
    )
    try:
        yield pool
    finally:
        pool.close()
        listener.close()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("wire", [WHOLE, CHUNKED], ids=["length", "chunked"])
async def test_a_connection_is_used_again(wire: bytes) -> None:
    server = Server(wire)
    async with pool_for(server) as pool:
        for _ in range(3):
            response = await pool.send("GET", "/x", {"accept": "text/plain"}, b"")
            assert (response.status, response.headers["content-type"]) == (200, "text/plain")
            assert await response.body(1) == b"hello"
            response.close()
    assert server.connections == 1
    assert server.requests[0].startswith(b"GET /x HTTP/1.1\r\nhost: 127.0.0.1:")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, len(CHUNKED) - 1), max_size=6))
def test_any_split_on_the_wire_is_the_same_answer(cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(CHUNKED)]

    async def ask() -> bytes:
        pieces = [CHUNKED[start:end] for start, end in pairwise(edges)]
        async with pool_for(Server(*pieces)) as pool:
            response = await pool.send("GET", "/", {}, b"")
            try:
                return await response.body(1)
            finally:
                response.close()

    assert asyncio.run(ask()) == b"hello"


async def test_a_closing_server_is_asked_on_a_new_connection() -> None:
    server = Server(HEAD + b"connection: close\r\ncontent-length: 0\r\n\r\n", then_close=True)
    async with pool_for(server) as pool:
        for _ in range(2):
            response = await pool.send("GET", "/", {}, b"")
            await response.body(1)
            response.close()
    assert server.connections == 2


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"\x00\xff nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * HEAD_BYTES_MAX + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
async def test_a_head_that_makes_no_sense_is_unavailable(wire: bytes) -> None:
    async with pool_for(Server(wire, then_close=True)) as pool:
        with pytest.raises(Unavailable):
            await pool.send("GET", "/", {}, b"")


@pytest.mark.parametrize(
    "wire",
    [
        HEAD + b"content-length: 50\r\n\r\nhello",
        HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nhel",
        HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"\r\nno length at all",
    ],
)
async def test_a_body_that_breaks_off_is_unavailable(wire: bytes) -> None:
    async def ask(pool: Http1Pool) -> None:
        response = await pool.send("GET", "/", {}, b"")
        try:
            await response.body(1)
        finally:
            response.close()

    async with pool_for(Server(wire, then_close=True)) as pool:
        with pytest.raises(Unavailable):
            await ask(pool)


async def test_a_late_read_loses_nothing_and_a_late_body_is_cut() -> None:
    server = Server(HEAD + b"content-length: 5\r\n\r\n", b"he")
    async with pool_for(server) as pool:
        response = await pool.send("GET", "/", {}, b"")
        assert await response.read(1) == b"he"
        with pytest.raises(TimeoutError):
            await response.read(0.01)
        with pytest.raises(DeadlineExceeded):
            await response.body(0.01)
        response.close()
        response.close()
        async with asyncio.timeout(1):
            await server.lost.wait()
        with pytest.raises(Unavailable):
            await response.read(1)


async def test_nobody_there_is_unavailable() -> None:
    pool = Http1Pool("127.0.0.1", free_port(), connect_s=1, connections_max=1)
    for _ in range(3):  # Each failure gives its place back.
        with pytest.raises(Unavailable):
            await pool.send("GET", "/", {}, b"")


async def test_places_are_given_back_however_it_ends() -> None:
    async with pool_for(Server(HEAD + b"content-length: 9\r\n\r\n"), connections_max=1) as pool:

        async def cut() -> None:
            (await pool.send("GET", "/", {}, b"")).close()

        async def cancelled() -> None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.005):
                    response = await pool.send("GET", "/", {}, b"")
                    try:
                        await response.body(1)
                    finally:
                        response.close()

        endings: list[Callable[[], Awaitable[None]]] = [cut, cancelled] * 5
        async with asyncio.timeout(3):
            for ending in endings:
                await ending()


@pytest.mark.parametrize("headers", [{"x": "a\r\nevil: 1"}, {"x\n": "a"}])
async def test_a_line_break_never_becomes_a_header(headers: dict[str, str]) -> None:
    pool = Http1Pool("127.0.0.1", 1, connect_s=1, connections_max=1)
    with pytest.raises(ValueError, match="line break"):
        await pool.send("GET", "/", headers, b"")
