"""Messages and replies that belong together, and such that do not: mismatched ones and emotionally wrong ones."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from attune_emotion.ports import Floats
from attune_emotion.sentences import SentenceEncoder

from attune_training.errors import DataError

BATCH = 32
SAYS_FOR_A_LINE = 3
MISMATCHED, WRONG_FEELING = 4, 3


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One authored exchange without history."""

    id: str
    user: str
    reply: str
    topic: str
    emotion: str
    held_back: bool

    @property
    def texts(self) -> tuple[str, str]:
        """Both texts."""
        return self.user, self.reply


@dataclass(frozen=True, slots=True)
class SituationRow:
    """One situation of replies/<language>/."""

    name: str
    language: str
    feels: tuple[str, ...]
    like: tuple[str, ...]
    says: tuple[str, ...]
    asks: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text."""
        return (*self.like, *self.says, *self.asks)


@dataclass(frozen=True, slots=True)
class Situations:
    """All of them."""

    rows: tuple[SituationRow, ...]

    def lines(self, language: str) -> tuple[SituationRow, ...]:
        """Those of one language."""
        return tuple(row for row in self.rows if row.language == language)


@dataclass(frozen=True, slots=True)
class Pair:
    """A message and a reply; `kind` is true, mismatched or wrong_feeling."""

    message: str
    reply: str
    kind: str


def read_exchanges(path: Path) -> tuple[ExchangeRow, ...]:
    """The exchanges that open a talk."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(
        ExchangeRow(
            row["id"], row["user"], row["reply"], row["topic"], row["emotion"] or "neutral", row["split"] != "train"
        )
        for row in rows
        if not row["history"]
    )


def read_situations(folder: Path) -> Situations:
    """Every file of every language. Raises DataError for one without examples."""
    rows: list[SituationRow] = []
    for path in sorted(folder.glob("*/*.yaml")):
        for name, raw in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            parts = (tuple(raw[key]) for key in ("feels", "like", "says", "asks"))
            rows.append(SituationRow(name, path.parent.name, *parts))
            if not rows[-1].like:
                raise DataError(f"{path.name}: {name} has no examples")
    return Situations(tuple(rows))


def read_general(templates: Path, wording: Path) -> tuple[str, ...]:
    """Every reply of a templates file of the dialogue service and what its wording asks and tells, once."""
    moves = yaml.safe_load(templates.read_text(encoding="utf-8"))["moves"]
    replies = [text for feelings in moves.values() for texts in feelings.values() for text in texts]
    wordings = yaml.safe_load(wording.read_text(encoding="utf-8"))
    lines = [text for key, texts in wordings.items() if key.startswith(("ask.", "told.")) for text in texts]
    return tuple(dict.fromkeys((*replies, *lines)))


def vectors_of(
    encoder: SentenceEncoder, rows: Iterable[ExchangeRow | SituationRow], lines: Iterable[str]
) -> Mapping[str, Floats]:
    """The vector of every text of the rows, and of every line."""
    texts = sorted({*lines, *(text for row in rows for text in row.texts)}, key=len)
    vectors: dict[str, Floats] = {}
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        vectors |= zip(batch, encoder.read(batch), strict=True)
    return vectors


def training_pairs(exchanges: Sequence[ExchangeRow], situations: Situations, seed: int) -> tuple[Pair, ...]:
    """Pairs of the train split and of the situations, each true one with its wrong ones."""
    chance = random.Random(seed)
    train = [row for row in exchanges if not row.held_back]
    pairs = [pair for row in train for pair in exchange_pairs(row, train, chance)]
    english = situations.lines("en")
    for row in english:
        others = [other for other in english if other.name != row.name]
        far = [other for other in others if not set(other.feels) & set(row.feels)] or others
        for line in row.like:
            pairs += [Pair(line, say, "true") for say in chance.sample(row.says, SAYS_FOR_A_LINE)]
            pairs += [Pair(line, chance.choice(chance.choice(others).says), "mismatched") for _ in range(MISMATCHED)]
            pairs += [Pair(line, chance.choice(chance.choice(far).says), "wrong_feeling") for _ in range(WRONG_FEELING)]
    return tuple(pairs)


def exchange_pairs(row: ExchangeRow, rows: Sequence[ExchangeRow], chance: random.Random) -> list[Pair]:
    """The true pair; replies of other topics; replies to another feeling, of the same topic where there are any."""
    others = [other for other in rows if other.topic != row.topic]
    return [
        Pair(row.user, row.reply, "true"),
        *(Pair(row.user, chance.choice(others).reply, "mismatched") for _ in range(MISMATCHED)),
        *(Pair(row.user, wrong_feeling(row, rows, chance).reply, "wrong_feeling") for _ in range(WRONG_FEELING)),
    ]


def wrong_feeling(row: ExchangeRow, rows: Sequence[ExchangeRow], chance: random.Random) -> ExchangeRow:
    """An exchange with another feeling, of the same topic where there is one."""
    unlike = [other for other in rows if other.emotion != row.emotion]
    return chance.choice([other for other in unlike if other.topic == row.topic] or unlike)
