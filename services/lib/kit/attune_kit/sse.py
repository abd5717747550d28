"""Server-sent events: encoding for our streams, and an incremental parser for the streams that we read.

Format: WHATWG HTML, section "Server-sent events". Used by dialogue, gateway and the generator client.
"""

from dataclasses import dataclass

PING = b": ping\n\n"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "connection": "keep-alive"}
MEDIA_TYPE = "text/event-stream"
EVENT_BYTES_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event. `data` is one line of JSON in our streams; `id` is monotonic within a turn."""

    data: str
    event: str = "message"
    id: str | None = None


def encode(event: ServerSentEvent) -> bytes:
    """Bytes of one event. Line breaks in `data` become several data lines, as the format asks."""
    lines = [f"event: {event.event}"]
    if event.id is not None:
        lines.append(f"id: {event.id}")
    data = event.data.replace("\r\n", "\n").replace("\r", "\n")
    lines += [f"data: {line}" for line in data.split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


class Parser:
    """Feeds on bytes in any split and yields whole events. Comments and `retry` are skipped.

    Raises ValueError when one event exceeds `EVENT_BYTES_MAX` bytes, so that a broken peer cannot fill memory.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that are complete now."""
        *blocks, self._buffer = (self._buffer + self._plain(chunk)).split(b"\n\n")
        if any(len(block) > EVENT_BYTES_MAX for block in (*blocks, self._buffer)):
            raise ValueError("an event of the stream exceeds the limit")
        return [event for block in blocks if (event := parse_block(block)) is not None]

    def _plain(self, chunk: bytes) -> bytes:
        """The chunk with LF as its only line end, although a CRLF may lie across two chunks."""
        if not chunk:
            return b""
        rest = chunk.removeprefix(b"\n") if self._after_cr else chunk
        self._after_cr = chunk.endswith(b"\r")
        return rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def parse_block(block: bytes) -> ServerSentEvent | None:
    """One block between blank lines; None when it holds no data."""
    name, identifier, data = "message", None, []
    for raw in block.decode("utf-8", errors="replace").split("\n"):
        field, _, value = raw.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value or "message"
        elif field == "id" and "\0" not in value:
            identifier = value
    return ServerSentEvent("\n".join(data), name, identifier) if data else None
