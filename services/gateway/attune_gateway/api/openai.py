"""OpenAI-compatible chat, for programs that speak that API. The turn behind it is the page's, crisis layer included."""

import json
import time
from collections.abc import Callable
from typing import Annotated, Any

from attune_contracts.base import Output
from attune_kit.sse import PING
from fastapi import APIRouter, Body, Header, Request, Response
from starlette.responses import JSONResponse
from starlette.types import Send

from attune_gateway.api.conversing import Exchange, begin
from attune_gateway.api.documented import api_key_bearer, api_key_header, event_stream, problems
from attune_gateway.api.openai_wire import MODEL, ChatRequest
from attune_gateway.api.responses import TurnResponse, collect, end_stream, send_piece, send_whole, start_stream, whole
from attune_gateway.auth import authenticate
from attune_gateway.passage import Batch
from attune_gateway.state import gateway_of, limit
from attune_gateway.turn import Flow, Relay

router = APIRouter(prefix="/v1", tags=["openai"], dependencies=[api_key_header, api_key_bearer])
EXAMPLES = {
    "first": {"value": {"model": MODEL, "messages": [{"role": "user", "content": "I had a hard day."}]}},
}
CHUNK_EXAMPLE = (
    'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"attune",'
    '"choices":[{"index":0,"delta":{"content":"That sounds heavy. "},"finish_reason":null}]}\n\ndata: [DONE]\n\n'
)
SHOWN_BESIDE = {"risk", "exercise", "suggestions", "notice", "emotion"}


class Model(Output):
    """One model."""

    id: str
    object: str
    created: int
    owned_by: str


class Models(Output):
    """The models that a caller may name."""

    object: str
    data: tuple[Model, ...]


class AssistantMessage(Output):
    """What Attune says."""

    role: str
    content: str


class Choice(Output):
    """The one choice of an answer."""

    index: int
    message: AssistantMessage
    finish_reason: str


class Completion(Output):
    """An answer. `conversation_id` continues the conversation; keep it secret. `x_attune` is the native Reply."""

    id: str
    object: str
    created: int
    model: str
    choices: tuple[Choice, ...]
    conversation_id: str | None
    x_attune: dict[str, Any]


@router.get("/models", response_model=Models, responses=problems(401, 429))
async def read_models(request: Request) -> Models:
    """The one model."""
    gateway = gateway_of(request)
    key = authenticate(gateway.keys, request.headers)
    await limit(request, [(gateway.api_quota, key.name)])
    return Models(object="list", data=(Model(id=MODEL, object="model", created=1_790_000_000, owned_by="attune"),))


@router.post(
    "/chat/completions",
    response_model=Completion,
    responses={
        200: {
            "description": "The reply, as chunks or as one object.",
            "content": event_stream(CHUNK_EXAMPLE, turn_events=False),
        },
        **problems(400, 401, 408, 409, 413, 422, 429, 503),
    },
)
async def complete_chat(
    request: Request,
    body: Annotated[ChatRequest, Body(openapi_examples=EXAMPLES)],
    x_conversation_id: Annotated[str | None, Header(max_length=1024)] = None,
) -> Response:
    """One message of a conversation, with the API of OpenAI. The crisis layer cannot be switched off."""
    gateway = gateway_of(request)
    key = authenticate(gateway.keys, request.headers)
    exchange = await begin(
        request,
        key,
        [message.plain() for message in body.messages],
        body.conversation_id or x_conversation_id,
        body.x_attune,
    )
    kind = Chunks if body.stream else CompletionResponse
    return kind(gateway.relay, exchange, gateway.settings.retry_after_s, clock=time.time)


class Chat(TurnResponse):
    """What both forms of an answer share."""

    def __init__(
        self, relay: Relay, exchange: Exchange, retry_after_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(relay, exchange.message, retry_after_s)
        self.exchange = exchange
        self.created = int(clock())

    def base(self, kind: str) -> dict[str, Any]:
        """What every object of an answer holds."""
        return {"id": f"chatcmpl-{self.created}", "object": kind, "created": self.created, "model": MODEL}


class CompletionResponse(Chat):
    """The answer as one object."""

    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Collects all batches, then answers."""
        fold = await collect(flow, batch)
        if fold.reply is None:
            await send_whole(send, whole(fold, {}))
            return
        text = self.exchange.opening + str(fold.reply["text"])
        self.exchange.remember(text)
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        content = {
            **self.base("chat.completion"),
            "choices": [choice],
            "conversation_id": self.exchange.conversation_id,
            "x_attune": fold.reply,
        }
        await send_whole(send, JSONResponse(content, headers=self.wait_header(flow)))


class Chunks(Chat):
    """The answer as a stream of chunks that ends with [DONE]."""

    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Turns each event into a chunk."""
        await start_stream(send, self.wait_header(flow))
        await send_piece(send, self.chunk({"role": "assistant", "content": self.exchange.opening}))
        while batch is not None:
            for event in batch.events:
                await send_piece(send, self.translated(json.loads(event.data)))
            if batch.raw == PING:
                await send_piece(send, PING)
            batch = await flow.next()
        await send_piece(send, b"data: [DONE]\n\n")
        await end_stream(send)

    def translated(self, event: dict[str, Any]) -> bytes:
        """One event as a chunk, or nothing."""
        kind = event["type"]
        if kind == "delta":
            return self.chunk({"content": event["text"]})
        if kind in SHOWN_BESIDE:
            return self.chunk({}, x_attune=event)
        if kind == "done":
            self.exchange.remember(self.exchange.opening + str(event["text"]))
            return self.chunk({}, finish="stop", conversation_id=self.exchange.conversation_id, x_attune=event)
        if kind == "error":
            problem = event["problem"]
            error = {"message": problem["detail"], "type": problem["type"], "code": problem["code"]}
            return b"data: " + json.dumps({"error": error}).encode() + b"\n\n"
        return b""

    def chunk(self, delta: dict[str, Any], finish: str | None = None, **beside: object) -> bytes:
        """One chunk on the wire."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        content = {**self.base("chat.completion.chunk"), "choices": [choice], **beside}
        return b"data: " + json.dumps(content, ensure_ascii=False).encode() + b"\n\n"
