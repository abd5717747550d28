"""What the edge says alone: always a good end, always help for a flagged message, never a word twice."""

import json
import re

import pytest
from attune_contracts.dialogue import DeltaEvent, DoneEvent, RiskEvent, TurnEvent
from attune_contracts.risk import NO_RISK, RiskAssessment, RiskKind, RiskTier
from attune_gateway import fallback
from attune_gateway.fallback import LANGUAGES, Place, Seen, ending, place_of
from attune_kit.sse import ServerSentEvent
from attune_safety import screen
from attune_safety.resources import card_for
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

EVENT: TypeAdapter[TurnEvent] = TypeAdapter(TurnEvent)
CRISIS = screen("I want to kill myself tonight")
CHECK_IN = RiskAssessment(tier=RiskTier.CHECK_IN, kind=RiskKind.SELF, evidence=())
ACCEPTED = ServerSentEvent('{"type":"accepted","message_id":"m_1"}', "accepted", "1")
RISK = ServerSentEvent('{"type":"risk"}', "risk", "2")


def delta(text: str) -> ServerSentEvent:
    return ServerSentEvent(json.dumps({"type": "delta", "text": text}), "delta")


def end(seen: Seen, assessment: RiskAssessment, place: Place | None = None) -> list[TurnEvent]:
    return list(
        ending(seen, assessment, place or Place("EG", "en"), reason="cut", new_id="edge_1", pick=7, elapsed_ms=12.34)
    )


def names(events: list[TurnEvent]) -> list[str]:
    return [event.type for event in events]


def test_a_crisis_without_dialogue_gets_card_words_and_end() -> None:
    events = end(Seen(), CRISIS)
    assert names(events) == ["accepted", "risk", "delta", "done"]
    risk, done = events[1], events[-1]
    assert isinstance(risk, RiskEvent)
    assert risk.card == card_for("EG", CRISIS.kind)
    assert risk.tier is CRISIS.tier
    assert isinstance(done, DoneEvent)
    assert done.degraded
    assert done.message_id == "edge_1"
    assert done.why.rule == "edge.cut"


def test_an_ordinary_message_gets_a_kind_sentence_and_no_card() -> None:
    events = end(Seen(), NO_RISK)
    assert names(events) == ["accepted", "delta", "done"]
    assert "was not saved" in str(events[1])


def test_a_broken_reply_is_ended_and_not_begun_again() -> None:
    seen = Seen()
    for event in (ACCEPTED, RISK, delta("You are "), delta("not alone.")):
        seen.note(event)
    events = end(seen, CRISIS)
    assert names(events) == ["delta", "done"]
    piece, done = events
    assert isinstance(piece, DeltaEvent)
    assert isinstance(done, DoneEvent)
    assert done.message_id == "m_1"
    assert done.text == "You are not alone." + piece.text


def test_an_accepted_ordinary_message_is_not_called_unsaved() -> None:
    seen = Seen()
    seen.note(ACCEPTED)
    assert "was not saved" not in str(end(seen, NO_RISK))


@given(
    st.lists(st.sampled_from([ACCEPTED, RISK, delta("One. "), delta("Two.")]), max_size=6),
    st.sampled_from([CRISIS, NO_RISK, CHECK_IN]),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["EG", "FR", None, "ZZ"]),
)
def test_whatever_was_shown_the_end_is_whole(
    shown: list[ServerSentEvent], assessment: RiskAssessment, language: str, country: str | None
) -> None:
    seen = Seen()
    for event in shown:
        seen.note(event)
    before = seen.text()
    events = end(seen, assessment, Place(country, language))
    for event in events:
        EVENT.validate_json(event.model_dump_json())
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert done.text == before + "".join(event.text for event in events if isinstance(event, DeltaEvent))
    has_card = any(event.event == "risk" for event in shown) or any(isinstance(event, RiskEvent) for event in events)
    assert has_card or assessment is NO_RISK or assessment.tier is NO_RISK.tier


@pytest.mark.parametrize("texts", [fallback.UNREACHABLE, fallback.INTERRUPTED])
def test_every_language_has_its_words(texts: dict[str, str]) -> None:
    assert set(texts) == set(LANGUAGES)
    for text in texts.values():
        assert not re.search(r"therap|treatment|patient|diagnos|clinical|\d", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("hello", None, "en"),
        ("مرحبا", None, "ar"),
        ("नमस्ते", "en-GB", "hi"),
        ("hola", "es-ES,en;q=0.8", "es"),
        ("hallo", "de", "en"),
        ("hello", "*", "en"),
        ("I want to kill myself", "fr", "en"),
    ],
)
def test_the_language_follows_what_was_written(text: str, asked: str | None, expected: str) -> None:
    assert place_of(text, screen(text), None, asked).language == expected


def test_an_unknown_country_is_asked_for_and_never_assumed() -> None:
    risk = end(Seen(), CRISIS, Place(None, "en"))[1]
    assert isinstance(risk, RiskEvent)
    assert (risk.card.country, risk.card.contacts, risk.card.emergency) == (None, (), ())
    assert risk.card.directories
