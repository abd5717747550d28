"""The real gateway on a real socket, before the real dialogue service, with a proxy in between that can break."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import uvicorn
from attune_dialogue.app import create_app as create_dialogue
from attune_gateway.app import create_app
from attune_gateway.settings import GatewaySettings
from attune_kit.serve import server_options
from fastapi import FastAPI

from tests.support.dialogue import ScriptedEngine, scripted_emotion, serving, settings_for
from tests.support.fault_proxy import FaultProxy, fault_proxy

FRONTEND = str(Path(__file__).resolve().parents[2] / "frontend")
# Nobody listens on the discard port of loopback.
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Chain:
    """What a test sees of the whole: a client of the gateway, the breakable hop, and the engine behind dialogue."""

    client: httpx2.AsyncClient
    url: str
    proxy: FaultProxy
    engine: ScriptedEngine
    app: FastAPI


def gateway_settings(dialogue_url: str, **more: Any) -> GatewaySettings:
    """Settings of a gateway under test."""
    return GatewaySettings(**{"dialogue_url": dialogue_url, "frontend_dir": FRONTEND, **more})


@contextlib.asynccontextmanager
async def served(app: FastAPI, settings: GatewaySettings) -> AsyncIterator[str]:
    """Runs the gateway on a free port with the options that it is served with."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, **server_options(settings))
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110  uvicorn has no event to wait for
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@contextlib.asynccontextmanager
async def gateway(settings: GatewaySettings) -> AsyncIterator[httpx2.AsyncClient]:
    """The gateway alone, and a client for it."""
    async with (
        served(create_app(settings), settings) as url,
        httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as client,
    ):
        yield client


@contextlib.asynccontextmanager
async def chain(redis_url: str, /, **more: Any) -> AsyncIterator[Chain]:
    """Gateway, breakable hop, dialogue with a real Redis, a scripted engine and a scripted emotion service."""
    async with (
        ScriptedEngine().run() as engine,
        serving(scripted_emotion()) as emotion_url,
        serving(
            create_dialogue(
                settings_for(
                    redis_url, engine.url, emotion_url, breaker_cooldown_s=0.1, abandon_grace_s=0.1, redis_timeout_s=3.0
                )
            )
        ) as dialogue_url,
        fault_proxy(urlsplit(dialogue_url).port or 0) as proxy,
    ):
        settings = gateway_settings(f"http://127.0.0.1:{proxy.port}", **more)
        app = create_app(settings)
        async with (
            served(app, settings) as url,
            httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as client,
        ):
            yield Chain(client, url, proxy, engine, app)
