"""Only whole events pass, however the bytes are split; a stream that is none of ours is noticed."""

import json
from itertools import pairwise

import pytest
from attune_gateway.passage import Malformed, Passage, before_error, rebuilt, speaks, with_card
from attune_kit.sse import PING, Parser, ServerSentEvent, encode
from hypothesis import given
from hypothesis import strategies as st


def event(name: str, number: int = 1, **content: object) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"type": name, **content}), name, str(number))


TURN = [
    event("accepted", 1, message_id="m"),
    event("delta", 2, text="Hé "),
    event("delta", 3, text="you"),
    event("done", 4),
]
WIRE = PING.join(encode(each) for each in TURN)


@given(st.lists(st.integers(0, len(WIRE)), max_size=20))
def test_any_split_passes_the_same_bytes_in_whole_events(cuts: list[int]) -> None:
    passage, passed, seen = Passage(), b"", []
    for start, end in pairwise([0, *sorted(cuts), len(WIRE)]):
        batch = passage.feed(WIRE[start:end])
        assert batch.raw == b"" or batch.raw.endswith(b"\n\n")
        assert [e.event for e in Parser().feed(batch.raw)] == [e.event for e in batch.events]
        passed += batch.raw
        seen += batch.events
    assert passed == WIRE
    assert seen == TURN


@pytest.mark.parametrize(
    "wire",
    [
        b"<html>hello</html>\n\n" + b"data: <html>\n\n",
        b"event: delta\ndata: {broken\n\n",
        b'event: delta\ndata: {"type":"done"}\n\n',
        b"event: delta\ndata: []\n\n",
        b"event: delta\ndata: " + b"x" * 300_000,
    ],
)
def test_what_is_none_of_ours_is_malformed(wire: bytes) -> None:
    with pytest.raises(Malformed) as fault:
        Passage().feed(wire)
    assert "html" not in str(fault.value)


def test_the_card_stands_before_the_first_word() -> None:
    card = event("risk", 0)
    batch = with_card(rebuilt(TURN), card)
    assert [e.event for e in batch.events] == ["accepted", "risk", "delta", "delta", "done"]
    assert Parser().feed(batch.raw) == list(batch.events)
    assert speaks(rebuilt(TURN[1:]))
    assert not speaks(rebuilt(TURN[:1]))


def test_what_stands_before_an_error_is_kept() -> None:
    batch = before_error(rebuilt([*TURN[:2], event("error"), TURN[3]]))
    assert batch.events == tuple(TURN[:2])
