"""The text that we wrote: schema, counts, splits, and the house taste of every reply, line by line."""

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from attune_contracts.chat import Message
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion
from attune_safety.reply_lint import LintContext, lint_sentence

AUTHORED = Path(__file__).parents[3] / "training" / "data" / "authored"
EXCHANGE_KEYS = ["id", "language", "move", "emotion", "topic", "history", "user", "reply", "split"]
MESSAGE_KEYS = ["id", "text", "label", "tags", "split"]
REPLY_WORDS = range(8, 51)
SENTENCES_MAX = 3
OPENING_TRIGRAM_MAX = 6
OPENING_WORD_SHARE_MAX = 0.12
MOVES_MIN = {
    "reflect": 110, "validate": 110, "normalise": 110, "explore": 110, "celebrate": 70,
    "repair": 50, "offer": 70, "deepen": 60, "summarise": 40, "close": 50,
}  # fmt: skip
STOCK = re.compile(
    r"i hear you|(?:it|that) sounds|(?:must|can) be (?:so |really |very )?(?:hard|tough|difficult)"
    r"|i can (?:only )?imagine|i understand how|you've got this|everything happens|\bat least\b|^remember\b"
    r"|been there|always be here|here for you|i promise|make sure|as someone who|you should|you need to|proud of you"
    r"|so strong|journey|\bvalid\b|safe space|\bboundar|self-care|\btoxic\b|\btrauma|\bhealing\b|\bmindful"
    r"|\bcoping\b|\btrigger|silver lining|bright side|don't worry|calm down|cheer up|stay strong|sorry to hear"
    r"|therap|treatment|\bpatients?\b|diagnos|clinical|symptom",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?؟])[\"”’»)]*\s+")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (AUTHORED / name).read_text(encoding="utf-8").splitlines()]


def words(text: str) -> list[str]:
    return re.findall(r"[\w\u064b-\u0652]+(?:['’]\w+)*", text.lower())


def sentences(text: str) -> list[str]:
    return SENTENCE_END.split(text)


def draw(row_id: str) -> int:
    return int(hashlib.sha1(row_id.encode()).hexdigest(), 16)


def short_hash(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()[:12]


def plain(text: str) -> str:
    return " ".join(words(text))


@pytest.fixture(scope="module")
def emotions() -> list[dict[str, Any]]:
    return rows("emotions.jsonl")


@pytest.fixture(scope="module")
def english() -> list[dict[str, Any]]:
    return rows("exchanges.en.jsonl")


@pytest.fixture(scope="module")
def arabic() -> list[dict[str, Any]]:
    return rows("exchanges.ar.jsonl")


@pytest.fixture(scope="module", params=["en", "ar"])
def exchanges(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return rows(f"exchanges.{request.param}.jsonl")


def test_messages_have_the_schema_and_the_split_that_their_id_gives(emotions: list[dict[str, Any]]) -> None:
    for row in emotions:
        assert list(row) == MESSAGE_KEYS
        assert row["id"] == f"em-{short_hash(row['text'])}"
        assert row["label"] in set(Emotion)
        assert row["tags"]
        assert row["split"] == ("frozen" if draw(row["id"]) % 3 == 0 else "train")
        assert 3 <= len(row["text"].split()) <= 60, row["text"]


def test_messages_are_many_balanced_and_varied(emotions: list[dict[str, Any]]) -> None:
    assert len(emotions) >= 600
    assert len({plain(row["text"]) for row in emotions}) == len(emotions)
    assert all(count >= 120 for count in Counter(row["label"] for row in emotions).values())
    frozen = Counter(row["label"] for row in emotions if row["split"] == "frozen")
    assert set(frozen) == set(Emotion)
    assert min(frozen.values()) >= 30
    assert 0.28 <= frozen.total() / len(emotions) <= 0.38
    tags = Counter(tag for row in emotions for tag in row["tags"])
    assert tags["sarcasm"] >= 80
    assert tags["mixed"] >= 80
    for manner in ("lower", "typo", "emoji", "caps", "nonnative", "long", "short"):
        assert tags[manner] >= 8, manner


def test_the_further_messages_repeat_none_of_these(emotions: list[dict[str, Any]]) -> None:
    more = rows("emotions_more.jsonl")
    assert {plain(row["text"]) for row in more} & {plain(row["text"]) for row in emotions} == set()
    assert {row["label"] for row in more} == set(Emotion)


def test_sarcasm_is_labelled_by_what_stands_behind_it(emotions: list[dict[str, Any]]) -> None:
    behind = Counter(row["label"] for row in emotions if "sarcasm" in row["tags"])
    assert set(behind) == set(Emotion)
    assert behind["angry"] + behind["sad"] + behind["anxious"] > 0.6 * behind.total()


def test_exchanges_have_the_schema_and_the_split_that_their_id_gives(exchanges: list[dict[str, Any]]) -> None:
    for row in exchanges:
        assert list(row) == EXCHANGE_KEYS
        assert row["id"] == f"ex-{short_hash(row['user'] + chr(10) + row['reply'])}"
        assert row["move"] in set(Move)
        assert row["emotion"] in set(Emotion)
        assert row["topic"].strip()
        assert row["split"] == ("held_back" if draw(row["id"]) % 100 < 12 else "train")
        history = [Message.model_validate(turn) for turn in row["history"]]
        assert len(history) in {0, 2, 4}
        assert [turn.role for turn in history] == ["user", "assistant"] * (len(history) // 2)


def test_exchanges_are_many_and_cover_moves_and_emotions(
    english: list[dict[str, Any]], arabic: list[dict[str, Any]]
) -> None:
    assert len(english) >= 1000
    assert len(arabic) >= 150
    moves = Counter(row["move"] for row in english)
    assert all(moves[move] >= least for move, least in MOVES_MIN.items()), moves
    assert {row["move"] for row in arabic} == set(Move)
    for rows_of_language in (english, arabic):
        emotions = Counter(row["emotion"] for row in rows_of_language)
        assert set(emotions) == set(Emotion)
        assert min(emotions.values()) >= 0.1 * len(rows_of_language)
    assert sum(bool(row["history"]) for row in english) >= 0.29 * len(english)
    assert len({row["topic"] for row in english}) >= 50


def test_no_text_is_written_twice(exchanges: list[dict[str, Any]]) -> None:
    assert len({plain(row["user"]) for row in exchanges}) == len(exchanges)
    assert len({plain(row["reply"]) for row in exchanges}) == len(exchanges)
    said = [plain(sentence) for row in exchanges for sentence in sentences(row["reply"])]
    twice = [sentence for sentence, count in Counter(said).items() if count > 1 and len(sentence.split()) > 2]
    assert twice == []


def test_no_text_of_one_split_stands_in_the_other(
    exchanges: list[dict[str, Any]], emotions: list[dict[str, Any]]
) -> None:
    def texts(split: str) -> set[str]:
        chosen = [row for row in exchanges if row["split"] == split]
        turns = itertools.chain.from_iterable((row["user"], row["reply"], *history(row)) for row in chosen)
        return {plain(turn) for turn in turns if len(turn.split()) > 4}

    assert texts("train") & texts("held_back") == set()
    frozen = {plain(row["text"]) for row in emotions if row["split"] == "frozen"}
    assert frozen & {plain(row["text"]) for row in emotions if row["split"] == "train"} == set()
    assert frozen & texts("train") == set()
    held_back = sum(row["split"] == "held_back" for row in exchanges)
    assert 0.08 <= held_back / len(exchanges) <= 0.16


def history(row: Mapping[str, Any]) -> Iterator[str]:
    return (turn["content"] for turn in row["history"])


def test_replies_are_short_and_ask_once_at_the_end(exchanges: list[dict[str, Any]]) -> None:
    for row in exchanges:
        reply = row["reply"]
        assert len(words(reply)) in REPLY_WORDS, reply
        parts = sentences(reply)
        assert len(parts) <= SENTENCES_MAX, reply
        assert sum(part.count("?") + part.count("؟") for part in parts) <= 1, reply
        assert not any("?" in part or "؟" in part for part in parts[:-1]), reply


def test_questions_are_no_habit(english: list[dict[str, Any]]) -> None:
    asking = Counter(row["move"] for row in english if "?" in row["reply"])
    moves = Counter(row["move"] for row in english)
    assert asking.total() < 0.5 * moves.total()
    for move in (Move.REFLECT, Move.VALIDATE, Move.NORMALISE, Move.SUMMARISE, Move.CLOSE):
        assert asking[move] <= 0.1 * moves[move]


def test_replies_use_no_stock_words(exchanges: list[dict[str, Any]]) -> None:
    assert [row["reply"] for row in exchanges if STOCK.search(row["reply"])] == []


def test_replies_open_in_many_ways(exchanges: list[dict[str, Any]]) -> None:
    opened = Counter(tuple(words(row["reply"])[:3]) for row in exchanges)
    assert [opening for opening, count in opened.items() if count > OPENING_TRIGRAM_MAX] == []
    first = Counter(words(row["reply"])[0] for row in exchanges)
    assert first.most_common(1)[0][1] <= OPENING_WORD_SHARE_MAX * len(exchanges)


def test_replies_do_not_say_back_four_words_in_a_row(exchanges: list[dict[str, Any]]) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        said = words(text)
        return {tuple(said[start : start + 4]) for start in range(len(said) - 3)}

    free = {Move.SUMMARISE}  # a summary is in the person's own words
    assert [
        row["reply"] for row in exchanges if row["move"] not in free and runs(row["reply"]) & runs(row["user"])
    ] == []


def test_grief_and_good_news_are_never_steered_into_an_exercise(exchanges: list[dict[str, Any]]) -> None:
    offers = [row for row in exchanges if row["move"] == Move.OFFER]
    assert "grief" not in {row["topic"] for row in offers}
    assert all(row["topic"] == "request" for row in offers if row["emotion"] == Emotion.HAPPY)


def test_offers_name_a_length(english: list[dict[str, Any]]) -> None:
    offers = [row["reply"] for row in english if row["move"] == Move.OFFER]
    assert [reply for reply in offers if not re.search(r"minute|quarter of an hour", reply)] == []


def test_every_sentence_passes_the_reply_linter(exchanges: list[dict[str, Any]]) -> None:
    refused = []
    for row in exchanges:
        said: tuple[str, ...] = ()
        for sentence in sentences(row["reply"]):
            context = LintContext(language=row["language"], user_text=row["user"], reply=said)
            result = lint_sentence(sentence, context)
            if not result.ok:
                refused.append((result.reason, sentence))
            said += (sentence,)
    assert refused == []
