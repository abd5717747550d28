"""The replies by situation: enough of them, in good taste, never said twice, and in step with the index."""

import json
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

import pytest
from attune_dialogue.adapters.content import load_exchanges, load_situations, read_yaml
from attune_dialogue.domain.replies import Situation
from attune_dialogue.domain.sentences import is_question, split
from attune_emotion.matching_index import load_index
from attune_safety.reply_lint import LintContext, lint_sentence, lint_template

from tests.unit.authored.test_authored import STOCK, plain

ROOT = files("attune_dialogue")
TEXTS_MIN = {"en": 3500, "ar": 700}
WORDS_MAX = 36
# What one says to any loss, and to any good news in Arabic.
SHARED = ("i am so sorry", "ألف مبروك")


@pytest.fixture(params=["en", "ar"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bank(language: str) -> Mapping[str, Situation]:
    return load_situations(ROOT, language)


def test_there_are_enough(language: str, bank: Mapping[str, Situation]) -> None:
    assert sum(len(one.says) + len(one.asks) for one in bank.values()) >= TEXTS_MIN[language]
    for one in bank.values():
        assert one.feels, one.name
        assert len(one.says) >= 3, one.name
        assert len(one.asks) >= 3, one.name


def test_statements_ask_nothing_and_questions_ask_once(bank: Mapping[str, Situation]) -> None:
    for one in bank.values():
        for text in one.says:
            assert not is_question(text), text
            assert len(text.split()) <= WORDS_MAX, text
        for text in one.asks:
            assert text.count("?") + text.count("؟") == 1, text
            assert len(split(text)) == 1, text


def test_no_sentence_stands_twice(bank: Mapping[str, Situation]) -> None:
    texts = [text for one in bank.values() for text in (*one.says, *one.asks)]
    said = Counter(plain(sentence) for text in texts for sentence in split(text))
    assert [sentence for sentence, count in said.items() if count > 1 and sentence not in SHARED] == []


def test_all_pass_the_linter_and_the_taste(language: str, bank: Mapping[str, Situation]) -> None:
    for text in (text for one in bank.values() for text in (*one.says, *one.asks)):
        assert not STOCK.search(text), text
        assert lint_template(text, language).ok, text
        reply: tuple[str, ...] = ()
        for sentence in split(text):
            result = lint_sentence(sentence, LintContext(language=language, reply=reply))
            assert result.ok, (result.reason, sentence)
            reply += (sentence,)


def test_the_index_was_made_from_these_examples() -> None:
    lines = sorted(
        f"{language} {name} {line}"
        for language in ("en", "ar")
        for path in ROOT.joinpath("replies", language).iterdir()
        for name, raw in read_yaml(path).items()
        for line in raw["like"]
    )
    manifest = json.loads(files("attune_emotion").joinpath("matching", "manifest.json").read_text(encoding="utf-8"))
    made_from = sha256("\n".join(lines).encode()).hexdigest()
    assert manifest["examples_sha256"] == made_from, "run `python -m attune_training fit`"


def test_every_english_text_and_exchange_has_its_vector() -> None:
    index = load_index()
    for one in load_situations(ROOT, "en").values():
        for text in (*one.says, *one.asks):
            assert index.vector(text) is not None, text
    assert index.vector("No such reply.") is None
    assert load_exchanges(ROOT)


def test_no_held_back_exchange_is_served() -> None:
    path = files("tests").joinpath("..", "training", "data", "authored", "exchanges.en.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    held_back = {row["id"] for row in rows if row["split"] != "train"}
    assert held_back
    assert held_back.isdisjoint(load_exchanges(ROOT))
