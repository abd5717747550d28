"""Passes one request that is no message on to dialogue, and its answer back. Also the answer of a refused message."""

from collections.abc import Mapping
from urllib.parse import quote

from attune_contracts.problem import MEDIA_TYPE
from attune_kit.errors import OperationalError, Unavailable
from starlette.requests import Request
from starlette.responses import Response

from attune_gateway.ports import Call, Upstream
from attune_gateway.state import gateway_of

PASSED_ON = ("authorization", "accept", "content-type", "idempotency-key", "last-event-id")
PASSED_BACK = (
    "content-type",
    "content-disposition",
    "retry-after",
    "www-authenticate",
    "idempotency-replayed",
    "idempotent-replayed",
)


def session_path(session_id: str, *rest: str) -> str:
    """A path of dialogue, escaped."""
    return "/".join(["/v1/sessions", *(quote(part, safe="") for part in (session_id, *rest))])


def headers_for(request: Request, **replaced: str) -> dict[str, str]:
    """The caller's headers that dialogue may see, and the request id that both log."""
    passed = {name: value for name in PASSED_ON if (value := request.headers.get(name)) is not None}
    return passed | {"x-request-id": request.state.request_id} | replaced


def passed_back(status: int, headers: Mapping[str, str], body: bytes, retry_after_s: float) -> Response:
    """Dialogue's answer as ours. Anything but JSON, a problem or Markdown is not an answer of dialogue."""
    kind = headers.get("content-type", "").partition(";")[0]
    expected = {MEDIA_TYPE} if status >= 400 else {"application/json", "text/markdown"}
    if status != 204 and kind not in expected:
        raise unreachable(retry_after_s)
    kept = {name: headers[name] for name in PASSED_BACK if name in headers}
    if status == 503:
        kept.setdefault("retry-after", str(round(retry_after_s)))
    return Response(body if status != 204 else None, status, headers=kept)


def unreachable(retry_after_s: float) -> Unavailable:
    """The 503 of a dead dialogue."""
    return Unavailable(
        "The companion is not reachable right now. Please try again in a moment. Crisis help is at /v1/resources.",
        code="companion_unavailable",
        retry_after_s=retry_after_s,
    )


async def forward(request: Request, method: str, target: str, body: bytes = b"") -> Response:
    """One request there and back. Raises Unavailable when dialogue is gone, late, or makes no sense."""
    gateway = gateway_of(request)
    settings = gateway.settings
    upstream: Upstream | None = None
    try:
        upstream = await gateway.dialogue.send(Call(method, target, headers_for(request), body), settings.request_s)
        content = await upstream.body(settings.request_s)
    except OperationalError:
        if upstream is not None:
            gateway.dialogue.settle(worked=False)
        raise unreachable(settings.retry_after_s) from None
    finally:
        if upstream is not None:
            upstream.close()
    gateway.dialogue.settle(worked=True)
    return passed_back(upstream.status, upstream.headers, content, settings.retry_after_s)
