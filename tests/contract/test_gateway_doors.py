"""Every route of the edge: documented, shielded, and no text passes a door without the crisis screen."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from attune_gateway.app import create_app
from attune_gateway.auth import new_key
from attune_gateway.shield import CSP
from fastapi import FastAPI

from tests.support.gateway import NOBODY, gateway, gateway_settings

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("gateway-doors")]
CRISIS = "I want to kill myself tonight"
KEY, KEY_LINE = new_key("tests")
USER = [{"role": "user", "content": CRISIS}]

# A route that takes free text stands here with a body that holds a crisis, or with the reason why none can be in it.
SCREENED: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/sessions/{session_id}/messages"): {"text": CRISIS},
    ("POST", "/v1/chat/completions"): {"messages": USER},
    ("POST", "/v1/evaluation/chat"): {"messages": USER},
}
NO_FREE_TEXT = {
    ("POST", "/v1/sessions"): "a consent version, a locale and a country code, each with a pattern or a short length",
    ("PATCH", "/v1/sessions/{session_id}"): "a locale and a country code",
}


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text(KEY_LINE)
    return str(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(keys_file: str) -> AsyncIterator[httpx2.AsyncClient]:
    settings = gateway_settings(NOBODY, api_keys_file=keys_file, limits_enabled=False)
    async with gateway(settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(keys_file: str) -> FastAPI:
    return create_app(gateway_settings(NOBODY, api_keys_file=keys_file))


def operations(app: FastAPI) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


async def test_every_route_with_a_body_is_a_known_door(app: FastAPI) -> None:
    with_body = {(method, path) for method, path, operation in operations(app) if "requestBody" in operation}
    assert with_body == set(SCREENED) | set(NO_FREE_TEXT)


async def test_no_text_can_come_in_through_an_address(app: FastAPI) -> None:
    """No chat text or token in a URL: the only query parameters are a country and a file format."""
    queries = {
        parameter["name"]
        for _, _, operation in operations(app)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    assert queries == {"country", "format"}


async def test_the_schema_lists_every_route_but_the_page_and_metrics(app: FastAPI) -> None:
    documented = {path for _, path, _ in operations(app)}
    routes = {getattr(route, "path", "") for route in app.routes}
    unlisted = {"/metrics", "/healthz", "/{path:path}", "/openapi.json"}
    assert {path for path in routes if path} - documented <= unlisted


@pytest.mark.parametrize(("method", "path"), SCREENED)
async def test_every_door_answers_a_crisis_with_everything_down(
    client: httpx2.AsyncClient, method: str, path: str
) -> None:
    url = path.replace("{session_id}", "ses_1")
    answer = await client.request(method, url, json=SCREENED[method, path], headers={"x-api-key": KEY})
    assert answer.status_code == 200
    body = answer.json()
    if path.endswith("/messages"):
        assert body["risk"]["tier"] == "imminent"
    elif path.endswith("/completions"):
        assert body["x_attune"]["risk"]["tier"] == "imminent"
        assert body["choices"][0]["message"]["content"] == body["x_attune"]["text"]
    else:
        assert "findahelpline.com" in body["message"]["content"]
        assert body["done"]


async def test_every_error_is_documented_as_a_problem(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        for status, response in operation["responses"].items():
            if path.startswith("/v1/") and status.startswith(("4", "5")):
                assert "application/problem+json" in response["content"], f"{method} {path} {status}"


async def test_every_request_body_has_an_example(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"], f"{method} {path}"


REQUESTS = [
    ("GET", "/"),
    ("GET", "/nothing"),
    ("GET", "/openapi.json"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/version"),
    ("GET", "/metrics"),
    ("GET", "/v1/resources"),
    ("GET", "/v1/resources/countries"),
    ("GET", "/v1/models"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/evaluation/chat"),
    ("POST", "/v1/sessions"),
    ("GET", "/v1/sessions/s"),
    ("PATCH", "/v1/sessions/s"),
    ("DELETE", "/v1/sessions/s"),
    ("GET", "/v1/sessions/s/export"),
    ("POST", "/v1/sessions/s/messages"),
    ("GET", "/v1/sessions/s/messages/m/events"),
    ("PUT", "/v1/sessions"),
    ("OPTIONS", "/v1/sessions"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_every_answer_is_shielded(client: httpx2.AsyncClient, method: str, path: str) -> None:
    answer = await client.request(method, path, headers={"accept": "application/json"})
    expected = {
        "content-security-policy": CSP,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    assert len(answer.headers.get_list("cache-control")) <= 1
    if path.startswith("/v1/sessions"):
        assert answer.headers["cache-control"] == "no-store"


async def test_every_listed_route_is_among_the_requests(app: FastAPI) -> None:
    asked = {(method, path) for method, path in REQUESTS}
    for method, path, _ in operations(app):
        url = path.replace("{session_id}", "s").replace("{message_id}", "m")
        assert (method, url) in asked, f"add {method} {url} to REQUESTS"


async def test_the_policy_is_the_one_that_was_decided() -> None:
    """Written out here, so that a weaker policy needs a change in two places."""
    assert dict(part.split(" ", 1) for part in CSP.split("; ")) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


async def test_tls_is_pinned_only_when_there_is_tls(keys_file: str) -> None:
    settings = gateway_settings(NOBODY, trusted_proxies="127.0.0.0/8")
    async with gateway(settings) as behind_proxy:
        plain = await behind_proxy.get("/livez")
        assert "strict-transport-security" not in plain.headers
        secure = await behind_proxy.get("/livez", headers={"x-forwarded-proto": "https"})
        assert "max-age=" in secure.headers["strict-transport-security"]
    async with gateway(gateway_settings(NOBODY, always_https=True)) as secure_client:
        assert "strict-transport-security" in (await secure_client.get("/")).headers


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("headers", [{}, {"x-api-key": "att_wrong"}, {"authorization": "Bearer wrong"}])
async def test_the_program_routes_need_a_key(client: httpx2.AsyncClient, method: str, headers: dict[str, str]) -> None:
    path = "/v1/models" if method == "GET" else "/v1/chat/completions"
    body = {"messages": [{"role": "user", "content": "hello"}]} if method == "POST" else None
    answer = await client.request(method, path, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_invalid")
    assert answer.headers["www-authenticate"] == "Bearer"
