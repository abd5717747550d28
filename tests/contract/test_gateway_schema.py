"""What the OpenAPI schema promises, the running gateway does: schemathesis against the whole chain."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import httpx2
import pytest
import schemathesis
from attune_contracts.dialogue import CONSENT_VERSION
from attune_gateway.app import create_app
from attune_gateway.auth import new_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.gateway import NOBODY, chain, gateway_settings
from tests.support.processes import RedisServer

pytestmark = pytest.mark.xdist_group("gateway-schema")
KEY, KEY_LINE = new_key("tests")
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def address(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The chain in a loop of its own thread, because schemathesis calls synchronously."""
    path = tmp_path_factory.mktemp("keys") / "keys"
    path.write_text(KEY_LINE)
    started: Future[str] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with chain(redis_server.url, api_keys_file=str(path), limits_enabled=False) as whole:
            started.set_result(whole.url)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    yield started.result(60)
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def operations() -> list[tuple[str, str, bool]]:
    """Every operation of the schema, and those on a session twice: on one's own too."""
    paths = create_app(gateway_settings(NOBODY)).openapi()["paths"]
    return [
        (path, method, mine)
        for path, methods in paths.items()
        for method in methods
        for mine in ((False, True) if "{session_id}" in path else (False,))
    ]


@pytest.mark.parametrize(("path", "method", "mine"), operations())
def test_the_gateway_keeps_its_schema(address: str, path: str, method: str, mine: bool) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    headers = {"x-api-key": KEY, "authorization": "Bearer unknown"}

    @given(case=schema[path][method].as_strategy(), accept=st.sampled_from(["text/event-stream", "application/json"]))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def keeps(case: schemathesis.Case, accept: str) -> None:
        sent = {**headers, "accept": accept}
        if mine:
            session = open_session(address)
            case.path_parameters = {**(case.path_parameters or {}), "session_id": session["id"]}
            sent["authorization"] = f"Bearer {session['token']}"
        case.call_and_validate(checks=CHECKS, headers=sent)

    keeps()


def open_session(address: str) -> dict[str, str]:
    """A session of its own for a case, because some cases delete it."""
    body = {"consent": {"version": CONSENT_VERSION}}
    answer = httpx2.post(f"{address}/v1/sessions", json=body, trust_env=False, timeout=20)
    assert answer.status_code == 201, answer.text
    created: dict[str, str] = answer.json()
    return created
