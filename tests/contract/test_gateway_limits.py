"""Limits on the wire: headers, refusals, who shares a quota, what is never limited. With Redis and without."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from attune_gateway.adapters.limit_store import RedisLimitStore
from attune_gateway.gcra import Quota, take
from attune_kit.errors import Unavailable
from attune_kit.redis import connect_redis
from redis.exceptions import RedisError

from tests.support.dialogue import Talker
from tests.support.gateway import NOBODY, chain, gateway, gateway_settings
from tests.support.processes import RedisServer, free_port

ORDINARY = "My garden is growing"
CRISIS = "I want to kill myself tonight"
TIGHT = {"messages_a_minute": 2, "sessions_a_day_address": 3, "requests_a_minute_address": 1000}


@pytest.fixture(params=["redis", "memory", "dead-redis"])
async def client(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncIterator[httpx2.AsyncClient]:
    urls = {"redis": redis_server.url, "memory": None, "dead-redis": f"redis://127.0.0.1:{free_port()}/0"}
    async with chain(redis_server.url, redis_url=urls[request.param], **TIGHT) as whole:
        yield whole.client


async def test_messages_of_a_session_are_limited_and_say_so(client: httpx2.AsyncClient) -> None:
    talker, other = await Talker.arrive(client), await Talker.arrive(client)
    first = await talker.say(ORDINARY)
    assert first.headers["ratelimit-policy"] == '"session";q=2;w=60, "address";q=1200;w=60'
    assert first.headers["ratelimit"].startswith('"session";r=1;t=')
    await talker.say(ORDINARY)
    refused = await talker.say(ORDINARY)
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 31
    assert refused.headers["ratelimit"].startswith('"session";r=0;t=')
    assert (await other.say(ORDINARY)).status_code == 200
    crisis = await talker.say(CRISIS)
    assert (crisis.status_code, crisis.json()["risk"]["tier"]) == (200, "imminent")


async def test_new_sessions_of_an_address_are_limited_by_the_day(client: httpx2.AsyncClient) -> None:
    for _ in range(3):
        await Talker.arrive(client)
    refused = await client.post("/v1/sessions", json={"consent": {"version": "2026-11"}})
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 3600
    for path in ("/v1/resources", "/v1/resources?country=EG", "/v1/resources/countries", "/livez", "/readyz", "/help"):
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("trusted", [True, False])
async def test_behind_a_proxy_each_person_has_a_quota_and_nobody_can_borrow_one(trusted: bool) -> None:
    more: dict[str, Any] = {"trusted_proxies": "127.0.0.0/8"} if trusted else {}
    async with gateway(gateway_settings(NOBODY, **{**TIGHT, "sessions_a_day_address": 1}, **more)) as client:

        async def arrive(address: str) -> int:
            headers = {"x-forwarded-for": f"198.51.100.99, {address}"}
            return (await client.post("/v1/sessions", json={}, headers=headers)).status_code

        assert await arrive("203.0.113.1") == 503
        assert await arrive("203.0.113.2") == (503 if trusted else 429)
        assert await arrive("203.0.113.1") == 429


async def test_redis_counts_as_the_pure_rule_does(redis_server: RedisServer) -> None:
    now = time.time()
    quotas = [Quota("a", 3, 0.4), Quota("b", 7, 1.5)]
    async with connect_redis(redis_server.url) as redis:
        store = RedisLimitStore(redis, lambda: now)
        keys = [f"attune:limit:test-{quota.name}" for quota in quotas]
        tats: tuple[float, ...] = (0.0, 0.0)
        decisions = []
        for _ in range(40):
            counted = await store.take(list(zip(keys, quotas, strict=True)))
            expected = take(quotas, tats, now)
            assert counted.allowed == expected.allowed
            assert counted.tats == pytest.approx(expected.tats, abs=1e-5)
            tats = counted.tats
            decisions.append(counted.allowed)
            now += 0.07
        assert {True, False} == set(decisions)


async def test_the_rights_of_the_composed_redis_are_enough(redis_server: RedisServer) -> None:
    """The access list that docker compose makes: own keys only, and no dangerous command."""
    rights = ["~attune:limit:*", "+@read", "+@write", "+@connection", "+@scripting", "-@dangerous"]
    async with connect_redis(redis_server.url) as admin:
        await admin.execute_command("ACL", "SETUSER", "gateway", "on", ">secret", *rights)
    url = redis_server.url.replace("redis://", "redis://gateway:secret@")
    async with connect_redis(url) as redis:
        store = RedisLimitStore(redis, time.time)
        await store.probe()
        assert (await store.take([("attune:limit:acl", Quota("a", 1, 60))])).allowed
        assert not (await store.take([("attune:limit:acl", Quota("a", 1, 60))])).allowed
        with pytest.raises(Unavailable):
            await store.take([("sess:other", Quota("a", 1, 60))])
        with pytest.raises(RedisError):
            await redis.flushall()


async def test_redis_holds_no_address_and_no_key_without_an_end(redis_server: RedisServer) -> None:
    async with chain(redis_server.url, redis_url=redis_server.url) as whole:
        talker = await Talker.arrive(whole.client)
        await talker.say(ORDINARY)
    async with connect_redis(redis_server.url) as redis:
        names = [name async for name in redis.scan_iter(b"attune:limit:*")]
        assert names
        for name in names:
            assert b"127.0" not in name
            assert talker.token.encode() not in name
            assert await redis.pttl(name) > 0
