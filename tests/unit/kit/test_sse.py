"""Server-sent events: what we write, we read, however the bytes are split."""

from itertools import pairwise

import pytest
from attune_kit.sse import EVENT_BYTES_MAX, PING, Parser, ServerSentEvent, encode
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=8)
# A carriage return inside data is a line end of the format, so it comes back as a line feed.
DATA = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60)
EVENTS = st.builds(ServerSentEvent, DATA, NAMES, st.none() | NAMES)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def parse(chunks: list[bytes]) -> list[ServerSentEvent]:
    parser = Parser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


@given(
    st.lists(EVENTS, max_size=5), st.lists(st.integers(0, 10_000), max_size=12), st.sampled_from(["\n", "\r\n", "\r"])
)
def test_any_split_and_any_line_end_yields_the_same_events(
    events: list[ServerSentEvent], cuts: list[int], line_end: str
) -> None:
    wire = b"".join(encode(event) + PING for event in events).replace(b"\n", line_end.encode())
    assert parse(split(wire, cuts)) == events


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_garbage_never_raises_and_never_depends_on_the_split(garbage: bytes, cuts: list[int]) -> None:
    assert parse(split(garbage, cuts)) == parse([garbage])


def test_a_carriage_return_cannot_forge_a_field() -> None:
    assert parse([encode(ServerSentEvent("a\rid: forged\r\nb", "delta", "1"))]) == [
        ServerSentEvent("a\nid: forged\nb", "delta", "1")
    ]


def test_comments_retry_and_unknown_fields_are_skipped() -> None:
    assert parse([b": hi\nretry: 10\nother: x\n\ndata:no space\nevent:\nid: a\0b\n\n"]) == [
        ServerSentEvent("no space", "message", None)
    ]


def test_an_unfinished_event_is_not_an_event() -> None:
    assert parse([b"event: done\ndata: {}\n"]) == []


def test_an_endless_event_is_refused() -> None:
    parser = Parser()
    parser.feed(b"data: " + b"x" * (EVENT_BYTES_MAX - 10))
    with pytest.raises(ValueError, match="limit"):
        parser.feed(b"x" * 10)
