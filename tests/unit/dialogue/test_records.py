"""What is kept of a session: sealing, bounds, lifetimes, notices, the view of one turn as one object."""

import base64
from datetime import timedelta

import pytest
from attune_contracts.dialogue import (
    AcceptedEvent,
    DeltaEvent,
    DoneEvent,
    ErrorEvent,
    Move,
    Reply,
    ReplySource,
    Why,
)
from attune_contracts.emotion import Emotion
from attune_contracts.problem import Problem
from attune_contracts.risk import RiskTier
from attune_dialogue.adapters.sealing import Keyring, SealBroken, SealKey, associated
from attune_dialogue.domain.events import collect
from attune_dialogue.domain.notices import NoticeReason, notice_due
from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.prompting import render
from attune_dialogue.domain.session import Exchange, Session, add_turn, bound
from attune_dialogue.domain.sessions import export, markdown
from attune_kit.errors import Unavailable
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.dialogue.fakes import NOON, Talk, content, session

TTL = (24 * 3600, 7 * 24 * 3600)


def keys(*names: str) -> str:
    return ",".join(f"{name}:{base64.b64encode(name.encode().ljust(32, b'.')).decode()}" for name in names)


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_only_in_its_place(plain: bytes) -> None:
    key = SealKey("k", b"1" * 32)
    blob = key.seal(associated("record", "ses_a"), plain)
    assert key.open(associated("record", "ses_a"), blob) == plain
    for purpose, owner in (("record", "ses_b"), ("key", "ses_a")):
        with pytest.raises(SealBroken):
            key.open(associated(purpose, owner), blob)
    with pytest.raises(SealBroken):
        key.open(associated("record", "ses_a"), blob[:-1] + bytes([blob[-1] ^ 1]))


def test_two_seals_of_the_same_words_differ() -> None:
    key = SealKey("k", b"1" * 32)
    assert key.seal(b"", b"the same") != key.seal(b"", b"the same")


def test_rotation_unwraps_with_the_old_key_and_wraps_with_the_new() -> None:
    old = Keyring.parse(keys("old"))
    data_key, wrapped = old.new_data_key("ses_a")
    both = Keyring.parse(keys("new", "old"))
    assert both.unwrap("ses_a", wrapped) == data_key
    assert not both.is_current(wrapped)
    rewrapped = both.wrap("ses_a", data_key)
    assert Keyring.parse(keys("new")).unwrap("ses_a", rewrapped) == data_key
    with pytest.raises(SealBroken):
        Keyring.parse(keys("new")).unwrap("ses_a", wrapped)


@pytest.mark.parametrize("text", ["", "k1", "k1:short", f"k1:{'A' * 43}!", f"{keys('k')},{keys('k')}"])
def test_bad_keys_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(ValueError, match="session_keys") as caught:
        Keyring.parse(text)
    assert "AAAA" not in str(caught.value)


def test_lifetimes_slide_and_end() -> None:
    fresh = session()
    assert fresh.expires_at(*TTL) == NOON + timedelta(days=1)
    late = fresh.but(touched_at=NOON + timedelta(days=6, hours=12))
    assert late.expires_at(*TTL) == NOON + timedelta(days=7)


def long_talk(turns: int) -> Session:
    talked = session()
    for number in range(turns):
        said = Exchange(f"msg_{number}", f"line {number} " + "x" * 90, "reply " + "y" * 94, None, RiskTier.NONE)
        talked = add_turn(talked, said, NOON)
    return talked


def test_the_transcript_is_bounded_by_lines_and_by_characters() -> None:
    assert len(bound(long_talk(30), 20, 10**6).transcript) == 20
    kept = bound(long_talk(30), 400, 1000).transcript
    assert sum(len(line.text) for line in kept) <= 1000
    assert kept[-1].message_id == "msg_29"
    assert len(bound(long_talk(1), 400, 10).transcript) == 2


def test_the_record_survives_its_stored_form() -> None:
    talk = Talk(country="GB")
    for text in ("I failed the exam", "I am such an idiot", "yes", "I think about killing myself"):
        talk.say(text)
    assert Session.model_validate_json(talk.session.model_dump_json()) == talk.session


def test_the_export_holds_every_word_and_answer() -> None:
    talk = Talk()
    talk.say("let's start", button="exercise.start.reframing")
    talk.say("I am not good enough")
    exported = export(talk.session, content().exercises, TTL)
    assert exported.notes["reframing.thought"] == "I am not good enough"
    text = markdown(exported)
    for line in exported.session.transcript:
        assert line.text.split("\n")[0] in text
    assert "Reframing, thought" in text


@pytest.mark.parametrize(
    ("minutes", "asked", "expected"),
    [
        (10, False, None),
        (10, True, NoticeReason.ASKED),
        (60, False, NoticeReason.INTERVAL),
        (7 * 24 * 60, False, NoticeReason.RETURN),
    ],
)
def test_notices_come_when_the_law_says(minutes: int, asked: bool, expected: NoticeReason | None) -> None:
    talked = long_talk(1).remember({"notice_at": NOON})
    assert notice_due(content().notices, talked, NOON + timedelta(minutes=minutes), asked=asked) is expected


def test_a_session_without_a_notice_gets_one() -> None:
    assert (
        notice_due(content().notices, session().remember({"notice_at": None}), NOON, asked=False) is NoticeReason.START
    )


def test_the_prompt_stays_within_its_budget_and_begins_with_a_person() -> None:
    talked = long_talk(40).but(notes={"situation": "The exam was on Monday"})
    plan = Plan("listen", Move.REFLECT, "en", "", talked, ReplySource.TEMPLATE)
    messages = render(plan, talked, "and now?", Emotion.SAD, messages_max=12, chars_max=800)
    assert messages[0].role == "system"
    assert "So far: The exam was on Monday." in messages[0].content
    assert messages[1].role == "user"
    assert sum(len(message.content) for message in messages[1:]) <= 800
    assert messages[-1].content == "and now?"


def why() -> Why:
    return Why(move=None, rule="r", sources=(), emotion=None, tier=RiskTier.NONE, lint=())


def test_events_make_one_reply() -> None:
    done = DoneEvent(type="done", message_id="m", text="Hi.", degraded=False, why=why(), timings_ms={})
    events = [AcceptedEvent(type="accepted", message_id="m"), DeltaEvent(type="delta", text="Hi."), done]
    reply = collect(events)
    assert isinstance(reply, Reply)
    assert reply.text == "Hi."
    assert collect(events[:2]) is None
    problem = Unavailable("down").problem(None)
    found = collect([events[0], ErrorEvent(type="error", problem=problem)])
    assert isinstance(found, Problem)
    assert found.status == 503
