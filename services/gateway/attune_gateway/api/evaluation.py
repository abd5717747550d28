"""A chat endpoint of the shape that evaluation harnesses such as VERA-MH call: one JSON object in, one out."""

from typing import Annotated

from attune_contracts.base import Output
from fastapi import APIRouter, Body, Request, Response
from starlette.responses import JSONResponse
from starlette.types import Send

from attune_gateway.api.conversing import Exchange, begin, open_session
from attune_gateway.api.documented import api_key_bearer, api_key_header, problems
from attune_gateway.api.forward import unreachable
from attune_gateway.api.openai_wire import MODEL, EvaluationRequest
from attune_gateway.api.responses import TurnResponse, collect, send_whole, whole
from attune_gateway.auth import authenticate
from attune_gateway.conversations import conversation_id
from attune_gateway.passage import Batch
from attune_gateway.state import gateway_of, limit
from attune_gateway.turn import Flow, Relay

router = APIRouter(prefix="/v1/evaluation", tags=["evaluation"], dependencies=[api_key_header, api_key_bearer])
EXAMPLES = {
    "start": {"value": {"messages": []}},
    "message": {"value": {"messages": [{"role": "user", "content": "I had a hard day."}]}},
}


class Said(Output):
    """What Attune says."""

    role: str
    content: str


class EvaluationReply(Output):
    """One reply; send `conversation_id` back with the next message."""

    message: Said
    conversation_id: str | None
    model: str
    done: bool


@router.post("/chat", response_model=EvaluationReply, responses=problems(400, 401, 408, 409, 413, 422, 429, 503))
async def chat(request: Request, body: Annotated[EvaluationRequest, Body(openapi_examples=EXAMPLES)]) -> Response:
    """The newest message is answered, through the same turn as on the page. The state is kept here."""
    gateway = gateway_of(request)
    key = authenticate(gateway.keys, request.headers)
    if body.messages:
        messages = [message.plain() for message in body.messages]
        exchange = await begin(request, key, messages, body.conversation_id, body.x_attune)
        return EvaluationResponse(gateway.relay, exchange, gateway.settings.retry_after_s)
    await limit(request, [(gateway.api_quota, key.name)])
    opened = await open_session(request, gateway, body.x_attune)
    if opened is None:
        raise unreachable(gateway.settings.retry_after_s)
    return said(f"{opened.notice}\n\n{opened.greeting}", conversation_id(opened.handle), {})


def said(text: str, conversation: str | None, headers: dict[str, str]) -> Response:
    """A reply on the wire."""
    content = {
        "message": {"role": "assistant", "content": text},
        "conversation_id": conversation,
        "model": MODEL,
        "done": True,
    }
    return JSONResponse(content, headers=headers)


class EvaluationResponse(TurnResponse):
    """The turn as one object of that shape."""

    def __init__(self, relay: Relay, exchange: Exchange, retry_after_s: float) -> None:
        super().__init__(relay, exchange.message, retry_after_s)
        self.exchange = exchange

    async def deliver(self, flow: Flow, batch: Batch | None, send: Send) -> None:
        """Collects all batches, then answers."""
        fold = await collect(flow, batch)
        if fold.reply is None:
            response = whole(fold, {})
        else:
            text = self.exchange.opening + str(fold.reply["text"])
            self.exchange.remember(text)
            response = said(text, self.exchange.conversation_id, self.wait_header(flow))
        await send_whole(send, response)
