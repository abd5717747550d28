"""Fits the head, chooses its thresholds on unseen text, and measures it family by family. Called by the CLI."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from attune_contracts.risk import RiskTier
from attune_safety import screen

from attune_training.risk import head, messages, thresholds
from attune_training.risk.features import Encoder, Floats
from attune_training.risk.head import Head
from attune_training.risk.messages import Row
from attune_training.risk.thresholds import Bools, Numbers, Quiet

SEED = 11
FOLDS = 5
ENGLISH_HELD_OUT = 4_000
ENGLISH_TRAINED = 4_000
OTHER_HELD_OUT = 1_500
OTHER_TRAINED = 1_000
OWN = (messages.AUTHORED, messages.ROUGH, messages.GRAMMAR)
NAMED = (*OWN, messages.EVERYDAY)
FOLDED = (messages.AUTHORED, messages.ROUGH)
EVERYDAY_TRAINED = 0.5
# How much each part counts in the loss; inside a part every row counts the same.
SHARES = {
    (messages.AUTHORED, True): 0.7,
    (messages.ROUGH, True): 0.3,
    (messages.GRAMMAR, True): 0.25,
    (messages.AUTHORED, False): 0.7,
    (messages.ROUGH, False): 0.3,
    (messages.GRAMMAR, False): 0.25,
    (messages.EVERYDAY, False): 1.0,
    (messages.ORDINARY, False): 0.8,
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """Rows with their vectors, in the same order."""

    rows: tuple[Row, ...]
    vectors: Floats

    def where(self, keep: Bools) -> "Encoded":
        """The rows that `keep` marks."""
        return Encoded(tuple(row for row, kept in zip(self.rows, keep, strict=True) if kept), self.vectors[keep])

    @property
    def risky(self) -> Bools:
        """Which rows are at risk."""
        return np.array([row.risk for row in self.rows], dtype=bool)


@dataclass(frozen=True, slots=True)
class Material:
    """`learned` is fitted on; the others are held out to choose thresholds: our own everyday text, and public sets."""

    learned: Encoded
    everyday: Encoded
    english: Encoded
    others: Encoded


@dataclass(frozen=True, slots=True)
class Study:
    """A fitted head with everything that was measured on rows it did not see."""

    head: Head
    temperature: float
    check_in: float
    elevated: float
    everyday: Quiet
    english: Quiet
    others: Quiet
    look_alikes: Quiet
    authored: tuple[Row, ...]
    folds: Numbers
    families_out: Numbers


def gather(encoder: Encoder, data: Path, folder: Path, cases: Path, replies: Path) -> Material:
    """Reads, splits and encodes. Rows in a script that the encoder cannot read are left out."""
    own = itertools.chain(messages.authored(folder), messages.rounds(cases))
    written = list({row.text: row for row in own if encoder.manifest.can_read(row.text)}.values())
    composed = [row for row in messages.grammar(folder) if encoder.manifest.can_read(row.text)]
    seen = {row.text for row in written}
    calm_days = [row for row in messages.everyday(folder, replies) if row.text not in seen and is_calm(row)]
    learned = [*written, *messages.roughened(written), *composed]
    learned += [row for row in calm_days if row.place < EVERYDAY_TRAINED]
    days = tuple(row for row in calm_days if row.place >= EVERYDAY_TRAINED)
    held: dict[bool, list[Row]] = {True: [], False: []}
    for rows in _ordinary_by_source(encoder, data):
        english = rows[0].language == "en"
        kept, count = (ENGLISH_HELD_OUT, ENGLISH_TRAINED) if english else (OTHER_HELD_OUT, OTHER_TRAINED)
        kept = min(kept, len(rows) // 2)
        held[english] += rows[:kept]
        learned += itertools.islice(filter(is_calm, rows[kept:]), count)
    parts = (tuple(learned), days, tuple(held[True]), tuple(held[False]))
    return Material(*(Encoded(rows, encoder.vectors([row.text for row in rows])) for rows in parts))


def is_calm(row: Row) -> bool:
    """What the rules already call risk is no lesson in harmlessness."""
    return screen(row.text, (), row.language).tier.rank < RiskTier.ELEVATED.rank


def fit(part: Encoded) -> Head:
    """The head from these rows, each part of them with its share of the loss."""
    kinds = [(row.source if row.source in NAMED else messages.ORDINARY, row.risk) for row in part.rows]
    counts = Counter(kinds)
    weights = np.array([SHARES[kind] / counts[kind] for kind in kinds])
    return head.fit(part.vectors, part.risky, weights, SEED)


def run(material: Material) -> Study:
    """Cross-validates, fits on everything, chooses thresholds."""
    learned = material.learned
    written = np.array([row.source == messages.AUTHORED for row in learned.rows])
    folds = _cross_validated(
        learned, [str(int(row.place * FOLDS)) if row.source in FOLDED else None for row in learned.rows]
    )
    # Calm families stay: leaving ordinary distress out would measure a head that nobody would ship.
    out = _cross_validated(learned, [row.family if row.risk else None for row in learned.rows])
    out = np.where(learned.risky, out, folds)
    fitted = fit(learned)
    authored = learned.where(written)
    everyday = _quiet("our everyday messages", fitted.logits(material.everyday.vectors), material.everyday.rows)
    english = _quiet("GoEmotions, BRIGHTER eng", fitted.logits(material.english.vectors), material.english.rows)
    others = _quiet("other languages", fitted.logits(material.others.vectors), material.others.rows)
    calm = ~authored.risky
    look_alikes = _quiet("our look-alikes", folds[written][calm], authored.where(calm).rows)
    check_in, elevated = thresholds.choose(everyday, english, others, look_alikes)
    return Study(
        head=fitted,
        temperature=thresholds.temperature(folds[written], authored.risky),
        check_in=check_in,
        elevated=elevated,
        everyday=everyday,
        english=english,
        others=others,
        look_alikes=look_alikes,
        authored=authored.rows,
        folds=folds[written],
        families_out=out[written],
    )


def _ordinary_by_source(encoder: Encoder, data: Path) -> list[list[Row]]:
    """Ordinary rows without doubles, by set, in the order of their hashes."""
    found: dict[str, dict[str, Row]] = {}
    for row in messages.ordinary(data):
        if encoder.manifest.can_read(row.text):
            found.setdefault(row.source, {})[row.text] = row
    return [sorted(rows.values(), key=lambda row: row.place) for _, rows in sorted(found.items())]


def _cross_validated(part: Encoded, groups: Sequence[str | None]) -> Numbers:
    """A logit a row from a head that saw no row of its group. Rows without a group are always learned from."""
    named = np.array([group or "" for group in groups])
    logits = np.zeros(len(part.rows))
    for group in sorted(set(named) - {""}):
        left_out = named == group
        logits[left_out] = fit(part.where(~left_out)).logits(part.vectors[left_out])
    return logits


def _quiet(name: str, logits: Numbers, rows: tuple[Row, ...]) -> Quiet:
    return Quiet(name, logits, tuple(screen(row.text, (), row.language).tier for row in rows))
