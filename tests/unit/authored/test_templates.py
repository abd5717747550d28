"""The replies for when the model is silent: enough of them, in good taste, and none said twice in a long talk."""

import itertools
import random
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files

import pytest
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion
from attune_contracts.matching import FIT_REPLIES_MAX
from attune_dialogue.adapters.content import load_content, load_templates
from attune_dialogue.domain.sentences import is_question, split
from attune_dialogue.domain.voice import Voice, marks
from attune_emotion.matching_index import EXCHANGES_MAX
from attune_safety.reply_lint import LintContext, lint_sentence, lint_template

from tests.unit.authored.test_authored import STOCK, plain

Loaded = Mapping[Move, Mapping[Emotion, tuple[str, ...]]]
RECEIVING = (Move.REFLECT, Move.VALIDATE, Move.NORMALISE, Move.EXPLORE)
VARIANTS_MIN = {"en": (12, 8), "ar": (6, 6)}
WORDS_MAX = 40
TURNS = 50


@pytest.fixture(params=["en", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def templates(language: str) -> Loaded:
    return load_templates(files("attune_dialogue"), language)


def variants(templates: Loaded) -> list[str]:
    """Every text once: those that fit any feeling are loaded under each."""
    texts = itertools.chain.from_iterable(by_emotion.values() for by_emotion in templates.values())
    return list(dict.fromkeys(itertools.chain.from_iterable(texts)))


def test_every_move_has_enough_for_every_feeling(language: str, templates: Loaded) -> None:
    receiving, other = VARIANTS_MIN[language]
    for emotion, move in itertools.product(Emotion, Move):
        assert len(templates[move][emotion]) >= (receiving if move in RECEIVING else other), (emotion, move)


def test_no_sentence_stands_in_two_variants(templates: Loaded) -> None:
    said = Counter(plain(sentence) for text in variants(templates) for sentence in split(text))
    assert [sentence for sentence, count in said.items() if count > 1] == []


def test_one_or_two_sentences_and_the_question_last(templates: Loaded) -> None:
    for text in variants(templates):
        sentences = split(text)
        assert len(sentences) <= 2, text
        assert len(text.split()) <= WORDS_MAX, text
        assert not any(is_question(sentence) for sentence in sentences[:-1]), text
        assert text.count("?") + text.count("؟") <= 1, text
        assert "{" not in text


def test_receiving_asks_nothing_and_exploring_asks(templates: Loaded) -> None:
    for emotion in Emotion:
        quiet = [templates[move][emotion] for move in (Move.REFLECT, Move.VALIDATE, Move.NORMALISE)]
        assert not any(is_question(text) for text in itertools.chain.from_iterable(quiet))
        assert all(is_question(text) for text in templates[Move.EXPLORE][emotion])


def test_every_variant_passes_the_linter_and_the_taste(language: str, templates: Loaded) -> None:
    for text in variants(templates):
        assert not STOCK.search(text), text
        assert lint_template(text, language).ok, text
        said: tuple[str, ...] = ()
        for sentence in split(text):
            result = lint_sentence(sentence, LintContext(language=language, reply=said))
            assert result.ok, (result.reason, sentence)
            said += (sentence,)


def test_lines_that_may_join_any_reply_pass_the_linter_and_the_taste(language: str) -> None:
    wording = load_content().wording[language]
    lines = [line for key, lines in wording.items() if key.startswith(("ask.", "told.")) for line in lines]
    assert len(set(lines)) == len(lines)
    for line in lines:
        assert not STOCK.search(line), line
        assert lint_template(line, language).ok, line
        assert lint_sentence(line, LintContext(language=language)).ok, line
    assert all(is_question(line) for key, lines in wording.items() if key.startswith("ask.") for line in lines)


@pytest.mark.parametrize("emotion", Emotion)
def test_all_that_may_be_said_to_one_message_can_be_scored_at_once(emotion: Emotion) -> None:
    content = load_content()
    moves = [text for move in RECEIVING[:-1] for text in content.templates["en"][move][emotion]]
    lines = [line for name in ("ask", "told") for line in content.wording["en"][f"{name}.{emotion.value}"]]
    fullest = max(len(one.says) + len(one.asks) for one in content.replies.situations["en"].values())
    assert len(moves) + len(lines) + fullest + EXCHANGES_MAX <= FIT_REPLIES_MAX


@pytest.mark.parametrize("emotion", Emotion)
def test_fifty_turns_without_the_model_repeat_no_english_sentence(emotion: Emotion) -> None:
    templates = load_templates(files("attune_dialogue"), "en")
    moves = itertools.cycle((Move.REFLECT, Move.EXPLORE, Move.VALIDATE, Move.DEEPEN, Move.NORMALISE))
    chance = random.Random(7)
    said: tuple[str, ...] = ()
    for move in itertools.islice(moves, TURNS):
        voice = Voice("en", wording={}, templates={"en": templates}, said=said, pick=chance.choice)
        said += marks(voice.template(emotion, move))
    assert len(set(said)) == len(said)
