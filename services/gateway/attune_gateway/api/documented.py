"""What OpenAPI says about errors, streams and shared parameters of the routes."""

from typing import Annotated, Any

from attune_contracts.dialogue import TurnEvent
from attune_contracts.problem import MEDIA_TYPE, TYPE_PREFIX, Problem
from fastapi import FastAPI, Path, Security
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import TypeAdapter

# The schemes only document: handlers read the headers themselves, so that a missing one is our 401 and not a 403.
session_token = Security(HTTPBearer(scheme_name="sessionToken", description="A session's token.", auto_error=False))
api_key_header = Security(APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False))
api_key_bearer = Security(HTTPBearer(scheme_name="apiKeyBearer", description="An API key.", auto_error=False))

SessionId = Annotated[str, Path(max_length=128, description="From `POST /v1/sessions`.")]
MessageId = Annotated[str, Path(max_length=128, description="From the `accepted` event or a reply.")]

TITLES = {
    400: ("bad_request", "The request cannot be read", "The body is not JSON."),
    401: ("unauthenticated", "Credentials are missing", "Send the session's token as a bearer token."),
    403: ("consent_required", "This is not allowed", "Send the version of the consent text that the person agreed to."),
    404: ("not_found", "There is nothing here", "No such session, or its time is over."),
    408: ("body_too_slow", "The request did not arrive in time", "Send the whole request within a few seconds."),
    409: ("reply_in_progress", "Something else happened at the same time", "A reply is still being written."),
    413: ("payload_too_large", "The request is too large", "Send at most 65536 bytes."),
    422: ("invalid_request", "Some fields are not valid", "text: String should have at most 4000 characters"),
    429: ("quota_exceeded", "Too many requests", "The quota 'session' is used up. Wait 12 s and try again."),
    503: ("unavailable", "This is not available right now", "The companion is not reachable right now."),
    504: ("deadline_exceeded", "This took too long", "The companion did not answer in time."),
}
HEADERS = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may refuse with these statuses."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    code, title, detail = TITLES[status]
    example = {
        "type": TYPE_PREFIX + code.replace("_", "-"),
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": "8f1f3c2ad05b7e61",
        "errors": [{"field": "text", "message": detail.removeprefix("text: ")}] if status == 422 else [],
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    return {"description": title, "content": content, **({"headers": HEADERS} if status in {429, 503} else {})}


def event_stream(example: str, *, turn_events: bool = True) -> dict[str, Any]:
    """The content of a streamed answer. The data of each event is a TurnEvent, or a text that the example explains."""
    content: dict[str, Any] = {}
    if turn_events:
        reference = {"$ref": "#/components/schemas/TurnEvent"}
        content = {"contentMediaType": "application/json", "contentSchema": reference}
    event = {
        "type": "object",
        "description": "One server-sent event. The stream is a sequence of them.",
        "properties": {
            "event": {"type": "string"},
            "id": {"type": "string"},
            "data": {"type": "string", **content},
        },
        "required": ["data"],
    }
    return {"text/event-stream": {"schema": event, "example": example}}


def install_openapi(app: FastAPI) -> None:
    """Serves a schema that also holds the models which only appear inside streams and errors."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            reference = "#/components/schemas/{model}"
            adapters: dict[str, TypeAdapter[Any]] = {
                "Problem": TypeAdapter(Problem),
                "TurnEvent": TypeAdapter(TurnEvent),
            }
            for name, adapter in adapters.items():
                model = adapter.json_schema(ref_template=reference, mode="serialization")
                components.update(model.pop("$defs", {}))
                components[name] = model
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # FastAPI's documented way to extend the schema


DESCRIPTION = """Attune is an empathetic support companion. It is an AI, it is no emergency service, and nobody reads
along live. Every text that a person can enter passes the crisis screen; help lines are at `/v1/resources`, without a
token, without limits, and also when everything else is down."""
