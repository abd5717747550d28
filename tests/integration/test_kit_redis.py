"""The Redis client against a real Redis: cancelled is cancelled, dead is one quick error."""

import asyncio
from pathlib import Path

import pytest
from attune_kit.redis import connect_redis
from redis.exceptions import RedisError

from tests.support.processes import RedisServer, free_port

ROUNDS = 150


async def test_a_cancelled_call_never_runs_on(redis_server: RedisServer) -> None:
    redis = connect_redis(redis_server.url)

    async def for_ever() -> None:
        while True:
            await redis.ping()

    await redis.ping()
    survivors = 0
    for number in range(ROUNDS):
        tasks = [asyncio.create_task(for_ever()) for _ in range(3)]
        await asyncio.sleep(number % 10 * 0.0003)
        for task in tasks:
            task.cancel()
        _, running = await asyncio.wait(tasks, timeout=1)
        survivors += len(running)
        for task in running:
            task.cancel()
    await redis.aclose()
    assert survivors == 0


async def test_values_are_bytes_and_the_url_chooses_the_database(redis_server: RedisServer) -> None:
    async with connect_redis(redis_server.url) as zero, connect_redis(redis_server.url[:-1] + "3") as three:
        await three.set("kit-test", "here", px=10_000)
        assert await three.get("kit-test") == b"here"
        assert await zero.get("kit-test") is None


async def test_a_dead_redis_is_one_error() -> None:
    async with connect_redis(f"redis://127.0.0.1:{free_port()}/0") as redis:
        with pytest.raises((RedisError, OSError)):
            await redis.ping()


async def test_a_silent_redis_is_one_error() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, connect_redis(f"redis://127.0.0.1:{port}/0", timeout_s=0.05) as redis:
        with pytest.raises((RedisError, OSError)):
            await redis.ping()
        server.close()


async def test_unix_sockets_work_too(tmp_path: Path) -> None:
    redis = connect_redis(f"unix://{tmp_path / 'nobody.sock'}")
    with pytest.raises((RedisError, OSError)):
        await redis.ping()
    await redis.aclose()
