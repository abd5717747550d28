"""One door: every field that can hold a person's words is screened, in dialogue as at the edge.

That each of the edge's routes answers a crisis is shown in tests/contract/test_gateway_doors.py; here every text field
of every body is enumerated, and dialogue is tried alone: typed, tapped, inside an exercise.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from attune_dialogue.app import create_app as create_dialogue
from attune_gateway.app import create_app as create_gateway
from fastapi import FastAPI

from tests.support.dialogue import Talker, data, dialogue, settings_for
from tests.support.gateway import NOBODY, gateway_settings
from tests.support.processes import RedisServer

CRISIS = "I want to kill myself tonight"
# A shorter text without a pattern is an identifier or a version: no sentence fits, and nobody reads it.
IDENTIFIER_CHARS_MAX = 64
# Field → why it is safe. A new text field must be added here, with its screen.
SCREENED = {"MessageCreate.text", "ChatMessage.content", "TextPart.text"}
NEVER_READ = {"ChatRequest.model", "ChatRequest.conversation_id", "EvaluationRequest.conversation_id"}


def text_fields(app: FastAPI) -> Iterator[str]:
    """`Model.field` of every string in a request body that could hold a sentence."""
    document = app.openapi()
    schemas: dict[str, Any] = document["components"]["schemas"]
    seen: set[str] = set()
    waiting = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if "requestBody" in operation
    ]
    while waiting:
        for name in _named(waiting.pop()):
            if name in seen:
                continue
            seen.add(name)
            for field, schema in schemas[name].get("properties", {}).items():
                if _holds_a_sentence(schema):
                    yield f"{name}.{field}"
                waiting.append(schema)


def _named(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rpartition("/")[2]
        for part in schema.values():
            yield from _named(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _named(part)


def _holds_a_sentence(schema: dict[str, Any]) -> bool:
    parts = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    if any(_holds_a_sentence(part) for part in parts):
        return True
    bounded = {"pattern", "enum", "const"} & set(schema) or schema.get("maxLength", 10**9) <= IDENTIFIER_CHARS_MAX
    return schema.get("type") == "string" and not bounded


@pytest.fixture
async def talker(redis_server: RedisServer) -> AsyncIterator[Talker]:
    async with dialogue(settings_for(redis_server.url, NOBODY, NOBODY)) as client:
        yield await Talker.arrive(client)


def test_every_text_field_of_the_edge_is_known() -> None:
    assert set(text_fields(create_gateway(gateway_settings(NOBODY)))) == SCREENED | NEVER_READ


def test_every_text_field_of_dialogue_is_known(redis_server: RedisServer) -> None:
    app = create_dialogue(settings_for(redis_server.url, NOBODY, NOBODY))
    assert set(text_fields(app)) == {"MessageCreate.text"}


async def test_no_text_comes_in_through_an_address_of_dialogue(redis_server: RedisServer) -> None:
    paths = create_dialogue(settings_for(redis_server.url, NOBODY, NOBODY)).openapi()["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    queries = {p["name"] for operation in operations for p in operation.get("parameters", []) if p["in"] == "query"}
    assert queries <= {"format"}


@pytest.mark.parametrize("button", [None, "yes", "exercise.start", "a-button-that-is-not-there"])
async def test_a_tapped_button_is_screened_like_a_typed_message(talker: Talker, button: str | None) -> None:
    reply = (await talker.say(CRISIS, button=button)).json()
    assert reply["risk"]["tier"] == "imminent"
    assert reply["why"]["sources"] == ["crisis"]


async def test_a_field_of_an_exercise_is_screened(talker: Talker) -> None:
    await talker.say("can we do an exercise")
    for said in ("yes please", "breathing", "ok"):
        last = (await talker.say(said)).json()
    assert last["risk"] is None
    events = await talker.stream(CRISIS)
    assert [event.event for event in events].index("risk") < [event.event for event in events].index("delta")
    assert data(events, "risk")[0]["tier"] == "imminent"
