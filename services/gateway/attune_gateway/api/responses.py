"""Responses whose work stops as soon as the caller is gone: a turn as server-sent events, or as one object."""

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine

from attune_contracts.problem import MEDIA_TYPE
from attune_kit.sse import HEADERS
from attune_kit.sse import MEDIA_TYPE as EVENT_STREAM
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from attune_gateway.api.forward import passed_back
from attune_gateway.passage import Batch
from attune_gateway.reply import Fold
from attune_gateway.turn import Flow, Incoming, Refused, Relay

# On top of a turn's own bound, for a caller that reads slowly.
SLOW_READER_S = 30.0


async def disconnected(receive: Receive) -> None:
    """Returns when the caller is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_gone(work: Coroutine[object, object, None], receive: Receive, limit_s: float) -> None:
    """Runs `work` to its end, or cancels it when the caller goes away or `limit_s` seconds are over."""
    worker, watch = asyncio.ensure_future(work), asyncio.ensure_future(disconnected(receive))
    try:
        await asyncio.wait({worker, watch}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.cancel()
        if not worker.done():
            worker.cancel()
        await asyncio.wait({worker, watch})
    if not worker.cancelled():
        worker.result()


class TurnResponse(Response):
    """Runs a turn while it answers. Subclasses say how the batches look."""

    def __init__(self, relay: Relay, message: Incoming, retry_after_s: float) -> None:
        super().__init__()
        self.relay = relay
        self.message = message
        self.retry_after_s = retry_after_s

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """The answer, or dialogue's refusal."""

        async def answer() -> None:
            async with self.relay.flow(self.message) as flow:
                try:
                    first = await flow.next()
                except Refused as refused:
                    response = passed_back(refused.status, refused.headers, refused.body, self.retry_after_s)
                    await send_whole(send, response)
                    return
                await self.deliver(flow, first, send)

        await unless_gone(answer(), receive, self.relay.deadlines.total_s + SLOW_READER_S)

    @abstractmethod
    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Sends the whole answer, beginning with the first batch."""

    def wait_header(self, flow: Flow) -> dict[str, str]:
        """Retry-After on an answer of the edge: that much later dialogue may be back."""
        return {"retry-after": str(round(self.retry_after_s))} if flow.by_edge else {}


async def send_whole(send: Send, response: Response) -> None:
    """An answer in one piece."""
    await send({"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})


async def start_stream(send: Send, headers: dict[str, str]) -> None:
    """The head of a streamed answer."""
    raw = [
        (name.encode(), value.encode()) for name, value in {"content-type": EVENT_STREAM, **HEADERS, **headers}.items()
    ]
    await send({"type": "http.response.start", "status": 200, "headers": raw})


async def send_piece(send: Send, piece: bytes) -> None:
    """A part of a streamed answer."""
    if piece:
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def end_stream(send: Send) -> None:
    """The end of a streamed answer."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class EventStream(TurnResponse):
    """The turn's events as they come, byte for byte."""

    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Sends every batch at once."""
        await start_stream(send, self.wait_header(flow))
        while batch is not None:
            await send_piece(send, batch.raw)
            batch = await flow.next()
        await end_stream(send)


class WholeReply(TurnResponse):
    """The turn as one Reply."""

    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Collects all batches, then answers."""
        fold = await collect(flow, batch)
        await send_whole(send, whole(fold, self.wait_header(flow)))


async def collect(flow: Flow, batch: Batch | None) -> Fold:
    """All events of a turn."""
    fold = Fold()
    while batch is not None:
        for event in batch.events:
            fold.add(event)
        batch = await flow.next()
    return fold


def whole(fold: Fold, headers: dict[str, str]) -> Response:
    """A folded turn as a response."""
    if fold.problem is not None:
        return JSONResponse(fold.problem, int(fold.problem["status"]), headers, MEDIA_TYPE)
    return JSONResponse(fold.reply, headers=headers)
