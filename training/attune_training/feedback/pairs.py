"""Ratings with consent → preference pairs in the conversational DPO format (prompt, chosen, rejected). Pure.

A rating row: {"messages": [{role, content}, …], "reply": str, "rating": "up" | "down", "consent": true,
"alternative": str?}. `alternative` is another reply to the same messages that the person preferred.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Literal, NamedTuple

from attune_contracts.chat import Message
from attune_safety.reply_lint import LintContext, lint_sentence
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attune_training.data.personal import mask_personal
from attune_training.errors import DataError
from attune_training.sft.compare import sentences

PAIRS_A_PROMPT_MAX = 4


class Rating(BaseModel):
    """One rated reply."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: tuple[Message, ...] = Field(min_length=1)
    reply: str = Field(min_length=1, max_length=4_000)
    rating: Literal["up", "down"]
    consent: bool
    alternative: str | None = Field(default=None, max_length=4_000)
    language: str = "en"


class Pairing(NamedTuple):
    """The pairs, and why rows gave none."""

    pairs: list[dict[str, Any]]
    without_consent: int
    failed_lint: int
    unpaired: int


def read_ratings(lines: Iterable[str]) -> Iterator[Rating]:
    """Ratings of a JSONL file. Raises DataError with the line's number and no word of its content."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield Rating.model_validate_json(line)
            except ValidationError as error:
                fields = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
                raise DataError(f"line {number}: malformed: {', '.join(fields)}") from None


def pair_up(ratings: Iterable[Rating]) -> Pairing:
    """Pairs of a preferred and a refused reply to the same messages, personal data masked.

    A preferred reply that the linter refuses teaches nothing good and is left out, however much it was liked.
    """
    liked: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    prompts: dict[str, list[dict[str, str]]] = {}
    without_consent = failed_lint = 0
    for rating in ratings:
        if not rating.consent:
            without_consent += 1
            continue
        prompt = [{"role": m.role, "content": mask_personal(m.content)} for m in rating.messages]
        key = json.dumps(prompt, ensure_ascii=False)
        prompts[key] = prompt
        chosen = rating.reply if rating.rating == "up" else rating.alternative
        if chosen is not None and not passes_lint(chosen, rating):
            failed_lint, chosen = failed_lint + 1, None
        if chosen is not None:
            remember(liked, key, mask_personal(chosen))
        if rating.rating == "down":
            remember(refused, key, mask_personal(rating.reply))
    pairs = [
        {"prompt": prompts[key], "chosen": reply_of(good), "rejected": reply_of(bad)}
        for key in prompts
        for good, bad in list(product(liked.get(key, []), refused.get(key, [])))[:PAIRS_A_PROMPT_MAX]
        if good != bad
    ]
    unpaired = sum(not (key in liked and key in refused) for key in prompts)
    return Pairing(pairs, without_consent, failed_lint, unpaired)


def passes_lint(reply: str, rating: Rating) -> bool:
    """Whether every sentence passes the reply linter."""
    parts, person = sentences(reply), rating.messages[-1].content
    return all(
        lint_sentence(part, LintContext(language=rating.language, user_text=person, reply=tuple(parts[:index]))).ok
        for index, part in enumerate(parts)
    )


def remember(replies: dict[str, list[str]], key: str, reply: str) -> None:
    """Adds a reply once."""
    known = replies.setdefault(key, [])
    if reply not in known:
        known.append(reply)


def reply_of(text: str) -> list[dict[str, str]]:
    """A reply as the DPO format wants it."""
    return [{"role": "assistant", "content": text}]
