"""The dialogue service on a real socket, with engines that fail in every way, for contract and integration tests."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from attune_contracts.dialogue import CONSENT_VERSION
from attune_dialogue.app import create_app
from attune_dialogue.settings import DialogueSettings
from attune_kit.sse import Parser, ServerSentEvent
from fastapi import FastAPI

from tests.support.processes import free_port

KEYS = f"new:{base64.b64encode(b'n' * 32).decode()},old:{base64.b64encode(b'o' * 32).decode()}"
REPLY = ["That sounds like", " a long day. ", "What was the heaviest", " part of it?"]


@contextlib.asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Runs an app under uvicorn on a free port of loopback."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class ScriptedEngine:
    """An OpenAI-style engine on a raw socket. `mode` says how it behaves; `calls` and `cut` count what it saw."""

    mode: str = "ok"
    reply: list[str] = field(default_factory=lambda: list(REPLY))
    calls: int = 0
    cut: int = 0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator["ScriptedEngine"]:
        """Listens until the block ends."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._one(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if head.startswith(b"GET"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
            return
        start = head.lower().index(b"content-length:") + 15
        body = await reader.readexactly(int(head[start : head.index(b"\r\n", start)]))
        self.calls += 1
        self.bodies.append(json.loads(body))
        if self.mode == "hang":
            await self._until_cut(reader)
        if self.mode == "500":
            writer.write(b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        await writer.drain()
        await self._stream(reader, writer)

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match self.mode:
            case "error":
                writer.write(b'data: {"error": {"message": "out of memory"}}\n\ndata: [DONE]\n\n')
            case "garbage":
                writer.write(b"data: {nonsense\n\n")
            case "headers":
                await self._until_cut(reader)
            case "cut":
                writer.write(piece(self.reply[0]))
            case "drip":
                for letter in "".join(self.reply) * 20:
                    writer.write(piece(letter))
                    await writer.drain()
                    if await self._gone(reader, 0.3):
                        break
            case "endless":
                while True:
                    writer.write(piece(" again and"))
                    await writer.drain()
                    if await self._gone(reader, 0.02):
                        break
            case _:
                for text in self.reply:
                    writer.write(piece(text))
                writer.write(b"data: [DONE]\n\n")
        raise ConnectionResetError

    async def _until_cut(self, reader: asyncio.StreamReader) -> None:
        while not await self._gone(reader, 10):
            pass
        raise ConnectionResetError

    async def _gone(self, reader: asyncio.StreamReader, seconds: float) -> bool:
        """Waits, and tells whether the caller closed the connection meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                gone = not await reader.read(1)
        except TimeoutError:
            return False
        self.cut += gone
        return gone


def piece(text: str) -> bytes:
    """One chunk of a stream."""
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': text}}]})}\n\n".encode()


def scripted_emotion(reading: dict[str, Any] | None = None, delay_s: float = 0) -> FastAPI:
    """An emotion service that always reads the same."""
    app = FastAPI()
    answer = reading or reading_of("sad")

    @app.post("/v1/classify")
    async def classify(body: dict[str, list[str]]) -> dict[str, Any]:
        await asyncio.sleep(delay_s)
        return {"results": [answer for _ in body["texts"]]}

    return app


def reading_of(label: str, *, confidence: float = 0.8, **more: Any) -> dict[str, Any]:
    """A reading as the emotion service sends it."""
    rest = (1 - confidence) / 4
    names = ("happy", "sad", "anxious", "angry", "neutral")
    return {
        "probabilities": {name: confidence if name == label else rest for name in names},
        "label": label,
        "confidence": confidence,
        "abstained": False,
        "mixed": False,
        "risk": None,
        "model": "scripted",
    } | more


def settings_for(redis_url: str, engine_url: str, emotion_url: str, **more: Any) -> DialogueSettings:
    """Settings of a service under test. Deadlines are wide, so that a busy machine changes no answer."""
    return DialogueSettings(
        **{
            "redis_timeout_s": 10,
            "emotion_timeout_s": 5,
            "first_token_timeout_s": 10,
            "first_sentence_s": 10,
            "next_sentence_s": 10,
            "regenerate_until_s": 8,
            "reply_total_s": 20,
            "port": 1,
            "redis_url": redis_url,
            "inference_url": engine_url,
            "emotion_url": emotion_url,
            "session_keys": KEYS,
            **more,
        }
    )


@contextlib.asynccontextmanager
async def dialogue(settings: DialogueSettings) -> AsyncIterator[httpx2.AsyncClient]:
    """The real service on a real socket, and a client for it."""
    async with (
        serving(create_app(settings)) as url,
        httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as client,
    ):
        yield client


@dataclass
class Talker:
    """A person with a session."""

    client: httpx2.AsyncClient
    id: str
    token: str

    @classmethod
    async def arrive(cls, client: httpx2.AsyncClient, **more: Any) -> "Talker":
        """Opens a session."""
        answer = await client.post("/v1/sessions", json={"consent": {"version": CONSENT_VERSION}, **more})
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json()["id"], answer.json()["token"])

    @property
    def path(self) -> str:
        """The session's address."""
        return f"/v1/sessions/{self.id}"

    def headers(self, **more: str) -> dict[str, str]:
        """The token, and more."""
        return {"authorization": f"Bearer {self.token}", **more}

    async def say(self, text: str, *, key: str | None = None, button: str | None = None) -> httpx2.Response:
        """One message, answered as one object."""
        more = {"idempotency-key": key} if key else {}
        body = {"text": text} | ({"suggestion_id": button} if button else {})
        return await self.client.post(f"{self.path}/messages", json=body, headers=self.headers(**more))

    async def stream(self, text: str, *, key: str | None = None) -> list[ServerSentEvent]:
        """One message, answered as events."""
        more = {"idempotency-key": key} if key else {}
        request = self.client.stream(
            "POST",
            f"{self.path}/messages",
            json={"text": text},
            headers=self.headers(accept="text/event-stream", **more),
        )
        async with request as response:
            assert response.status_code == 200, await response.aread()
            parser = Parser()
            return [event async for chunk in response.aiter_bytes() for event in parser.feed(chunk)]

    async def resume(self, message_id: str, after: int | None) -> list[ServerSentEvent]:
        """The events of a turn after one of them."""
        more = {} if after is None else {"last-event-id": str(after)}
        answer = await self.client.get(f"{self.path}/messages/{message_id}/events", headers=self.headers(**more))
        assert answer.status_code == 200, answer.text
        return Parser().feed(answer.content)


def data(events: list[ServerSentEvent], name: str) -> list[dict[str, Any]]:
    """The bodies of all events of a name."""
    return [json.loads(event.data) for event in events if event.event == name]
