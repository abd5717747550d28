"""Sessions: open, read, change, export, delete. Everything is dialogue's; the edge limits and passes on."""

from typing import Annotated, Literal

from attune_contracts.dialogue import (
    CONSENT_VERSION,
    SessionCreate,
    SessionCreated,
    SessionExport,
    SessionUpdate,
    SessionView,
)
from fastapi import APIRouter, Body, Depends, Query, Request, Response

from attune_gateway.api.documented import SessionId, problems, session_token
from attune_gateway.api.forward import forward, session_path
from attune_gateway.auth import bearer_of
from attune_gateway.state import address_of, gateway_of, limit, limit_request, require_bearer

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
OWNED = [Depends(limit_request), session_token]
# A page that was left must not show the conversation again from the browser's cache or its back button. Storage is
# not cleared: it holds the page's settings and the worker that serves the crisis lines offline.
FORGET = '"cache"'

EXAMPLES = {
    "plain": {"summary": "English", "value": {"consent": {"version": CONSENT_VERSION}, "locale": "en"}},
    "country": {
        "summary": "Arabic, in Egypt",
        "value": {"consent": {"version": CONSENT_VERSION}, "locale": "ar", "country": "EG"},
    },
}


@router.post("", status_code=201, response_model=SessionCreated, responses=problems(400, 403, 408, 413, 422, 429, 503))
async def open_session(request: Request, body: Annotated[SessionCreate, Body(openapi_examples=EXAMPLES)]) -> Response:
    """Opens a session. Without consent to the current text the answer is 403 `consent_required`."""
    gateway, address = gateway_of(request), address_of(request)
    await limit(request, [(gateway.session_quota, address), (gateway.request_quota, address)])
    return await forward(request, "POST", "/v1/sessions", body.model_dump_json(exclude_unset=True).encode())


@router.get(
    "/{session_id}", response_model=SessionView, dependencies=OWNED, responses=problems(401, 404, 422, 429, 503)
)
async def read_session(request: Request, session_id: SessionId) -> Response:
    """The session as its owner sees it, with the transcript."""
    require_bearer(bearer_of(request.headers))
    return await forward(request, "GET", session_path(session_id))


@router.patch(
    "/{session_id}",
    response_model=SessionView,
    dependencies=OWNED,
    responses=problems(400, 401, 404, 408, 409, 413, 422, 429, 503),
)
async def update_session(
    request: Request,
    session_id: SessionId,
    body: Annotated[SessionUpdate, Body(openapi_examples={"moved": {"value": {"country": "EG"}}})],
) -> Response:
    """Changes the language or the country."""
    require_bearer(bearer_of(request.headers))
    return await forward(request, "PATCH", session_path(session_id), body.model_dump_json(exclude_unset=True).encode())


@router.delete("/{session_id}", status_code=204, dependencies=OWNED, responses=problems(401, 404, 409, 422, 429, 503))
async def delete_session(request: Request, session_id: SessionId) -> Response:
    """Deletes everything that is stored about the session, at once."""
    require_bearer(bearer_of(request.headers))
    response = await forward(request, "DELETE", session_path(session_id))
    if response.status_code == 204:
        response.headers["clear-site-data"] = FORGET
    return response


@router.get(
    "/{session_id}/export",
    response_model=SessionExport,
    dependencies=OWNED,
    responses={
        200: {"content": {"text/markdown": {"schema": {"type": "string"}}}},
        **problems(401, 404, 422, 429, 503),
    },
)
async def export_session(
    request: Request,
    session_id: SessionId,
    format: Annotated[Literal["json", "markdown"], Query()] = "json",  # noqa: A002  the parameter's public name
) -> Response:
    """Everything that is stored about the session, as a file: JSON for programs, Markdown for people."""
    require_bearer(bearer_of(request.headers))
    response = await forward(request, "GET", f"{session_path(session_id, 'export')}?format={format}")
    if response.status_code == 200 and "content-disposition" not in response.headers:
        ending = "json" if format == "json" else "md"
        response.headers["content-disposition"] = f'attachment; filename="conversation.{ending}"'
    return response
