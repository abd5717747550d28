"""Rows to token ids with labels on the assistant's words only. Pure but for the tokenizer that is passed in.

Two kinds of rows: authored exchanges (move, emotion, history, user, reply) and prepared conversations (messages).
Both go through the renderer of attune_contracts.chat, which serving uses too.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple

from attune_contracts.chat import Message, Rendered, TurnContext, chatml, conversation
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_training.errors import DataError

IGNORED = -100  # PyTorch's cross-entropy skips this label


class Example(NamedTuple):
    """One training example: token ids, and labels of the same length with IGNORED where no loss is taken."""

    input_ids: list[int]
    labels: list[int]


class Split(NamedTuple):
    """Rows for training, for choosing the checkpoint, and those kept back for the comparison."""

    train: list[dict[str, Any]]
    validation: list[dict[str, Any]]
    held_back: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Renderer:
    """How a conversation becomes text. `own` uses the tokenizer's template, for models that do not speak ChatML."""

    tokenizer: Any
    template: Literal["chatml", "own"]
    loss_on: Literal["last", "all"]

    def render(self, messages: Sequence[Message]) -> Rendered:
        """Text, and the spans that carry loss."""
        if self.template == "chatml":
            rendered = chatml(messages)
        else:
            rendered = spans_by_prefix(self._apply, messages, last_only=self.loss_on == "last")
        return rendered if self.loss_on == "all" else Rendered(rendered.text, rendered.assistant_spans[-1:])

    def _apply(self, messages: Sequence[Message], add_generation_prompt: bool) -> str:
        rows = [message.model_dump() for message in messages]
        text: str = self.tokenizer.apply_chat_template(
            rows, tokenize=False, add_generation_prompt=add_generation_prompt
        )
        return text


def spans_by_prefix(
    apply: Callable[[Sequence[Message], bool], str], messages: Sequence[Message], *, last_only: bool
) -> Rendered:
    """Finds what the assistant wrote under any template, by rendering growing prefixes.

    Raises DataError for a template whose earlier text changes when a message is added (Mistral moves the system
    text to the newest turn): take the loss on the last reply there.
    """
    text = apply(messages, False)
    spans = []
    for index, message in enumerate(messages):
        if message.role != "assistant" or (last_only and index != len(messages) - 1):
            continue
        before, after = apply(messages[:index], True), apply(messages[: index + 1], False)
        if not (text.startswith(before) and text.startswith(after)):
            raise DataError('this model\'s template is not a prefix of itself: set data.loss_on = "last"')
        spans.append((len(before), len(after)))
    return Rendered(text, tuple(spans))


def tokenise(tokenizer: Any, rendered: Rendered) -> Example:
    """Token ids, and labels where the token lies inside an assistant span (its end marker included)."""
    encoded = tokenizer(rendered.text, return_offsets_mapping=True, add_special_tokens=False)
    ids: list[int] = encoded["input_ids"]
    labels = [
        token if any(start <= first and last <= end for start, end in rendered.assistant_spans) else IGNORED
        for token, (first, last) in zip(ids, encoded["offset_mapping"], strict=True)
    ]
    return Example(ids, labels)


def messages_of(row: dict[str, Any]) -> list[Message]:
    """System message, turns and reply of a row. Raises DataError when a row ends without an assistant's turn."""
    if "reply" in row:
        turns = [Message.model_validate(turn) for turn in row["history"]]
        turns += [Message(role="user", content=row["user"]), Message(role="assistant", content=row["reply"])]
    else:
        turns = [Message.model_validate(turn) for turn in row["messages"] if turn["role"] != "system"]
    if not turns or turns[-1].role != "assistant":
        raise DataError(f"row {row.get('id')!r} does not end with the assistant's turn")
    context = TurnContext(
        # Prepared conversations name no move: reflecting is the one that fits any turn.
        move=Move(row.get("move") or Move.REFLECT),
        emotion=Emotion(row.get("emotion_class") or row.get("emotion") or Emotion.NEUTRAL),
        language=row.get("language") or "en",
    )
    return conversation(context, turns)


def example_of(row: dict[str, Any], renderer: Renderer, length_max: int) -> Example | None:
    """A row as an example of at most `length_max` tokens: the oldest turns are dropped, None if that is not enough."""
    system, *turns = messages_of(row)
    while turns:
        example = tokenise(renderer.tokenizer, renderer.render([system, *turns]))
        if len(example.input_ids) <= length_max:
            return example
        # A pair at a time, so that the conversation still opens with the person.
        turns = turns[2:]
    return None


def examples_of(rows: Iterable[dict[str, Any]], renderer: Renderer, length_max: int) -> tuple[list[Example], int]:
    """All examples, and how many rows were too long."""
    found = [example_of(row, renderer, length_max) for row in rows]
    kept = [example for example in found if example is not None]
    return kept, len(found) - len(kept)


def read_rows(patterns: Sequence[str], root: Path, languages: Sequence[str] | None) -> Iterator[dict[str, Any]]:
    """Rows of all JSONL files that match, in the order of their names. Raises DataError when none matches."""
    for pattern in patterns:
        files = sorted(root.glob(pattern)) if not Path(pattern).is_absolute() else [Path(pattern)]
        if not files:
            raise DataError(f"{pattern} matches no file under {root}")
        for file in files:
            with file.open(encoding="utf-8") as lines:
                rows = (json.loads(line) for line in lines if line.strip())
                yield from (row for row in rows if languages is None or row.get("language", "en") in languages)


def conversation_key(row: dict[str, Any]) -> str:
    """What must not be torn apart by a split: the conversation, or the row if it stands alone."""
    return str(row.get("conversation_id") or row["id"])


def split_rows(rows: Iterable[dict[str, Any]], validation_share: float) -> Split:
    """Splits by conversation, by a hash that does not depend on order or on other rows.

    Rows that state `validation` or `held_back` keep that; the rest gives `validation_share` to validation.
    """
    split = Split([], [], [])
    for row in rows:
        stated = row.get("split")
        if stated == "held_back":
            split.held_back.append(row)
        elif stated == "validation" or share_of(conversation_key(row)) < validation_share:
            split.validation.append(row)
        else:
            split.train.append(row)
    if not split.train or not split.validation:
        raise DataError(f"{len(split.train)} training and {len(split.validation)} validation rows: add data")
    return split


def share_of(key: str) -> float:
    """A number in [0, 1) that depends on the key alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64


def data_sha256(rows: Iterable[dict[str, Any]]) -> str:
    """Hash of the rows in order, each as canonical JSON."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()


def buckets(lengths: Sequence[int], batch: int, order: Sequence[int], window: int = 16) -> list[int]:
    """Indices in an order where neighbours have like lengths: less padding, still mixed between epochs.

    `order` is a shuffled range; inside each window of `window` batches indices are sorted by length, and the
    windows' batches keep their shuffled places.
    """
    size = batch * window
    windows = [sorted(order[start : start + size], key=lambda i: lengths[i]) for start in range(0, len(order), size)]
    batches = [w[start : start + batch] for w in windows for start in range(0, len(w), batch)]
    # The first index of each batch was drawn at random: sorting by its place in `order` mixes the batches again.
    place = {index: position for position, index in enumerate(order)}
    full = sorted((b for b in batches if len(b) == batch), key=lambda b: place[b[0]])
    return [index for b in [*full, *(b for b in batches if len(b) < batch)] for index in b]


def count_by(rows: Iterable[dict[str, Any]], key: str) -> dict[str, int]:
    """How many rows have each value of `key`."""
    values = sorted(str(row.get(key)) for row in rows)
    return {value: len(list(group)) for value, group in groupby(values)}
