"""The dialogue service while its neighbours are dead, slow or mad: a person always gets an answer, and soon."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx2
import pytest

from tests.support.dialogue import (
    ScriptedEngine,
    Talker,
    data,
    dialogue,
    reading_of,
    scripted_emotion,
    serving,
    settings_for,
)
from tests.support.processes import RedisServer, free_port, run_redis

LONELY = "I feel lonely in this town and nobody has called since Tuesday"
VEILED = "everything is pointless lately"
CRISIS = "I want to kill myself tonight"
DEAD = "http://127.0.0.1:9"
FAST = {"first_sentence_s": 0.6, "first_token_timeout_s": 0.5, "regenerate_until_s": 0.1}


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    async with ScriptedEngine().run() as running:
        yield running


@pytest.fixture
async def talker(redis_server: RedisServer, engine: ScriptedEngine) -> AsyncIterator[Talker]:
    async with (
        serving(scripted_emotion()) as emotion_url,
        dialogue(settings_for(redis_server.url, engine.url, emotion_url, **FAST)) as client,
    ):
        yield await Talker.arrive(client)


@pytest.mark.parametrize("mode", ["hang", "headers", "500", "error", "garbage", "cut", "drip"])
async def test_a_broken_engine_is_replaced_by_a_template(talker: Talker, engine: ScriptedEngine, mode: str) -> None:
    engine.mode = mode
    reply = (await talker.say(LONELY)).json()
    assert reply["degraded"]
    assert reply["text"]
    assert reply["why"]["sources"] == ["template"]
    assert engine.calls <= 1


async def test_a_dead_engine_and_emotion_still_give_a_reply(redis_server: RedisServer) -> None:
    async with dialogue(settings_for(redis_server.url, DEAD, DEAD)) as client:
        talker = await Talker.arrive(client)
        events = await talker.stream(LONELY)
        assert data(events, "done")[0]["degraded"]
        assert not data(events, "emotion")
        ready = await client.get("/readyz")
        assert ready.status_code == 200
        assert ready.json()["degraded"]


async def test_the_breaker_rests(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    engine.mode = "500"
    async with dialogue(settings_for(redis_server.url, engine.url, DEAD, breaker_cooldown_s=600)) as client:
        talker = await Talker.arrive(client)
        for _ in range(6):
            assert (await talker.say(LONELY)).json()["degraded"]
    assert engine.calls == 2


async def test_the_breaker_tries_again_by_itself(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    engine.mode = "500"
    async with dialogue(settings_for(redis_server.url, engine.url, DEAD, breaker_cooldown_s=0.05)) as client:
        talker = await Talker.arrive(client)
        for _ in range(3):
            await talker.say(LONELY)
        engine.mode = "ok"
        await asyncio.sleep(0.1)
        reply = (await talker.say("The evenings are the worst of all")).json()
    assert not reply["degraded"]
    assert "model" in reply["why"]["sources"]


async def test_a_slow_emotion_service_costs_little(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    async with (
        serving(scripted_emotion(delay_s=2)) as emotion_url,
        dialogue(settings_for(redis_server.url, engine.url, emotion_url, emotion_timeout_s=0.1)) as client,
    ):
        talker = await Talker.arrive(client)
        reply = (await talker.say(LONELY)).json()
    assert reply["emotion"] is None
    assert reply["why"]["sources"] == ["model"]


async def test_the_second_reader_can_raise_but_not_lower(redis_server: RedisServer, engine: ScriptedEngine) -> None:
    raised = reading_of("sad", risk={"probability": 0.97, "tier": "elevated"})
    low = reading_of("happy", risk={"probability": 0.01, "tier": "none"})
    # Alone it opens the gentle question; what the rules heard it may raise, and never lower.
    for reading, text, tier in ((raised, LONELY, "check_in"), (raised, VEILED, "elevated"), (low, CRISIS, "imminent")):
        async with (
            serving(scripted_emotion(reading)) as emotion_url,
            dialogue(settings_for(redis_server.url, engine.url, emotion_url)) as client,
        ):
            talker = await Talker.arrive(client)
            reply = (await talker.say(text)).json()
        assert reply["risk"]["tier"] == tier
        assert reply["why"]["sources"] == ["crisis"]


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
@pytest.mark.parametrize("mode", ["hang", "endless"])
async def test_leaving_stops_the_generation(
    redis_server: RedisServer, engine: ScriptedEngine, accept: str, mode: str
) -> None:
    engine.mode = mode
    patient = {"first_sentence_s": 30, "first_token_timeout_s": 30, "reply_total_s": 30, "next_sentence_s": 30}
    async with dialogue(settings_for(redis_server.url, engine.url, DEAD, **patient)) as client:
        talker = await Talker.arrive(client)
        leaving = asyncio.create_task(read_all(talker, accept))
        await until(lambda: engine.calls > 0)
        leaving.cancel()
        await until(lambda: engine.cut > 0)
        while len(lines := (await client.get(talker.path, headers=talker.headers())).json()["transcript"]) < 2:  # noqa: ASYNC110  polls another service
            await asyncio.sleep(0.05)
    assert lines[1]["text"]


async def read_all(talker: Talker, accept: str) -> None:
    request = talker.client.stream(
        "POST", f"{talker.path}/messages", json={"text": LONELY}, headers=talker.headers(accept=accept)
    )
    async with request as response:
        async for _ in response.aiter_bytes():
            pass


async def until(done: Callable[[], bool]) -> None:
    """Waits for something that another part counts; the bound is for a hang, not for speed."""
    async with asyncio.timeout(30):
        while not done():  # noqa: ASYNC110  the scripted engine counts, it does not signal
            await asyncio.sleep(0.01)


@pytest.fixture
async def without_redis(engine: ScriptedEngine) -> AsyncIterator[httpx2.AsyncClient]:
    async with dialogue(settings_for(f"redis://127.0.0.1:{free_port()}/0", engine.url, DEAD)) as client:
        yield client


async def test_without_redis_ordinary_messages_get_a_quick_503(without_redis: httpx2.AsyncClient) -> None:
    talker = Talker(without_redis, "ses_any", "token")
    answer = await talker.say(LONELY)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"
    assert (await without_redis.get("/readyz")).status_code == 503
    assert (await without_redis.get("/livez")).status_code == 200


async def test_without_redis_a_crisis_is_answered(without_redis: httpx2.AsyncClient) -> None:
    talker = Talker(without_redis, "ses_any", "token")
    events = await talker.stream(CRISIS)
    assert [event.event for event in events] == ["accepted", "risk", "delta", "done"]
    reply = (await talker.say(CRISIS)).json()
    assert reply["risk"]["tier"] == "imminent"
    assert reply["risk"]["card"]["country"] is None
    assert reply["degraded"]


async def test_redis_that_dies_in_mid_turn_ends_in_a_problem(tmp_path: Path, engine: ScriptedEngine) -> None:
    engine.mode = "drip"
    with run_redis(tmp_path) as server:
        async with dialogue(settings_for(server.url, engine.url, DEAD, redis_timeout_s=0.5, **FAST)) as client:
            talker = await Talker.arrive(client)
            running = asyncio.create_task(talker.stream(LONELY))
            await asyncio.sleep(0.3)
            server.process.kill()
            events = await running
    assert events[-1].event == "error"
    assert data(events, "error")[0]["problem"]["status"] == 503
