"""Messages: the turn itself, streamed or whole, and its events again after a cut."""

import re
from typing import Annotated

from attune_contracts.dialogue import MessageCreate, Reply
from attune_kit.errors import OperationalError
from attune_kit.sse import MEDIA_TYPE, PING
from attune_safety import screen
from fastapi import APIRouter, Body, Depends, Header, Request, Response
from starlette.types import Receive, Scope, Send

from attune_gateway.api.documented import MessageId, SessionId, event_stream, problems, session_token
from attune_gateway.api.forward import headers_for, passed_back, session_path, unreachable
from attune_gateway.api.responses import (
    EventStream,
    WholeReply,
    end_stream,
    send_piece,
    send_whole,
    start_stream,
    unless_gone,
)
from attune_gateway.auth import bearer_of
from attune_gateway.fallback import place_of
from attune_gateway.ports import Call, Upstream
from attune_gateway.state import address_of, gateway_of, limit, limit_request, require_bearer
from attune_gateway.turn import Incoming

router = APIRouter(prefix="/v1/sessions/{session_id}/messages", tags=["messages"])
COUNTRY = re.compile(r"^[A-Z]{2}$")
EXAMPLES = {"lonely": {"value": {"text": "I feel lonely and don't know why."}}}
STREAM_EXAMPLE = (
    'event: accepted\nid: 1\ndata: {"type":"accepted","message_id":"m_5rT0"}\n\n'
    'event: delta\nid: 2\ndata: {"type":"delta","text":"That sounds heavy. "}\n\n'
)
CountryHeader = Annotated[
    str | None, Header(alias="X-Attune-Country", description="ISO 3166 alpha-2, for the card when dialogue is down.")
]
IdempotencyKey = Annotated[
    str | None, Header(alias="Idempotency-Key", description="The same key and body get the same reply, for 24 hours.")
]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="The last event that arrived.")]


def country_of(request: Request) -> str | None:
    """The country that the page was told, or None: it is never guessed."""
    stated = request.headers.get("x-attune-country", "")
    return stated if COUNTRY.match(stated) else None


def wants_stream(request: Request) -> bool:
    """Whether the caller asked for events."""
    return MEDIA_TYPE in request.headers.get("accept", "")


@router.post(
    "",
    response_model=Reply,
    dependencies=[session_token],
    responses={
        200: {"description": "The reply, as events or as one object.", "content": event_stream(STREAM_EXAMPLE)},
        **problems(400, 401, 404, 408, 409, 413, 422, 429, 503, 504),
    },
)
async def send_message(
    request: Request,
    session_id: SessionId,
    body: Annotated[MessageCreate, Body(openapi_examples=EXAMPLES)],
    _country: CountryHeader = None,
    _idempotency_key: IdempotencyKey = None,
) -> Response:
    """Sends a message. With `Accept: text/event-stream` the reply is streamed as it is written.

    When the companion cannot be reached the edge answers by itself, with `degraded: true`; a message in a crisis
    gets help lines and a first reply at once, also without a valid token.
    """
    gateway, token = gateway_of(request), bearer_of(request.headers)
    assessment = screen(body.text)
    message = Incoming(
        session_id=session_id,
        call=Call(
            "POST",
            session_path(session_id, "messages"),
            headers_for(request, accept=MEDIA_TYPE),
            body.model_dump_json(exclude_unset=True).encode(),
        ),
        assessment=assessment,
        place=place_of(body.text, assessment, country_of(request), request.headers.get("accept-language")),
    )
    if not message.vital:
        token = require_bearer(token)
        address = address_of(request)
        await limit(request, [(gateway.message_quota, token), (gateway.address_message_quota, address)])
    response = EventStream if wants_stream(request) else WholeReply
    return response(gateway.relay, message, gateway.settings.retry_after_s)


@router.get(
    "/{message_id}/events",
    response_class=Response,
    dependencies=[Depends(limit_request), session_token],
    responses={
        200: {"description": "The events after `Last-Event-ID`.", "content": event_stream(STREAM_EXAMPLE)},
        **problems(401, 404, 422, 429, 503),
    },
)
async def resume_message(
    request: Request, session_id: SessionId, message_id: MessageId, _last_event_id: LastEventId = None
) -> Response:
    """The events of a turn again, from where a cut connection left off."""
    require_bearer(bearer_of(request.headers))
    target = session_path(session_id, "messages", message_id, "events")
    return Resumed(request, Call("GET", target, headers_for(request, accept=MEDIA_TYPE)))


class Resumed(Response):
    """Passes a resumed stream on. When it breaks, it just ends: the caller resumes again."""

    def __init__(self, request: Request, call: Call) -> None:
        super().__init__()
        self.gateway = gateway_of(request)
        self.call = call

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """The events, or dialogue's refusal."""
        settings = self.gateway.settings

        async def answer() -> None:
            upstream: Upstream | None = None
            try:
                upstream = await self.gateway.dialogue.send(self.call, settings.first_event_s)
                if upstream.status != 200:
                    body = await upstream.body(settings.request_s)
                    response = passed_back(upstream.status, upstream.headers, body, settings.retry_after_s)
                    await send_whole(send, response)
                    return
                self.gateway.dialogue.settle(worked=True)
                await start_stream(send, {})
                await self.pump(upstream, send)
            except OperationalError:
                if upstream is None or upstream.status != 200:
                    raise unreachable(settings.retry_after_s) from None
            finally:
                if upstream is not None:
                    upstream.close()
            await end_stream(send)

        await unless_gone(answer(), receive, settings.turn_total_s)

    async def pump(self, upstream: Upstream, send: Send) -> None:
        """Bytes as they come, and pings in between."""
        while True:
            try:
                chunk = await upstream.read(self.gateway.settings.ping_s)
            except TimeoutError:
                chunk = PING
            if not chunk:
                return
            await send_piece(send, chunk)
