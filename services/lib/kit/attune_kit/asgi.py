"""`build_app`: the one FastAPI factory that every service calls from its composition root.

It adds request ids, body limits, one log line and one metric a request, problem+json errors and health routes.
The middleware is plain ASGI, because Starlette's BaseHTTPMiddleware buffers streams and hides disconnects.
"""

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import structlog
from attune_contracts.problem import MEDIA_TYPE, FieldFault
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attune_kit.errors import AttuneError, Invalid, OperationalError, PayloadTooLarge, RequestError
from attune_kit.health import health_router
from attune_kit.logging import get_logger
from attune_kit.metrics import Metrics

REQUEST_ID_PATTERN = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]


def build_app(
    *,
    title: str,
    version: str,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    body_bytes_max: int,
    metrics: Metrics,
    docs: bool = False,
    expose_metrics: bool = True,
) -> FastAPI:
    """Builds an app. The lifespan yields the typed state that handlers read from `request.state`.

    `required_probes` and `optional_probes` in that state feed /readyz.
    """
    app = FastAPI(
        title=title,
        version=version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if docs else None,
    )
    app.include_router(health_router(version))
    if expose_metrics:
        app.include_router(metrics.router())
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(AttuneError, on_attune_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_middleware(Edge, metrics=metrics, body_bytes_max=body_bytes_max)
    return app


class Edge:
    """Outermost middleware: request id in and out, body limit, one canonical log line, one metric."""

    def __init__(self, app: ASGIApp, metrics: Metrics, body_bytes_max: int) -> None:
        self.app = app
        self.metrics = metrics
        self.body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. Websocket and lifespan scopes pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started, status, received_bytes = time.perf_counter(), 0, 0

        async def counted_receive() -> Message:
            nonlocal received_bytes
            message = await receive()
            received_bytes += len(message.get("body", b""))
            if received_bytes > self.body_bytes_max:
                raise PayloadTooLarge(f"Send at most {self.body_bytes_max} bytes.")
            return message

        async def tagged_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, counted_receive, tagged_send)
            except Exception as error:
                log_crash(error)
                if status:  # The head is out: only an aborted connection can still tell the caller.
                    raise
                failure = AttuneError("Please try again. If it goes on, report the request id.")
                await problem_response(failure, request_id)(scope, receive, tagged_send)
            finally:
                self.finish(scope, status, time.perf_counter() - started)

    def finish(self, scope: Scope, status: int, seconds: float) -> None:
        """The canonical log line and the metric of a finished request."""
        route = getattr(scope.get("route"), "path", "unmatched")
        self.metrics.observe(scope["method"], route, status, seconds)
        if route not in {"/livez", "/readyz", "/healthz", "/metrics"}:
            get_logger().info(
                "request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1)
            )


def request_id_of(scope: Scope) -> str:
    """The caller's X-Request-ID when it is a plain token, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID_PATTERN.match(text := value.decode("latin-1")):
            return str(text)
    return secrets.token_hex(8)


def problem_response(error: AttuneError, request_id: str | None) -> Response:
    """The problem+json response of an error, with Retry-After and WWW-Authenticate where they belong."""
    headers = {"cache-control": "no-store"}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    body = error.problem(request_id).model_dump(mode="json")
    return JSONResponse(body, status_code=error.status, media_type=MEDIA_TYPE, headers=headers)


async def on_attune_error(request: Request, error: Exception) -> Response:
    """Errors of the tree. Operational ones are one warning line."""
    assert isinstance(error, AttuneError)
    if isinstance(error, OperationalError):
        get_logger().warning("operational_error", code=error.code, status=error.status)
    return problem_response(error, getattr(request.state, "request_id", None))


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """FastAPI's validation errors, without the values that were sent."""
    assert isinstance(error, RequestValidationError)
    faults = [FieldFault(field=field_path(fault["loc"]), message=str(fault["msg"])) for fault in error.errors()]
    detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults)
    return problem_response(Invalid(detail, errors=faults), getattr(request.state, "request_id", None))


def field_path(location: Sequence[int | str]) -> str:
    """("body", "texts", 0) → "texts.0"; a fault of the body itself is "body"."""
    parts = [str(part) for part in location]
    return ".".join(parts[1:]) or parts[0]


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own errors (no route, wrong method) in the same shape."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, AttuneError):  # FastAPI wraps what the body reader raised.
        return await on_attune_error(request, error.__cause__)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    wrapped = RequestError(str(error.detail), code=code)
    wrapped.status = error.status_code
    response = problem_response(wrapped, getattr(request.state, "request_id", None))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


def log_crash(error: Exception) -> None:
    """A bug. Only its class and place are logged: a message or a trace could carry a person's words."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"
    get_logger().error("crash", error=type(error).__name__, place=place)
