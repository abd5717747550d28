"""An engine without a model: answers every chat request at once, to measure what Attune itself costs.

Run as `python -m tests.bench.zero_engine PORT`. Speaks just enough HTTP/1.1 for the generator client.
"""

import asyncio
import json
import sys

REPLY = "That is a lot to carry on your own today. What happened just before it got heavy?"


def chunk(data: str) -> bytes:
    """One server-sent event in chunked transfer coding."""
    body = f"data: {data}\n\n".encode()
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def stream() -> bytes:
    """A whole streamed answer, a word an event."""
    words = REPLY.split(" ")
    pieces = [word if index == 0 else f" {word}" for index, word in enumerate(words)]
    events = [{"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in pieces]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(chunk(json.dumps(event)) for event in events) + chunk("[DONE]") + b"0\r\n\r\n"


def plain(body: bytes) -> bytes:
    """A JSON answer with its length."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


STREAM = stream()
WHOLE = plain(json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": REPLY}}]}).encode())
HEALTH = plain(b'{"status":"ok"}')


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, kept alive."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lower = head.lower()
            length = 0
            if (start := lower.find(b"content-length:")) >= 0:
                length = int(lower[start + 15 : lower.find(b"\r\n", start)])
            body = await reader.readexactly(length)
            if head.startswith(b"GET"):
                writer.write(HEALTH)
            else:
                writer.write(STREAM if json.loads(body).get("stream") else WHOLE)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(port: int) -> None:
    """Serves until killed."""
    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
