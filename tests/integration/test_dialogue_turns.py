"""Turns over a real Redis and real sockets: order of events, retries, resumption, ownership, deletion."""

import asyncio
import base64
from collections.abc import AsyncIterator

import httpx2
import pytest
from redis.asyncio import Redis

from tests.support.dialogue import (
    ScriptedEngine,
    Talker,
    data,
    dialogue,
    scripted_emotion,
    serving,
    settings_for,
)
from tests.support.processes import RedisServer

DEAD = "http://127.0.0.1:9"
# What a dripping engine may take before a template answers.
SLOWEST = {"first_sentence_s": 1.5, "first_token_timeout_s": 1.5}
LONELY = "I feel lonely in this town and nobody has called since Tuesday"


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    async with ScriptedEngine().run() as running:
        yield running


@pytest.fixture
async def client(redis_server: RedisServer, engine: ScriptedEngine) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serving(scripted_emotion()) as emotion_url,
        dialogue(settings_for(redis_server.url, engine.url, emotion_url, **SLOWEST)) as opened,
    ):
        yield opened


@pytest.fixture
async def talker(client: httpx2.AsyncClient) -> Talker:
    return await Talker.arrive(client)


async def test_events_come_in_order_and_join_to_the_text(talker: Talker) -> None:
    events = await talker.stream(LONELY)
    names = [event.event for event in events]
    assert names[0] == "accepted"
    assert names[-1] == "done"
    assert names.index("emotion") < names.index("delta")
    assert [event.id for event in events] == [str(number) for number in range(1, len(events) + 1)]
    done = data(events, "done")[0]
    assert "".join(delta["text"] for delta in data(events, "delta")) == done["text"]
    assert done["text"] == "That sounds like a long day. What was the heaviest part of it?"
    assert done["why"]["sources"] == ["model"]
    assert not done["degraded"]


async def test_risk_is_told_before_emotion_and_words(talker: Talker) -> None:
    names = [event.event for event in await talker.stream("I want to kill myself tonight")]
    assert names[:2] == ["accepted", "risk"]


async def test_one_object_holds_the_same(talker: Talker) -> None:
    reply = (await talker.say(LONELY)).json()
    assert reply["emotion"]["label"] == "sad"
    assert reply["text"].startswith("That sounds like a long day.")
    assert reply["risk"] is None


async def test_llama_gets_its_adapter_and_the_renderers_prompt(talker: Talker, engine: ScriptedEngine) -> None:
    await talker.say(LONELY)
    body = engine.bodies[0]
    assert body["lora"] == [{"id": 0, "scale": 1.0}]
    assert body["messages"][0]["role"] == "system"
    assert "Feeling: sad. Move: explore." in body["messages"][0]["content"]
    assert body["messages"][-1] == {"role": "user", "content": LONELY}


@pytest.mark.parametrize(("merge", "offered"), [("append", True), ("weave", False)])
async def test_an_offer_is_appended_or_woven_in(
    redis_server: RedisServer, engine: ScriptedEngine, merge: str, offered: bool
) -> None:
    async with (
        serving(scripted_emotion()) as emotion_url,
        dialogue(settings_for(redis_server.url, engine.url, emotion_url, merge=merge)) as client,
    ):
        talker = await Talker.arrive(client)
        engine.reply = ["That is heavy. ", "Shall we look at that thought together?"]
        reply = (await talker.say("I am panicking and my chest is tight")).json()
    assert [button["id"] for button in reply["suggestions"]] == ["offer.accept", "offer.decline"]
    assert ("exercise" in reply["why"]["sources"]) is offered
    assert reply["text"].count("?") == 1
    assert ("End with this, reworded:" in engine.bodies[0]["messages"][0]["content"]) is not offered


async def test_a_retry_with_the_same_key_gets_the_same_events(talker: Talker, engine: ScriptedEngine) -> None:
    first = await talker.stream(LONELY, key="one")
    again = await talker.stream(LONELY, key="one")
    assert again == first
    assert engine.calls == 1
    assert (await talker.say(LONELY, key="one")).json()["text"] == data(first, "done")[0]["text"]
    view = (await talker.client.get(talker.path, headers=talker.headers())).json()
    assert len(view["transcript"]) == 2


async def test_a_key_with_another_body_is_refused(talker: Talker) -> None:
    await talker.say(LONELY, key="one")
    answer = await talker.say("Something else", key="one")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_mismatch"


async def begun(engine: ScriptedEngine) -> None:
    """Waits until a turn has reached the engine."""
    async with asyncio.timeout(30):
        while not engine.calls:  # noqa: ASYNC110  the engine counts, it does not signal
            await asyncio.sleep(0.01)


async def test_one_turn_at_a_time(talker: Talker, engine: ScriptedEngine) -> None:
    engine.mode = "drip"
    running = asyncio.create_task(talker.say(LONELY, key="slow"))
    await begun(engine)
    other, same = await talker.say("Another one"), await talker.say(LONELY, key="slow")
    patch = await talker.client.patch(talker.path, json={"country": "EG"}, headers=talker.headers())
    for answer in (other, same, patch):
        assert answer.status_code == 409
        assert answer.json()["code"] == "turn_in_progress"
        assert answer.headers["retry-after"] == "1"
    assert (await running).status_code == 200
    assert (await talker.say("Another one")).status_code == 200


@pytest.mark.parametrize("after", [None, 1, 2, 4, 99])
async def test_a_cut_stream_resumes_without_gap_or_double(talker: Talker, after: int | None) -> None:
    whole = await talker.stream(LONELY)
    message_id = data(whole, "accepted")[0]["message_id"]
    assert await talker.resume(message_id, after) == whole[after or 0 :]


async def test_a_follower_joins_a_running_turn(talker: Talker, engine: ScriptedEngine) -> None:
    engine.mode = "drip"
    async with talker.client.stream(
        "POST",
        f"{talker.path}/messages",
        json={"text": LONELY},
        headers=talker.headers(accept="text/event-stream"),
    ) as response:
        first = await anext(response.aiter_bytes())
        message_id = first.decode().split('"message_id":"')[1].split('"')[0]
        await asyncio.sleep(0.1)
    events = await talker.resume(message_id, 1)
    view = (await talker.client.get(talker.path, headers=talker.headers())).json()
    assert events[-1].event == "done"
    assert data(events, "done")[0]["text"] == view["transcript"][1]["text"]


async def test_strangers_meet_the_same_404(client: httpx2.AsyncClient, talker: Talker) -> None:
    other = await Talker.arrive(client)
    message_id = (await talker.say(LONELY)).json()["message_id"]
    paths = [
        ("GET", talker.path),
        ("PATCH", talker.path),
        ("DELETE", talker.path),
        ("GET", f"{talker.path}/export"),
        ("POST", f"{talker.path}/messages"),
        ("GET", f"{talker.path}/messages/{message_id}/events"),
        ("GET", "/v1/sessions/ses_unknown"),
    ]
    body = {"POST": {"text": "hello there"}, "PATCH": {"country": "EG"}}
    for method, path in paths:
        answer = await client.request(method, path, json=body.get(method), headers=other.headers())
        assert answer.status_code == 404, (method, path)
        bare = await client.request(method, path, json=body.get(method))
        assert bare.status_code == 401
        assert bare.headers["www-authenticate"] == "Bearer"
    assert (await talker.say("Still mine and unlocked")).status_code == 200


async def test_nothing_before_consent(client: httpx2.AsyncClient) -> None:
    for consent in (None, {"version": "2019-01"}):
        answer = await client.post("/v1/sessions", json={"consent": consent})
        assert answer.status_code == 403
        assert answer.json()["code"] == "consent_required"


async def stored_keys(server: RedisServer, talker: Talker) -> list[bytes]:
    async with Redis.from_url(server.url) as redis:
        return [key async for key in redis.scan_iter(f"sess:{{{talker.id}}}*")]


async def test_what_is_known_can_be_changed_read_and_exported(talker: Talker) -> None:
    await talker.say("I failed the exam and I am such an idiot")
    patched = await talker.client.patch(talker.path, json={"country": "EG", "locale": "ar"}, headers=talker.headers())
    assert patched.json()["country"] == "EG"
    exported = (await talker.client.get(f"{talker.path}/export", headers=talker.headers())).json()
    assert exported["session"]["version"] == patched.json()["version"]
    assert exported["session"]["locale"] == "ar"
    assert exported["consent_version"] == "2026-11"
    assert exported["notes"]["situation"] == "I failed the exam and I am such an idiot"
    readable = await talker.client.get(f"{talker.path}/export?format=markdown", headers=talker.headers())
    assert readable.headers["content-type"].startswith("text/markdown")
    assert "> I failed the exam and I am such an idiot" in readable.text


async def test_every_key_has_a_ttl_and_no_word_is_readable(redis_server: RedisServer, talker: Talker) -> None:
    await talker.say(LONELY, key="one")
    keys = await stored_keys(redis_server, talker)
    assert len(keys) == 3
    async with Redis.from_url(redis_server.url) as redis:
        for key in keys:
            assert 0 < await redis.ttl(key) <= 24 * 3600
            dumped = await redis.dump(key)
            for word in (b"lonely", b"Tuesday", b"heaviest", talker.token.encode(), b"sad"):
                assert word not in dumped


async def test_delete_leaves_nothing(redis_server: RedisServer, talker: Talker) -> None:
    await talker.say(LONELY, key="one")
    assert (await talker.client.delete(talker.path, headers=talker.headers())).status_code == 204
    assert not await stored_keys(redis_server, talker)
    assert (await talker.client.get(talker.path, headers=talker.headers())).status_code == 404


async def test_a_session_deleted_in_mid_turn_stays_deleted(
    redis_server: RedisServer, talker: Talker, engine: ScriptedEngine
) -> None:
    engine.mode = "drip"
    running = asyncio.create_task(talker.say(LONELY))
    await begun(engine)
    assert (await talker.client.delete(talker.path, headers=talker.headers())).status_code == 204
    assert (await running).status_code == 409
    assert not await stored_keys(redis_server, talker)


async def test_sessions_end_by_themselves(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    settings = settings_for(redis_server.url, engine.url, DEAD, session_ttl_s=1, session_ttl_max_s=2)
    async with dialogue(settings) as client:
        talker = await Talker.arrive(client)
        for _ in range(3):
            await asyncio.sleep(0.5)
            await talker.say(LONELY)
        await asyncio.sleep(0.7)
        assert (await client.get(talker.path, headers=talker.headers())).status_code == 404


async def test_a_session_survives_a_new_master_key(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    def settings(keys: str) -> object:
        return settings_for(redis_server.url, engine.url, DEAD, session_keys=keys)

    old, new = (f"{kid}:{base64.b64encode(kid.encode() * 16).decode()}" for kid in ("k1", "k2"))
    async with dialogue(settings(old)) as client:
        talker = await Talker.arrive(client)
        await talker.say(LONELY)
    async with dialogue(settings(f"{new},{old}")) as client:
        talker.client = client
        assert (await talker.say("And today again")).status_code == 200
    async with dialogue(settings(new)) as client:
        talker.client = client
        view = (await client.get(talker.path, headers=talker.headers())).json()
        assert len(view["transcript"]) == 4


@pytest.mark.parametrize("text", ["", "x" * 4001])
async def test_length_is_bounded(talker: Talker, text: str) -> None:
    answer = await talker.say(text)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "text"
