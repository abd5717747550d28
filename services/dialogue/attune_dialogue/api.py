"""Translates HTTP into turns and sessions, for the gateway. Streams are SSE, errors problem+json."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from attune_contracts.dialogue import (
    CONSENT_VERSION,
    MessageCreate,
    Reply,
    SessionCreate,
    SessionCreated,
    SessionExport,
    SessionUpdate,
    SessionView,
    TurnEvent,
)
from attune_contracts.problem import MEDIA_TYPE as PROBLEM_TYPE
from attune_contracts.problem import Problem
from attune_kit import sse
from attune_kit.errors import Forbidden, Unauthenticated, Unavailable
from attune_safety import screen
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from attune_dialogue.domain import sessions, stateless
from attune_dialogue.domain.events import EVENT, Logged, collect
from attune_dialogue.domain.risk import is_risk
from attune_dialogue.domain.session import Session
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Begun, Replayed, SessionRef, TurnKey
from attune_dialogue.turn import Turns, World, new_message_id, overloaded

PING_EVERY_S = 10.0
RISK_STORAGE_TIMEOUT_S = 0.25


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes need, made by app.py."""

    world: World
    turns: Turns

    @property
    def ttl(self) -> tuple[int, int]:
        """Sliding and absolute lifetime of a session in seconds."""
        return self.world.limits.session_ttl_s, self.world.limits.session_ttl_max_s


def make_router() -> APIRouter:
    """The routes under /v1."""
    router = APIRouter(prefix="/v1", tags=["conversation"])
    router.add_api_route("/sessions", create_session, methods=["POST"], status_code=201, response_model=SessionCreated)
    router.add_api_route("/sessions/{session_id}", read_session, methods=["GET"], response_model=SessionView)
    router.add_api_route("/sessions/{session_id}", update_session, methods=["PATCH"], response_model=SessionView)
    router.add_api_route("/sessions/{session_id}", delete_session, methods=["DELETE"], status_code=204)
    router.add_api_route("/sessions/{session_id}/export", export_session, methods=["GET"], response_model=None)
    router.add_api_route("/sessions/{session_id}/messages", post_message, methods=["POST"], response_model=None)
    router.add_api_route(
        "/sessions/{session_id}/messages/{message_id}/events", read_events, methods=["GET"], response_model=None
    )
    return router


def service_of(request: Request) -> Service:
    """The service of the running app."""
    service: Service = request.state.service
    return service


def ref_of(session_id: str, authorization: str | None) -> SessionRef:
    """The caller's claim on a session. Raises Unauthenticated without a bearer token."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the session's token as `Authorization: Bearer …`.")
    return SessionRef(session_id, token.strip())


Authorization = Annotated[str | None, Header()]


async def create_session(request: Request, body: SessionCreate) -> SessionCreated:
    """Opens a session for somebody who agreed to the current consent text."""
    if body.consent is None or body.consent.version != CONSENT_VERSION:
        raise Forbidden(f"Show the consent text and send its version, {CONSENT_VERSION}.", code="consent_required")
    service = service_of(request)
    now, token = service.world.now(), secrets.token_urlsafe(32)
    session = Session.open(f"ses_{secrets.token_hex(16)}", body.consent.version, body.locale, body.country, now)
    session = session.remember({"notice_at": now})
    expires_at = session.expires_at(*service.ttl)
    await service.world.store.create(session, token, expires_at)
    greeting, notice = sessions.welcome(session, service.world.content.wording)
    return SessionCreated(id=session.id, token=token, expires_at=expires_at, greeting=greeting, notice=notice)


async def read_session(request: Request, session_id: str, authorization: Authorization = None) -> SessionView:
    """A session as its owner sees it."""
    service = service_of(request)
    session = await service.world.store.load(ref_of(session_id, authorization))
    return sessions.view(session, service.world.content.exercises, service.ttl)


async def update_session(
    request: Request, session_id: str, body: SessionUpdate, authorization: Authorization = None
) -> SessionView:
    """Changes language or country."""
    service, ref = service_of(request), ref_of(session_id, authorization)
    session = await service.world.store.load(ref)
    changed = session.but(**body.model_dump(exclude_none=True), touched_at=service.world.now())
    await service.world.store.replace(ref, changed, changed.expires_at(*service.ttl))
    return sessions.view(changed.but(version=session.version + 1), service.world.content.exercises, service.ttl)


async def delete_session(request: Request, session_id: str, authorization: Authorization = None) -> Response:
    """Destroys a session and its key."""
    await service_of(request).world.store.delete(ref_of(session_id, authorization))
    return Response(status_code=204)


async def export_session(
    request: Request,
    session_id: str,
    authorization: Authorization = None,
    format: Literal["json", "markdown"] = "json",  # noqa: A002  the name of the query parameter
) -> Response:
    """Everything that is stored about a session, as JSON or as Markdown."""
    service = service_of(request)
    session = await service.world.store.load(ref_of(session_id, authorization))
    export: SessionExport = sessions.export(session, service.world.content.exercises, service.ttl)
    headers = {"cache-control": "no-store"}
    if format == "markdown":
        text = sessions.markdown(export)
        return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)
    return Response(export.model_dump_json(), media_type="application/json", headers=headers)


async def post_message(
    request: Request,
    session_id: str,
    body: MessageCreate,
    authorization: Authorization = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Response:
    """One message. The text is screened before anything else is touched, so that danger is answered without storage."""
    started = asyncio.get_running_loop().time()
    service, ref = service_of(request), ref_of(session_id, authorization)
    alone = screen(body.text)
    streams = sse.MEDIA_TYPE in request.headers.get("accept", "")
    key = TurnKey(idempotency_key, fingerprint_body(body)) if idempotency_key else None
    if service.turns.full() and not is_risk(alone):
        raise overloaded()
    try:
        begun = await begin(service, ref, key, in_danger=is_risk(alone))
    except Unavailable:
        if not is_risk(alone):
            raise
        return answer_all(stateless.crisis_turn(alone, body.text, service.world.chance.randrange(60)), streams=streams)
    if isinstance(begun, Replayed):
        lines = [line async for line in service.world.log.follow(ref, begun.message_id, 0)]
        return answer_lines(lines, streams=streams)
    outlet = service.turns.start(begun, body, alone, started)
    if streams:
        return event_stream(followed(service, outlet))
    return await whole_reply(request, service, outlet)


async def begin(service: Service, ref: SessionRef, key: TurnKey | None, *, in_danger: bool) -> Begun | Replayed:
    """Locks the session. Somebody in danger does not wait for a slow storage."""
    store, message_id = service.world.store, new_message_id()
    if not in_danger:
        return await store.begin(ref, message_id, key)
    try:
        async with asyncio.timeout(RISK_STORAGE_TIMEOUT_S):
            return await store.begin(ref, message_id, key)
    except TimeoutError as error:
        raise Unavailable("Conversations cannot be stored right now. Try again in a moment.") from error


async def read_events(
    request: Request,
    session_id: str,
    message_id: str,
    authorization: Authorization = None,
    last_event_id: Annotated[str | None, Header(pattern=r"^[0-9]{1,9}$")] = None,
) -> Response:
    """Replays a turn's events after Last-Event-ID and goes on until the turn has ended."""
    ref = ref_of(session_id, authorization)
    lines = service_of(request).world.log.follow(ref, message_id, int(last_event_id or 0))
    first = await anext(lines, None)  # A wrong token or id must be a status, so it is asked before the head goes out.

    async def rest() -> AsyncIterator[Logged]:
        if first is not None:
            yield first
        async for line in lines:
            yield line

    return event_stream(rest())


def fingerprint_body(body: MessageCreate) -> bytes:
    """The bytes that an Idempotency-Key stands for."""
    return hashlib.sha256(body.model_dump_json().encode()).digest()


async def followed(service: Service, outlet: Outlet) -> AsyncIterator[Logged]:
    """A turn's lines; when the caller leaves early, the turn is told."""
    try:
        async for line in outlet.follow():
            yield line
    finally:
        service.turns.abandon(outlet)


async def whole_reply(request: Request, service: Service, outlet: Outlet) -> Response:
    """Waits for the end of a turn, or for the caller to leave, which ends the generation too."""
    follower = asyncio.create_task(consume(outlet))
    leaving = asyncio.create_task(gone(request))
    try:
        await asyncio.wait({follower, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (follower, leaving):
            task.cancel()
        service.turns.abandon(outlet)
    return answer_all(outlet.events, streams=False)


async def consume(outlet: Outlet) -> None:
    """Follows a turn to its end."""
    async for _ in outlet.follow():
        pass


async def gone(request: Request) -> None:
    """Returns when the caller has disconnected."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def answer_lines(lines: list[Logged], *, streams: bool) -> Response:
    """Stored lines, as a stream or as one reply."""
    if streams:
        return event_stream(each(lines))
    return answer_all([EVENT.validate_json(line.data) for line in lines], streams=False)


def answer_all(events: list[TurnEvent], *, streams: bool) -> Response:
    """Events that are all there already."""
    if streams:
        lines = [Logged(seq, event.type, event.model_dump_json()) for seq, event in enumerate(events, 1)]
        return event_stream(each(lines))
    match collect(events):
        case Reply() as reply:
            return Response(
                reply.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"}
            )
        case Problem() as problem:
            return JSONResponse(problem.model_dump(mode="json"), status_code=problem.status, media_type=PROBLEM_TYPE)
    raise Unavailable("The reply was cut off. Send the message again.")


async def each(lines: list[Logged]) -> AsyncIterator[Logged]:
    """A list as a stream."""
    for line in lines:
        yield line


def event_stream(lines: AsyncIterator[Logged]) -> StreamingResponse:
    """Lines as server-sent events."""
    return StreamingResponse(encoded(lines), media_type=sse.MEDIA_TYPE, headers=dict(sse.HEADERS))


async def encoded(lines: AsyncIterator[Logged]) -> AsyncIterator[bytes]:
    """Bytes of each line, with a ping in long silences, so that proxies keep the connection."""
    waiting: asyncio.Task[Any] | None = None
    try:
        while True:
            waiting = waiting or asyncio.ensure_future(anext(lines, None))
            done, _ = await asyncio.wait({waiting}, timeout=PING_EVERY_S)
            if not done:
                yield sse.PING
                continue
            line: Logged | None = waiting.result()
            waiting = None
            if line is None:
                return
            yield sse.encode(sse.ServerSentEvent(line.data, line.name, str(line.seq)))
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await lines.aclose()  # type: ignore[attr-defined]  # every caller passes an async generator
