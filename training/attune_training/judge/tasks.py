"""The two ways of judging: one reply on four criteria from 1 to 5, and the paper's choice among three conversations.

`judge_conversations` is Listing 2 of the paper with its prompt word for word, extended by anonymous slots, ties and a
verdict a criterion. Reason comes before score in both schemas, so that the model argues before it decides.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attune_contracts.chat import Message

from attune_training.judge.errors import Unreadable
from attune_training.judge.ports import Judge, Question

CRITERIA = ("empathy", "understanding", "advice", "flow")
SLOTS = ("A", "B", "C")
TIE = "tie"
RUBRICS = Path(__file__).parents[2] / "rubrics"
ORDERS = tuple(itertools.permutations(range(3)))

POINTWISE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 500},
        **{criterion: {"type": "integer", "minimum": 1, "maximum": 5} for criterion in CRITERIA},
    },
    "required": ["reason", *CRITERIA],
    "propertyOrdering": ["reason", *CRITERIA],
}
CHOICE = {"type": "string", "enum": [*SLOTS, TIE]}
THREE_WAY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "maxLength": 500},
        **dict.fromkeys(CRITERIA, CHOICE),
        "winner": CHOICE,
    },
    "required": ["reason", *CRITERIA, "winner"],
    "propertyOrdering": ["reason", *CRITERIA, "winner"],
}


@dataclass(frozen=True, slots=True)
class Rubric:
    """A versioned rubric file."""

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Scores:
    """A pointwise verdict."""

    reason: str
    scores: dict[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """A three-way verdict over slots: A, B, C or tie."""

    reason: str
    by_criterion: dict[str, str]
    winner: str


def load_rubric(name: str) -> Rubric:
    """Reads rubrics/NAME.md. Raises FileNotFoundError, or ValueError when the file states another version."""
    _, header, body = (RUBRICS / f"{name}.md").read_text(encoding="utf-8").split("---\n", 2)
    version = header.strip().removeprefix("version: ")
    if version != name:
        raise ValueError(f"rubric {name}.md states version {version!r}")
    return Rubric(version, body.strip())


def render(messages: Sequence[Message]) -> str:
    """A conversation as the judge reads it."""
    names = {"user": "Person", "assistant": "Companion", "system": "System"}
    return "\n".join(f"{names[message.role]}: {message.content}" for message in messages)


def pointwise_question(history: Sequence[Message], reply: str, rubric: Rubric) -> Question:
    """Asks for four scores of one reply."""
    material = f"<conversation>\n{render(history)}\n</conversation>\n<reply>\n{reply}\n</reply>"
    return Question(rubric.text, material, POINTWISE_SCHEMA)


def three_way_question(conversations: Sequence[Sequence[Message]], order: Sequence[int], rubric: Rubric) -> Question:
    """Asks which of three conversations is best, shown in `order` under the names A, B and C."""
    if len(conversations) != 3 or sorted(order) != [0, 1, 2]:
        raise ValueError("three conversations and an order of 0, 1, 2 are needed")
    parts = [
        f'<conversation name="{slot}">\n{render(conversations[index])}\n</conversation>'
        for slot, index in zip(SLOTS, order, strict=True)
    ]
    ask = "Write one or two sentences of reason, then A, B, C or tie for each of the four and for the winner overall."
    return Question(rubric.text, "\n".join([*parts, ask]), THREE_WAY_SCHEMA)


def read_json(text: str) -> dict[str, Any]:
    """The verdict's JSON object. Raises Unreadable."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        raise Unreadable("the answer is no JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("the answer is no JSON object")
    return data


def read_scores(text: str) -> Scores:
    """Raises Unreadable when a score is missing or outside 1 to 5."""
    data = read_json(text)
    scores = {criterion: data.get(criterion) for criterion in CRITERIA}
    checked = {name: score for name, score in scores.items() if type(score) is int and 1 <= score <= 5}
    if len(checked) != len(CRITERIA):
        raise Unreadable("a score is missing or outside 1 to 5")
    return Scores(str(data.get("reason", "")), checked)


def read_choice(text: str) -> Choice:
    """Raises Unreadable when a choice is missing or none of A, B, C and tie."""
    data = read_json(text)
    choices = {name: data.get(name) for name in (*CRITERIA, "winner")}
    if any(choice not in {*SLOTS, TIE} for choice in choices.values()):
        raise Unreadable("a choice is missing or none of A, B, C, tie")
    winner = str(choices.pop("winner"))
    return Choice(str(data.get("reason", "")), {name: str(choice) for name, choice in choices.items()}, winner)


async def judge_conversations(
    conversation_a: Sequence[Message],
    conversation_b: Sequence[Message],
    conversation_c: Sequence[Message],
    *,
    judge: Judge,
) -> str:
    """Returns the winning conversation, as the paper's function does: "a", "b", "c", or "tie" over all six orders.

    A conversation wins when it wins more orders than each other one. Raises a JudgeError when an order stays unscored.
    """
    conversations, rubric = (conversation_a, conversation_b, conversation_c), load_rubric("three-way-1")
    wins = dict.fromkeys("abc", 0)
    for order in ORDERS:
        answer = await judge.ask(three_way_question(conversations, order, rubric))
        choice = read_choice(answer.text)
        if choice.winner != TIE:
            wins["abc"[order[SLOTS.index(choice.winner)]]] += 1
    best = max(wins.values())
    winners = [name for name, count in wins.items() if count == best]
    return winners[0] if len(winners) == 1 else TIE
