"""The edge of every service: request ids, body limits, problems instead of traces, one log line a request."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import structlog
from attune_contracts.base import Input
from attune_kit.asgi import build_app
from attune_kit.errors import Conflict, TooManyRequests, Unavailable
from attune_kit.metrics import Metrics
from fastapi import APIRouter, FastAPI
from structlog.testing import capture_logs

CANARY = "canary-words-of-a-person"


class Note(Input):
    text: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
    yield {}


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/echo")
    async def echo(body: Note) -> Note:
        return body

    @router.get("/fail/{kind}")
    async def fail(kind: str) -> None:
        match kind:
            case "conflict":
                raise Conflict("Read it again first.")
            case "busy":
                raise TooManyRequests("Wait.", retry_after_s=2.2)
            case "down":
                raise Unavailable("Try later.", retry_after_s=0.2)
        raise RuntimeError(CANARY)

    return router


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = build_app(
        title="t", version="1", lifespan=lifespan, routers=[routes()], body_bytes_max=200, metrics=Metrics()
    )
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as http:
        yield http


async def test_a_request_id_is_made_or_echoed(client: httpx2.AsyncClient) -> None:
    assert len((await client.get("/livez")).headers["x-request-id"]) == 16
    asked = await client.get("/livez", headers={"x-request-id": "abc-12345"})
    assert asked.headers["x-request-id"] == "abc-12345"
    forged = await client.get("/livez", headers={"x-request-id": "x y<script>"})
    assert forged.headers["x-request-id"] != "x y<script>"


@pytest.mark.parametrize(
    ("path", "status", "code", "retry_after"),
    [
        ("/fail/conflict", 409, "conflict", None),
        ("/fail/busy", 429, "quota_exceeded", "2"),
        ("/fail/down", 503, "unavailable", "1"),
        ("/fail/bug", 500, "internal", None),
        ("/nowhere", 404, "not_found", None),
        ("/echo", 405, "method_not_allowed", None),
    ],
)
async def test_every_failure_is_a_problem(
    client: httpx2.AsyncClient, path: str, status: int, code: str, retry_after: str | None
) -> None:
    response = await client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers.get("retry-after") == retry_after
    body = response.json()
    assert (body["code"], body["status"]) == (code, status)
    assert body["request_id"] == response.headers["x-request-id"]
    assert CANARY not in response.text


async def test_a_crash_logs_its_class_and_place_only(client: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.get("/fail/bug")
    (crash,) = [line for line in lines if line["event"] == "crash"]
    assert crash["error"] == "RuntimeError"
    assert crash["place"].startswith("test_asgi.py:")
    assert CANARY not in str(lines)


async def test_a_refused_body_is_not_repeated(client: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        response = await client.post("/echo", json={"text": 5, CANARY: CANARY})
    assert response.status_code == 422
    assert {fault["field"] for fault in response.json()["errors"]} == {"text", CANARY}
    # The name of an unknown key is needed to fix it; its value is not.
    assert response.text.count(CANARY) <= 2
    assert CANARY not in str(lines)


async def test_a_large_body_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/echo", json={"text": "x" * 300})
    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")


async def test_a_request_is_one_log_line_and_one_figure(client: httpx2.AsyncClient) -> None:
    with capture_logs() as lines:
        await client.post("/echo", json={"text": CANARY})
        await client.get("/livez")
    (line,) = lines
    assert (line["event"], line["route"], line["status"]) == ("request", "/echo", 200)
    assert CANARY not in str(lines)
    figures = (await client.get("/metrics")).text
    assert 'attune_http_requests_total{method="POST",route="/echo",status="200"} 1.0' in figures


def test_logs_start_without_context() -> None:
    assert structlog.contextvars.get_contextvars() == {}
