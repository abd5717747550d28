"""Labelled screening cases, written apart from the rules. Read by the screen's tests and `make safety-report`.

One row in each three of a family is frozen: nobody tunes on `*.frozen.jsonl`. Labels are ours, not a clinician's.
Text names no method beyond a bare noun, so that the files teach nobody anything.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from attune_contracts.chat import Message
from attune_contracts.risk import RiskKind, RiskTier

Split = Literal["tune", "frozen"]
Role = Literal["user", "assistant"]

LANGUAGES = ("en", "ar", "es", "fr", "hi")
AT_RISK_FAMILIES = (
    "explicit", "plan_means", "veiled", "burden", "farewell", "algospeak", "misspelt", "other_at_risk",
    "harm_by_other", "medical", "self_harm", "past_recovered", "denied", "mixed_idiom", "injection",
)  # fmt: skip
BENIGN_FAMILIES = (
    "idiom", "fiction_news_study", "work_game_jargon", "ordinary_distress", "grief", "good_news",
    "medical_question", "negated_or_other_meaning", "short_answer",
)  # fmt: skip

_FOLDER = Path(__file__).parent
_BLOCK = 3  # One of each three consecutive numbers of a family is frozen.


@dataclass(frozen=True, slots=True)
class Case:
    """One message and the tiers between which a right answer lies, both ends included."""

    id: str
    text: str
    language: str
    family: str
    expected_min: RiskTier
    expected_max: RiskTier
    kind: RiskKind
    split: Split

    @property
    def at_risk(self) -> bool:
        """Whether silence would be a miss."""
        return self.expected_min is not RiskTier.NONE


@dataclass(frozen=True, slots=True)
class Expectation:
    """The tier that the conversation holds once user turn number `turn` (from 0, user turns only) has been read.

    It is the rolling tier, not that of the message alone: a quiet turn after a clear one keeps the tier.
    """

    turn: int
    min: RiskTier
    max: RiskTier


@dataclass(frozen=True, slots=True)
class ConversationCase:
    """A whole talk, first and last turn by the person."""

    id: str
    language: str
    arc: str
    turns: tuple[Message, ...]
    expect: tuple[Expectation, ...]
    split: Split

    def until(self, user_turn: int) -> tuple[tuple[Message, ...], str]:
        """The turns before that user turn (oldest first), and its text. Raises IndexError past the end."""
        places = [place for place, message in enumerate(self.turns) if message.role == "user"]
        place = places[user_turn]
        return self.turns[:place], self.turns[place].content


def split_of(case_id: str) -> Split:
    """Which file an id belongs to: a hash picks one number of each block of three, so that nobody chooses."""
    stem, number = case_id.rsplit("-", 1)
    block, place = divmod(int(number) - 1, _BLOCK)
    picked = int(hashlib.sha256(f"{stem}-{block}".encode()).hexdigest(), 16) % _BLOCK
    return "frozen" if picked == place else "tune"


@cache
def load(language: str, split: Split) -> tuple[Case, ...]:
    """The cases of one language and split, in file order. Raises FileNotFoundError for an unknown language."""
    return tuple(_case(row) for row in _rows(f"{language}.{split}.jsonl"))


def load_all(split: Split, languages: Sequence[str] = LANGUAGES) -> tuple[Case, ...]:
    """Every language's cases of one split."""
    return tuple(case for language in languages for case in load(language, split))


@cache
def load_conversations(split: Split) -> tuple[ConversationCase, ...]:
    """The conversations of one split, every language."""
    return tuple(_conversation(row) for row in _rows(f"conversations.{split}.jsonl"))


def _rows(name: str) -> list[dict[str, Any]]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _case(row: dict[str, Any]) -> Case:
    tiers = {"expected_min": RiskTier(row["expected_min"]), "expected_max": RiskTier(row["expected_max"])}
    return Case(**{**row, **tiers, "kind": RiskKind(row["kind"]), "split": _split(row["split"])})


def _conversation(row: dict[str, Any]) -> ConversationCase:
    turns = tuple(Message(role=turn["role"], content=turn["content"]) for turn in row["turns"])
    expect = tuple(Expectation(e["turn"], RiskTier(e["min"]), RiskTier(e["max"])) for e in row["expect"])
    return ConversationCase(row["id"], row["language"], row["arc"], turns, expect, _split(row["split"]))


def _split(name: str) -> Split:
    if name not in get_args(Split):
        raise ValueError(f"unknown split {name!r}")
    return "tune" if name == "tune" else "frozen"
