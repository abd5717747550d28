"""The small readers: sentences in a stream, cues, answers, loops, languages, the gate."""

import pytest
from attune_contracts.dialogue import InputKind
from attune_dialogue.domain.answers import Given, Missing, read_answer
from attune_dialogue.domain.cues import Cue, find_cues, language_of
from attune_dialogue.domain.exercise import Choice, Spoken, Step
from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.lint import bind_lint
from attune_dialogue.domain.sentences import SentenceBuffer, split
from attune_dialogue.domain.signals import is_loop
from attune_dialogue.domain.voice import LANGUAGES
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.dialogue.fakes import Talk, content

SAID = Spoken(en=("Well?",), ar=("طيب؟",))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("That hurts. What happened?", ["That hurts.", "What happened?"]),
        ("It cost 3.50 in all. Fine!", ["It cost 3.50 in all.", "Fine!"]),
        ("Dr. Amin said no. So I left", ["Dr. Amin said no.", "So I left"]),
        ("Sleep, e.g. at ten. Good", ["Sleep, e.g. at ten.", "Good"]),
        ('She said "stop." Then silence…', ['She said "stop."', "Then silence…"]),
        ("ده صعب. حصل إيه؟ احكيلي", ["ده صعب.", "حصل إيه؟", "احكيلي"]),
        ("One line\nanother line", ["One line", "another line"]),
        ("So did I. And you?", ["So did I.", "And you?"]),
        ("", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


@given(st.lists(st.text("ab .?!1\n؟", max_size=6), max_size=20))
def test_the_cut_of_a_stream_does_not_matter(pieces: list[str]) -> None:
    buffer = SentenceBuffer()
    found = [sentence for piece in pieces for sentence in buffer.feed(piece)]
    rest = buffer.rest()
    joined = "".join("".join([*found, rest]).split())
    assert joined == "".join("".join(pieces).split())


def cues_of(text: str) -> frozenset[Cue]:
    return find_cues(text, tuple(content().lexicons.values()))


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Hi there!", Cue.GREETING),
        ("ok let's try", Cue.YES),
        ("No, thanks.", Cue.NO),
        ("not now", Cue.NO),
        ("IDK", Cue.UNSURE),
        ("I can’t sleep at all", Cue.SLEEP),
        ("my heart is racing", Cue.PANIC),
        ("what if I fail", Cue.WORRY),
        ("I'm such an idiot", Cue.SELF_CRITICISM),
        ("what should I do?", Cue.ADVICE),
        ("my dad died in May", Cue.GRIEF),
        ("we got the flat, she said yes", Cue.GOOD_NEWS),
        ("أيوه يلا", Cue.YES),
        ("شكراً جزيلاً", Cue.THANKS),
        ("مش قادر انام", Cue.SLEEP),
        ("أنا فاشل", Cue.SELF_CRITICISM),
    ],
)
def test_cues(text: str, cue: Cue) -> None:
    assert cue in cues_of(text)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("no one called me today", Cue.NO),
        ("yes but my boss shouted at me all day", Cue.YES),
        ("I stopped at the shop", Cue.LEAVE),
        ("I went back to bed", Cue.BACK),
        ("the bus stops here", Cue.LEAVE),
        ("hello kitty was my favourite as a child", Cue.GREETING),
    ],
)
def test_commands_are_whole_messages(text: str, cue: Cue) -> None:
    assert cue not in cues_of(text)


@pytest.mark.parametrize(
    ("text", "locale", "language"),
    [
        ("I feel low", "en", "en"),
        ("حاسس بضيق", "en", "ar"),
        ("ana mesh kwayes", "ar", "ar"),
        ("I am not okay", "ar", "en"),
        ("ok", "fr", "en"),
        ("🙂", "ar", "ar"),
    ],
)
def test_language(text: str, locale: str, language: str) -> None:
    assert language_of(text, locale, LANGUAGES) == language


def step(kind: InputKind, **more: object) -> Step:
    return Step.model_validate({"id": "s", "input": kind, "say": SAID, "why": SAID, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", Given("7")),
        ("about 7 or so", Given("7")),
        ("٧", Given("7")),
        ("seven", Given("7")),
        ("7/10", Given("7")),
        ("11", Missing("scale_range")),
        ("-1", Missing("scale_range")),
        ("pretty bad", Missing("scale")),
    ],
)
def test_scales(text: str, expected: Given | Missing) -> None:
    scale = step(InputKind.SCALE, minimum=0, maximum=10)
    assert read_answer(scale, text, cues_of(text), "en") == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Mind reading", "mind"),
        ("mind reading!", "mind"),
        ("2", "none"),
        ("I guess mind reading", "mind"),
        ("none", "none"),
    ],
)
def test_choices(text: str, key: str) -> None:
    options = (Choice(id="mind", en="Mind reading", ar="قراءة"), Choice(id="none", en="None of these", ar="ولا واحدة"))
    found = read_answer(step(InputKind.CHOICE, options=options), text, cues_of(text), "en")
    assert isinstance(found, Given)
    assert found.key == key


def test_lists_keep_one_item_a_line() -> None:
    found = read_answer(step(InputKind.LIST, items=3), "a cup, the lamp and my hand", frozenset(), "en")
    assert found == Given("a cup\nthe lamp\nmy hand")


def test_a_politeness_is_no_answer() -> None:
    assert read_answer(step(InputKind.TEXT), "thanks", cues_of("thanks"), "en") == Missing("aside")


def test_loops_are_about_the_same_thing() -> None:
    worry = "What if the doctor finds something in my results"
    assert is_loop(worry, [worry, "I had soup", "the doctor has my results, what if"])
    assert not is_loop(worry, [worry, "I had soup", "My sister called about the garden"])
    assert not is_loop("ok", ["ok", "ok", "ok"])


def gate(*, sentences_max: int = 2, may_ask: bool = True) -> Gate:
    talk = Talk()
    talk.say("My week was long and grey")
    return Gate(
        bind_lint(talk.session, "My boss shouted at me in front of all my colleagues", "en"), sentences_max, may_ask
    )


def test_the_gate_lets_a_good_reply_through_and_then_closes() -> None:
    opened = gate()
    assert opened.judge("Being put down like that, with everyone watching, stays under the skin.") is None
    assert not opened.full
    assert opened.judge("What happened right after?") is None
    assert opened.full


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("This one just stops in the", "unfinished"),
        ("You should call 555-0199 now.", "contact"),
        ("Your boss shouted at you in front of all your colleagues.", "parrot"),
        ("I am a human just like you.", "posing"),
        ("You have depression.", "diagnosis"),
        ("كلام بالعربي في رد إنجليزي.", "wrong_language"),
    ],
)
def test_what_must_not_be_seen(sentence: str, reason: str) -> None:
    assert gate().judge(sentence) == reason


def test_no_question_where_the_machine_asks_itself() -> None:
    assert gate(may_ask=False).judge("What happened right after?") == "question"
