"""Which reply a small engine says: recognising a situation, ranking, and drafts that are late, down or refused."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import pytest
from attune_contracts.chat import Message
from attune_contracts.dialogue import ReplySource
from attune_contracts.emotion import Emotion, EmotionReading
from attune_contracts.matching import Match, Matches
from attune_dialogue.choosing import Chooser, DraftLimits, Wanted
from attune_dialogue.domain.choice import Candidate, choose
from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.plan import Written
from attune_dialogue.domain.replies import (
    EXCHANGE_NEAR,
    KEPT_TURNS,
    NEAR,
    SURE,
    Exchange,
    Situation,
    Subject,
    kept,
    near_exchanges,
    recognise,
    steady,
    subject_of,
)
from attune_dialogue.domain.session import Memory
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Generation
from attune_kit.errors import Unavailable

EXAM = Situation("exam_ahead", (Emotion.ANXIOUS,), ("It hangs on one day.",), ("When is it?",))
BANK = {"exam_ahead": EXAM}
MESSAGES = [Message(role="user", content="exam")]


def matches(score: float, name: str = "exam_ahead", exchange: float = 0.0) -> Matches:
    return Matches(situations=(Match(name=name, score=score),), exchanges=(Match(name="ex-1", score=exchange),))


def reading(label: Emotion, confidence: float = 0.9) -> EmotionReading:
    rest = (1 - confidence) / 4
    return EmotionReading(
        probabilities={one: confidence if one is label else rest for one in Emotion},
        label=label,
        confidence=confidence,
        abstained=False,
        mixed=False,
        risk=None,
        model="by hand",
    )


def test_of_two_situations_that_are_as_near_neither_is_meant_unless_it_is_plain() -> None:
    rival = Situation("exam_failed", (Emotion.SAD,), ("It is over.",), ("What now?",))
    bank = {**BANK, rival.name: rival}

    def found(first: float, second: float) -> Subject | None:
        near = (Match(name="exam_ahead", score=first), Match(name="exam_failed", score=second))
        return recognise(Matches(situations=near, exchanges=()), None, bank, "en")

    assert [subject is not None and subject.doubtful for subject in (found(0.5, 0.49), found(0.5, 0.45))] == [
        True,
        False,
    ]
    plain = found(0.6, 0.59)
    assert plain is not None
    assert not plain.doubtful


def test_a_situation_must_be_near_and_is_sure_only_when_nearer() -> None:
    assert recognise(matches(NEAR["en"] - 0.01), None, BANK, "en") is None
    found = recognise(matches(NEAR["en"]), None, BANK, "en")
    assert found is not None
    assert not found.sure
    found = recognise(matches(SURE["en"]), None, BANK, "en")
    assert found is not None
    assert found.sure


def test_an_unknown_name_is_no_situation() -> None:
    assert recognise(matches(0.99, "gone"), None, BANK, "en") is None


def test_a_feeling_read_with_confidence_speaks_against_a_situation() -> None:
    barely = matches(NEAR["en"] + 0.01)
    assert recognise(barely, reading(Emotion.HAPPY), BANK, "en") is None
    assert recognise(barely, reading(Emotion.HAPPY, 0.5), BANK, "en") is not None
    assert recognise(barely, reading(Emotion.NEUTRAL), BANK, "en") is not None


def test_the_message_before_helps_a_message_that_names_nothing() -> None:
    found = subject_of((matches(0.1), matches(0.9)), None, BANK, "en")
    assert found is not None
    assert found.kept
    assert not found.sure


def test_a_situation_is_kept_for_a_while() -> None:
    memory = Memory(situation="exam_ahead", situation_turn=3)
    assert kept(memory, 3 + KEPT_TURNS - 1, None, BANK) is EXAM
    assert kept(memory, 3 + KEPT_TURNS, None, BANK) is None
    assert kept(Memory(), 0, None, BANK) is None
    assert kept(memory, 3, reading(Emotion.HAPPY), BANK) is None


def test_a_change_of_subject_needs_more_evidence_than_the_first_one() -> None:
    unsure = Subject(EXAM, sure=False)
    assert steady(unsure, Memory()) is unsure
    assert steady(unsure, Memory(situation="exam_ahead")) is unsure
    assert steady(unsure, Memory(situation="bad_boss")) is None
    assert steady(Subject(EXAM, sure=True), Memory(situation="bad_boss")) is not None


def test_an_exchange_serves_only_the_same_message_and_feeling() -> None:
    bank = {"ex-1": Exchange(Emotion.SAD, "A reply.")}
    assert near_exchanges(matches(0, exchange=EXCHANGE_NEAR), bank, Emotion.SAD) == ("A reply.",)
    assert near_exchanges(matches(0, exchange=EXCHANGE_NEAR), bank, Emotion.HAPPY) == ()
    assert near_exchanges(matches(0, exchange=EXCHANGE_NEAR - 0.01), bank, Emotion.SAD) == ()


AUTHORED = Candidate(("Authored.",), ReplySource.AUTHORED)
DRAFT = Candidate(("Drafted.",), ReplySource.MODEL)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((0.5, 0.6), AUTHORED), ((0.5, 0.7), DRAFT), ((0.0, 0.1), AUTHORED), ((0.9, 0.95), AUTHORED)],
)
def test_a_draft_must_be_clearly_better(scores: tuple[float, float], expected: Candidate) -> None:
    assert choose([AUTHORED, DRAFT], scores) is expected


def test_a_draft_alone_must_be_good() -> None:
    assert choose([DRAFT], [0.89]) is None
    assert choose([DRAFT], [0.9]) is DRAFT
    assert choose([], []) is None


@dataclass
class ByHand:
    """An engine that says its pieces (a number is a pause), and a matcher that scores by a word in the text."""

    pieces: Sequence[str | float | Exception] = ()
    good: str | None = "best"
    asked: list[list[str]] = field(default_factory=list)
    closed: int = 0

    async def stream(self, request: Generation) -> AsyncGenerator[str]:
        try:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    yield piece
        finally:
            self.closed += 1

    def blame(self) -> None:
        raise AssertionError("a late draft is nobody's fault")

    async def situations(self, texts: Sequence[str]) -> tuple[Matches, ...] | None:
        raise AssertionError("choosing asks for fit only")

    async def fit(self, text: str, replies: Sequence[str]) -> tuple[float, ...] | None:
        self.asked.append(list(replies))
        return None if self.good is None else tuple(0.95 if self.good in reply else 0.1 for reply in replies)


async def said(
    hand: ByHand,
    *,
    drafting: bool = True,
    says: Sequence[str] = (),
    asks: Sequence[str] = (),
    general: Sequence[str] = (),
) -> tuple[str | None, bool, tuple[str, ...]]:
    loop = asyncio.get_running_loop()
    wanted = Wanted(
        text="exam",
        messages=MESSAGES if drafting else (),
        written=(
            *(Written(text, ReplySource.AUTHORED, tuple(asks)) for text in says),
            *(Written(text, ReplySource.TEMPLATE, tuple(asks)) for text in general),
        ),
        gate=lambda count: Gate(lambda sentence, _: "bad" if "bad" in sentence else None, count, may_ask=True),
        sentences_max=2,
        outlet=Outlet(),
        started=loop.time(),
        seed=1,
        scored=True,
        sure=False,
    )
    limits = DraftLimits(drafts=2, until_s=0.15, tokens_max=40, temperature=0.5)
    chosen = await Chooser(hand, hand, limits).choose(wanted)
    return (None if chosen.reply is None else chosen.reply.text), chosen.late, chosen.rejected


async def test_the_best_reply_takes_the_best_question() -> None:
    hand = ByHand()
    reply, late, _ = await said(hand, drafting=False, says=["One.", "The best one."], asks=["Why?", "What is best?"])
    assert reply == "The best one. What is best?"
    assert not late
    assert hand.closed == 0


async def test_a_template_is_said_when_it_is_clearly_nearer_than_what_was_written_for_the_situation() -> None:
    reply, _, _ = await said(ByHand(), drafting=False, says=["One."], general=["Any.", "The best for any."])
    assert reply == "The best for any."
    reply, _, _ = await said(ByHand(), drafting=False, says=["The best one."], general=["The best for any."])
    assert reply == "The best one."


async def test_a_template_takes_a_question_unless_it_asks_one() -> None:
    reply, _, _ = await said(ByHand(), drafting=False, asks=["Why?"], general=["The best for any."])
    assert reply == "The best for any. Why?"
    reply, _, _ = await said(ByHand(), drafting=False, asks=["Why?"], general=["The best. What then?"])
    assert reply == "The best. What then?"


async def test_a_draft_that_is_clearly_better_is_said() -> None:
    reply, _, _ = await said(ByHand(["The best", " draft. ", "It goes on. "]), says=["One."])
    assert reply == "The best draft. It goes on."


async def test_a_late_engine_delays_an_authored_reply_until_the_deadline_only() -> None:
    hand = ByHand([9.0])
    started = asyncio.get_running_loop().time()
    reply, late, _ = await said(hand, says=["One."])
    assert reply == "One."
    assert late
    assert asyncio.get_running_loop().time() - started < 2
    assert hand.closed == 2


async def test_a_dead_engine_and_no_authored_reply_leave_it_to_a_template() -> None:
    assert await said(ByHand([Unavailable("down")])) == (None, True, ())


async def test_what_the_lint_refuses_is_never_a_candidate() -> None:
    hand = ByHand(["A bad best draft. "])
    reply, late, rejected = await said(hand, says=["A bad best reply.", "One."])
    assert reply == "One."
    assert not late
    assert rejected == ("bad", "bad")
    assert hand.asked == [["One."]]


async def test_without_scores_authored_replies_alone_take_part() -> None:
    reply, _, _ = await said(ByHand(["The best draft. "], good=None), says=["One.", "Two."])
    assert reply in ("One.", "Two.")
