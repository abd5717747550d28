"""Builds the training rows, the held-out rows and the named test sets, without a text shared between them.

Called by `train` (rows and sampling weights), `calibrate` (held-out) and `evaluate` (test sets and the balanced mix).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from attune_contracts.emotion import Emotion

from attune_training.emotion import corpora
from attune_training.emotion.corpora import Row
from attune_training.emotion.settings import DataSettings

# The mix of issue 5: from each source at most this many rows of each emotion (GoEmotions dev has 72 anxious rows),
# then every emotion weighs the same. Fixed before the first model was scored.
MIX_ROWS_PER_EMOTION = 72
# BRIGHTER has no French: one in ten of XED's projected French lines is a test row (noisy, no neutral rows).
FRENCH_TEST_PART = 10
MIX_SOURCES = ("goemotions", "brighter-en", "authored-en")


@dataclass(frozen=True, slots=True)
class Mixture:
    """Rows to train on and rows held out of it (for calibration and choosing), disjoint from every test set."""

    train: tuple[Row, ...]
    held_out: tuple[Row, ...]


def training_rows(data: Path, authored: Path) -> Iterator[Row]:
    """Every ship-able training row, of every source and language."""
    yield from corpora.goemotions(data / "goemotions", "train")
    for stem in corpora.BRIGHTER_LANGUAGES:
        yield from corpora.brighter(data / "brighter", "train", stem)
    yield from corpora.xed(data / "xed" / "en-annotated.tsv", "en")
    yield from corpora.xed_neutral(data / "xed" / "neu_en.txt")
    for language, name in corpora.XED_LANGUAGES.items():
        yield from corpora.xed(data / "xed" / name, language)
    yield from corpora.authored(authored, "train")
    yield from corpora.exchanges(authored, "train")


def test_rows(data: Path, authored: Path) -> Iterator[Row]:
    """Every test row: the dev parts of GoEmotions and BRIGHTER, a part of XED's French, our frozen messages."""
    yield from corpora.goemotions(data / "goemotions", "dev")
    for stem in corpora.BRIGHTER_LANGUAGES:
        yield from corpora.brighter(data / "brighter", "dev", stem)
    french = corpora.xed(data / "xed" / corpora.XED_LANGUAGES["fr"], "fr")
    yield from (row for row in french if int(row.key[-4:], 16) % FRENCH_TEST_PART == 0)
    yield from corpora.authored(authored, "frozen")
    yield from corpora.exchanges(authored, "held_back")


def build(rows: Iterable[Row], tests: Iterable[Row], settings: DataSettings) -> Mixture:
    """Drops duplicates, rows that a test set holds and rows over a cap; splits by the hash of the text."""
    seen = {row.key for row in tests}
    kept: defaultdict[tuple[str, Emotion], list[Row]] = defaultdict(list)
    for row in rows:
        if row.source in settings.sources and row.key not in seen:
            seen.add(row.key)
            kept[row.source, row.emotion].append(row)
    train: list[Row] = []
    held_out: list[Row] = []
    for (source, _), group in sorted(kept.items()):
        for row in sorted(group, key=lambda row: row.key)[: settings.sources[source].rows_per_emotion_max]:
            (held_out if _is_held_out(row, settings.held_out_share) else train).append(row)
    return Mixture(tuple(train), tuple(held_out))


def _is_held_out(row: Row, share: float) -> bool:
    # The key's head orders the rows under a cap, so another part of it decides here.
    return int(row.key[32:40], 16) / 16**8 < share


def draw_weights(rows: tuple[Row, ...], settings: DataSettings) -> list[float]:
    """One weight a row, so that an epoch holds the emotions in their shares and the sources by their weights."""
    mass: defaultdict[Emotion, float] = defaultdict(float)
    for row in rows:
        mass[row.emotion] += settings.sources[row.source].weight
    return [settings.shares[row.emotion] * settings.sources[row.source].weight / mass[row.emotion] for row in rows]


def balanced_mix(rows: Iterable[Row], sources: tuple[str, ...] = MIX_SOURCES) -> tuple[Row, ...]:
    """At most MIX_ROWS_PER_EMOTION rows of each source and emotion, chosen by the hash of the text."""
    groups: defaultdict[tuple[str, Emotion], list[Row]] = defaultdict(list)
    for row in rows:
        if row.source in sources:
            groups[row.source, row.emotion].append(row)
    chosen: list[Row] = []
    for _, group in sorted(groups.items()):
        chosen += sorted(group, key=lambda row: row.key)[:MIX_ROWS_PER_EMOTION]
    return tuple(chosen)


def class_weights(rows: tuple[Row, ...]) -> list[float]:
    """One weight a row that gives every emotion present the same total; the weights sum to 1."""
    counts = Counter(row.emotion for row in rows)
    return [1.0 / (len(counts) * counts[row.emotion]) for row in rows]


def digest(rows: Iterable[Row]) -> str:
    """SHA-256 over the texts' keys and emotions in order: names the data of a run without holding a word of it."""
    return sha256("\n".join(f"{row.key} {row.emotion}" for row in rows).encode()).hexdigest()


def counts(rows: Iterable[Row]) -> dict[str, dict[str, int]]:
    """Rows by source and emotion, for the run folder and the dry run."""
    table: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        table[row.source][row.emotion.value] = table[row.source].get(row.emotion.value, 0) + 1
    return {source: table[source] for source in sorted(table)}
