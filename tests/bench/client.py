"""A lean HTTP client for measuring: the load generator shares the two cores with what it measures."""

import asyncio
import json
import time
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What came back: status, server-sent events as (seconds after sending, name, data), and the whole body."""

    status: int = 0
    events: list[tuple[float, str, dict[str, object]]] = field(default_factory=list)
    body: bytes = b""
    seconds: float = 0.0

    def first(self, name: str) -> float:
        """Seconds until the first event of a name; infinite when there was none."""
        return next((at for at, event, _ in self.events if event == name), float("inf"))


class Client:
    """One kept-alive connection to one port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: dict[str, object], headers: dict[str, str] | None = None) -> Answer:
        """Sends JSON and reads the answer, noting when each event arrived."""
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self.reader is not None
        payload = json.dumps(body).encode()
        fields = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(payload))}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (fields | (headers or {})).items())]
        answer, started = Answer(), time.perf_counter()
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        answer.status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            await self.read_chunks(answer, started)
        else:
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            answer.body = await self.reader.readexactly(length)
        answer.seconds = time.perf_counter() - started
        if "connection: close" in head:
            self.writer.close()
        return answer

    async def read_chunks(self, answer: Answer, started: float) -> None:
        """Reads a chunked body and splits it into events."""
        assert self.reader is not None
        buffer = b""
        while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
            buffer += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
            now = time.perf_counter() - started
            *blocks, buffer = buffer.replace(b"\r\n", b"\n").split(b"\n\n")
            for block in blocks:
                note_event(answer, now, block)
        await self.reader.readexactly(2)

    def close(self) -> None:
        """Ends the connection."""
        if self.writer is not None:
            self.writer.close()


def note_event(answer: Answer, now: float, block: bytes) -> None:
    """One event block; comments and the end marker of OpenAI streams are skipped."""
    name, data = "message", ""
    for line in block.decode().split("\n"):
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
    if data and data != "[DONE]":
        answer.events.append((now, name, json.loads(data)))
