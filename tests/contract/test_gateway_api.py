"""The native API through the real dialogue service: what a page or a program gets for each request."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from attune_contracts.dialogue import (
    CONSENT_VERSION,
    Reply,
    SessionCreated,
    SessionExport,
    SessionView,
    TurnEvent,
)
from attune_contracts.problem import Problem
from attune_contracts.risk import ResourceCard
from pydantic import TypeAdapter

from tests.support.dialogue import Talker, data
from tests.support.gateway import chain
from tests.support.processes import RedisServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("gateway-api")]
EVENT: TypeAdapter[TurnEvent] = TypeAdapter(TurnEvent)
LONELY = "I feel lonely in this town and nobody has called since Tuesday"
CRISIS = "I want to kill myself tonight"
UNKNOWN = {"authorization": "Bearer nobodys-token"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(redis_server: RedisServer) -> AsyncIterator[httpx2.AsyncClient]:
    async with chain(redis_server.url, limits_enabled=False) as whole:
        yield whole.client


@pytest_asyncio.fixture(loop_scope="module")
async def talker(client: httpx2.AsyncClient) -> Talker:
    return await Talker.arrive(client, locale="en", country="EG")


async def test_a_session_needs_consent(client: httpx2.AsyncClient) -> None:
    for body in ({}, {"consent": {"version": "1999-01"}}):
        answer = await client.post("/v1/sessions", json=body)
        assert (answer.status_code, Problem.model_validate(answer.json()).code) == (403, "consent_required")


async def test_a_session_is_created_read_changed_and_deleted(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/sessions", json={"consent": {"version": CONSENT_VERSION}, "locale": "en"})
    created = SessionCreated.model_validate_json(answer.content)
    assert answer.status_code == 201
    assert min(len(created.id), len(created.token)) >= 22  # 128 bits in base64
    owner = {"authorization": f"Bearer {created.token}"}
    path = f"/v1/sessions/{created.id}"
    assert SessionView.model_validate_json((await client.get(path, headers=owner)).content).country is None
    changed = await client.patch(path, json={"country": "EG"}, headers=owner)
    assert SessionView.model_validate_json(changed.content).country == "EG"
    gone = await client.delete(path, headers=owner)
    assert (gone.status_code, gone.content, gone.headers["clear-site-data"]) == (204, b"", '"cache"')
    assert (await client.get(path, headers=owner)).status_code == 404


async def test_the_stream_passes_as_events(talker: Talker) -> None:
    events = await talker.stream(LONELY)
    names = [EVENT.validate_json(event.data).type for event in events]
    assert names == [event.event for event in events]
    assert (names[0], names[-1]) == ("accepted", "done")
    done = data(events, "done")[0]
    assert "".join(delta["text"] for delta in data(events, "delta")) == done["text"]
    assert not done["degraded"]


async def test_the_whole_reply_has_the_same_content(talker: Talker) -> None:
    reply = Reply.model_validate_json((await talker.say(LONELY)).content)
    assert reply.text
    assert reply.emotion is not None
    assert reply.risk is None
    assert not reply.degraded


async def test_a_crisis_has_its_card_first(talker: Talker) -> None:
    events = await talker.stream(CRISIS)
    names = [event.event for event in events]
    assert names.index("risk") < names.index("delta")
    assert names.count("risk") == 1
    assert data(events, "risk")[0]["card"]["country"] == "EG"


async def test_a_cut_stream_resumes_where_it_was(talker: Talker) -> None:
    events = await talker.stream(LONELY)
    message_id = data(events, "accepted")[0]["message_id"]
    assert await talker.resume(message_id, None) == events
    assert await talker.resume(message_id, 2) == events[2:]


async def test_a_retried_message_gets_the_same_reply(talker: Talker) -> None:
    first = (await talker.say(LONELY, key="key-1")).json()
    again = (await talker.say(LONELY, key="key-1")).json()
    assert again["message_id"] == first["message_id"]
    other = await talker.say("something else", key="key-1")
    assert other.status_code == 422


async def test_the_export_is_a_file_in_both_forms(talker: Talker) -> None:
    await talker.say(LONELY)
    whole = await talker.client.get(f"{talker.path}/export", headers=talker.headers())
    assert LONELY in SessionExport.model_validate_json(whole.content).session.transcript[0].text
    assert whole.headers["content-disposition"] == 'attachment; filename="conversation.json"'
    text = await talker.client.get(f"{talker.path}/export?format=markdown", headers=talker.headers())
    assert LONELY in text.text
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.headers["content-disposition"] == 'attachment; filename="conversation.md"'
    assert (await talker.client.get(f"{talker.path}/export?format=pdf", headers=talker.headers())).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/export"),
        ("POST", "/messages"),
        ("GET", "/messages/m_1/events"),
    ],
)
async def test_anothers_session_is_not_there(talker: Talker, method: str, path: str) -> None:
    bodies = {"PATCH": {"country": "FR"}, "POST": {"text": "hello"}}
    other = await Talker.arrive(talker.client)
    for headers, status in ((other.headers(), 404), (UNKNOWN, 404), ({}, 401)):
        answer = await talker.client.request(method, f"{talker.path}{path}", json=bodies.get(method), headers=headers)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert Problem.model_validate(answer.json()).request_id == answer.headers["x-request-id"]
    view = await talker.client.get(talker.path, headers=talker.headers())
    assert view.json()["country"] == "EG"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"text":""}',
        b'{"text":5}',
        b'{"text":"a","more":1}',
        b'{"text":"\\ud800"}',
        b"[" * 30_000,
        b'{"text":"' + b"x" * 4001 + b'"}',
    ],
)
async def test_a_body_that_is_no_message_is_refused_by_name(talker: Talker, body: bytes) -> None:
    answer = await talker.client.post(
        f"{talker.path}/messages", content=body, headers=talker.headers(**{"content-type": "application/json"})
    )
    assert answer.status_code in {400, 422}
    problem = Problem.model_validate(answer.json())
    assert "xxx" not in problem.detail


async def test_4000_characters_are_enough(talker: Talker) -> None:
    assert (await talker.say("very " * 800)).status_code == 200
    long = await talker.say("very " * 801)
    assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "text")
    assert "4000" in long.json()["detail"]


async def test_a_body_over_the_limit_is_refused(talker: Talker) -> None:
    answer = await talker.say("x" * 70_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


async def test_help_lines_need_nothing(client: httpx2.AsyncClient) -> None:
    card = ResourceCard.model_validate_json((await client.get("/v1/resources?country=EG")).content)
    assert card.country == "EG"
    assert card.emergency
    unknown = ResourceCard.model_validate_json((await client.get("/v1/resources")).content)
    assert (unknown.country, unknown.emergency, unknown.contacts) == (None, (), ())
    assert unknown.directories
    assert (await client.get("/v1/resources?country=egypt")).status_code == 422
    countries = (await client.get("/v1/resources/countries")).json()["countries"]
    assert {"code": "EG", "name": "Egypt"} in countries


async def test_health_and_metrics(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "ok"}
    ready = (await client.get("/readyz")).json()
    assert ready == {"ready": True, "degraded": False, "checks": {"dialogue": "ok"}}
    assert "attune_gateway_first_event_seconds" in (await client.get("/metrics")).text
    through_proxy = await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
    assert through_proxy.status_code == 404


@pytest.mark.parametrize("path", ["/", "/help", "/safety", "/privacy", "/js/main.js", "/css/base.css"])
async def test_the_page_is_served(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    again = await client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.head(path)).content == b""


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1/nothing", "/..%2f..%2fetc/passwd", "/%2e%2e/pyproject.toml", "/js/..%5c..%5cx.js", "/test/"],
)
async def test_nothing_else_is(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] in {"application/problem+json", "text/html; charset=utf-8"}
