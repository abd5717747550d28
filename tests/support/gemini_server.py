"""A server on loopback that speaks Gemini's REST shape, so that the genuine client is tested over a real socket.

It judges by a rule (longer replies get more empathy), so that a verdict is computed and never recorded. Behaviours are
chosen by a word in the material: BLOCK, CUT, MALFORMED, BUSY (429 once), DOWN (503 always), SLOW.
"""

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

JsonObject = dict[str, object]


@dataclass
class GeminiServer:
    """Counts what it was asked and what it answered in full: an answer that was delivered is one that is paid for."""

    port: int = 0
    latency_s: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The base_url for google-genai."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One kept-alive connection."""
        self.writers.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1]) if length else 0)
                material, status, payload = self.answer(head, body)
                await asyncio.sleep(self.latency_s + (5.0 if "SLOW" in material else 0.0))
                phrase = {200: "OK", 429: "Too Many Requests", 503: "Unavailable"}.get(status, "Bad Request")
                fields = f"HTTP/1.1 {status} {phrase}\r\ncontent-type: application/json\r\n"
                writer.write(f"{fields}content-length: {len(payload)}\r\n\r\n".encode() + payload)
                await writer.drain()
                if status == 200:
                    self.paid[material] += 1

    def answer(self, head: str, body: bytes) -> tuple[str, int, bytes]:
        """Status and body for one request."""
        if (
            not re.match(r"POST /v1(beta)?/models/[\w.-]+:generateContent", head)
            or "x-goog-api-key:" not in head.lower()
        ):
            return "", 400, failure(400, "INVALID_ARGUMENT")
        request = json.loads(body)
        material = request["contents"][0]["parts"][0]["text"]
        self.asked[material] += 1
        if "DOWN" in material:
            return material, 503, failure(503, "UNAVAILABLE")
        if "BUSY" in material and self.asked[material] == 1:
            return material, 429, failure(429, "RESOURCE_EXHAUSTED")
        if "BLOCK" in material:
            return material, 200, json.dumps({"promptFeedback": {"blockReason": "SAFETY"}}).encode()
        if "MALFORMED" in material:
            return material, 200, b"<html>not json"
        schema = request["generationConfig"]["responseJsonSchema"]["properties"]
        verdict = json.dumps(choose(material) if "winner" in schema else score(material))
        reason = "STOP"
        if "CUT" in material:
            verdict, reason = verdict[: len(verdict) // 2], "MAX_TOKENS"
        return material, 200, json.dumps(candidate(verdict, reason)).encode()


def candidate(text: str, reason: str) -> JsonObject:
    """A response with one candidate."""
    content = {"role": "model", "parts": [{"text": text}]}
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 40, "totalTokenCount": 140}
    return {"candidates": [{"content": content, "finishReason": reason, "index": 0}], "usageMetadata": usage}


def failure(code: int, status: str) -> bytes:
    """Google's error body."""
    return json.dumps({"error": {"code": code, "message": status.lower(), "status": status}}).encode()


def score(material: str) -> JsonObject:
    """1 to 5 by the length of the reply."""
    reply = re.search(r"<reply>\n(.*)\n</reply>", material, re.DOTALL)
    words = len(reply[1].split()) if reply else 0
    level = max(1, min(5, 1 + words // 8))
    return {"reason": "by length", "empathy": level, "understanding": level, "advice": 3, "flow": 4}


def choose(material: str) -> JsonObject:
    """The longest conversation wins; equal lengths tie."""
    found = re.findall(r'<conversation name="([ABC])">\n(.*?)\n</conversation>', material, re.DOTALL)
    lengths = {slot: len(text) for slot, text in found}
    best = [slot for slot, length in lengths.items() if length == max(lengths.values())]
    winner = best[0] if len(best) == 1 else "tie"
    return {"reason": "by length", **dict.fromkeys(("empathy", "understanding", "advice", "flow", "winner"), winner)}


@contextlib.asynccontextmanager
async def run_gemini_server(latency_s: float = 0.0) -> AsyncIterator[GeminiServer]:
    """Starts it on a free port."""
    state = GeminiServer(latency_s=latency_s)
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for writer in state.writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
