"""Reads the bytes of a turn's stream in any split and hands on whole events only, as they came. Pure.

Whole events, so that the edge can take over between two of them when the stream breaks inside one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from attune_kit.sse import EVENT_BYTES_MAX, ServerSentEvent, encode, parse_block

END = b"\n\n"
WORDS = {"delta", "done"}


class Malformed(ValueError):
    """The stream is not one of ours. Carries no part of it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Bytes to pass on, and the events in them. Pings are bytes without an event."""

    raw: bytes
    events: tuple[ServerSentEvent, ...]


class Passage:
    """Feeds on chunks. Every event's data is one JSON object whose `type` is the event's name, else it is Malformed."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Batch:
        """What is complete now."""
        whole, end, self._rest = (self._rest + chunk).rpartition(END)
        if len(self._rest) > EVENT_BYTES_MAX:
            raise Malformed("an event of the stream exceeds the limit")
        if not end:
            return Batch(b"", ())
        events = [event for block in whole.split(END) if (event := parse_block(block)) is not None]
        for event in events:
            check(event)
        return Batch(whole + end, tuple(events))


def check(event: ServerSentEvent) -> None:
    """Raises Malformed when an event is not an object of its own name."""
    try:
        content = json.loads(event.data)
    except ValueError:
        raise Malformed("an event of the stream holds no JSON") from None
    if not isinstance(content, dict) or content.get("type") != event.event:
        raise Malformed("an event of the stream is not what it says")


def before_error(batch: Batch) -> Batch:
    """The part of a batch that stands before its error event."""
    return rebuilt(takewhile(lambda event: event.event != "error", batch.events))


def with_card(batch: Batch, card: ServerSentEvent) -> Batch:
    """The batch with the card put before the first word of the reply."""
    events = list(batch.events)
    place = next(index for index, event in enumerate(events) if event.event in WORDS)
    return rebuilt([*events[:place], card, *events[place:]])


def speaks(batch: Batch) -> bool:
    """Whether a batch holds words of the reply."""
    return any(event.event in WORDS for event in batch.events)


def rebuilt(events: Iterable[ServerSentEvent]) -> Batch:
    """A batch of events that the edge chose itself."""
    chosen = tuple(events)
    return Batch(b"".join(map(encode, chosen)), chosen)
