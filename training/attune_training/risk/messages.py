"""The rows that the risk head learns from: our own messages, our template grammar, and ordinary ship-able text.

Called by `study`. Of the screen's cases the blind rounds are learned from; tune and frozen cases only measure.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from attune_training.emotion import corpora

AUTHORED, ROUGH, GRAMMAR, EVERYDAY, ORDINARY = "authored", "rough", "grammar", "everyday", "ordinary"
# Past and denied danger is asked about because a rule understood it, not because the words are near.
FAMILIES = {"plan_means": "plan", "algospeak": "coded", "misspelt": "coded", "mixed_idiom": "explicit"}
UNDERSTOOD = frozenset({"denied", "past_recovered", "short_answer"})
# A template with few slots repeats itself long before this.
ROWS_A_TEMPLATE = {"en": 40, "ar": 25, "es": 15, "fr": 15, "hi": 15}
_SLOT = re.compile(r"\{(\w+)\}")
_MARKS = re.compile(r"[.,;:!?'’«»\"…—-]+")
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One text. `family` is the unit that is left out as a whole; `source` is authored, rough, grammar or a set's name.

    `origin` is the text that a rough copy was made of, and the text itself otherwise.
    """

    text: str
    language: str
    family: str
    risk: bool
    source: str
    origin: str

    @property
    def place(self) -> float:
        """A number in [0, 1) from the origin's hash, to order and to split rows the same way each time."""
        return int(sha256(self.origin.encode()).hexdigest()[:12], 16) / 16**12


def authored(folder: Path) -> Iterator[Row]:
    """Messages written singly, from risk.jsonl."""
    for line in (folder / "risk.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = record["text"]
        yield Row(text, record["language"], record["family"], record["risk"], AUTHORED, text)


def rounds(folder: Path) -> Iterator[Row]:
    """The messages on which the rules were tried before they were widened, from rounds.jsonl of the screen's cases."""
    for line in (folder / "rounds.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text, family = record["text"], record["family"]
        risk = record["expected_min"] != "none"
        if family not in UNDERSTOOD and (risk or record["expected_max"] == "none"):
            yield Row(text, record["language"], FAMILIES.get(family, family), risk, AUTHORED, text)


def everyday(folder: Path, replies: Path) -> Iterator[Row]:
    """What people write on ordinary days, in our own words: labelled messages, exchanges, examples of situations.

    With them lines from the middle of a talk, which alone say little.
    """
    written = [*corpora.authored(folder, "train"), *corpora.exchanges(folder, "train")]
    yield from (Row(row.text, row.language, EVERYDAY, risk=False, source=EVERYDAY, origin=row.text) for row in written)
    for text in (folder / "midtalk.en.txt").read_text(encoding="utf-8").splitlines():
        yield Row(text, "en", EVERYDAY, risk=False, source=EVERYDAY, origin=text)
    for path in sorted(replies.glob("*/*.yaml")):
        for situation in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            for text in situation["like"]:
                yield Row(text, path.parent.name, EVERYDAY, risk=False, source=EVERYDAY, origin=text)


def grammar(folder: Path) -> Iterator[Row]:
    """Sentences composed from risk_grammar.yaml, the same ones each time."""
    rules = yaml.safe_load((folder / "risk_grammar.yaml").read_text(encoding="utf-8"))
    for language, rule in rules.items():
        for name in ("risk", "benign"):
            for template in rule[name]:
                texts = _compose(template["text"], rule["slots"], ROWS_A_TEMPLATE[language])
                for text in texts:
                    yield Row(text, language, template["family"], name == "risk", GRAMMAR, text)


def _compose(template: str, slots: dict[str, list[str]], count: int) -> list[str]:
    # Seeded by the template's own text, so that another template changes nothing here.
    chance = random.Random(template)
    found: dict[str, None] = {}
    for _ in range(count * _TRIES):
        text = _SLOT.sub(lambda match: chance.choice(slots[match.group(1)]), template)
        found[text] = None
        if len(found) == count:
            break
    return list(found)


def ordinary(data: Path) -> Iterator[Row]:
    """Training rows of the ship-able emotion sets, taken as free of risk. A few lines in them are not."""
    yield from _named(corpora.goemotions(data / "goemotions", "train"))
    for stem in ("arq", "ary", "esp", "hin", "eng"):
        yield from _named(corpora.brighter(data / "brighter", "train", stem))
    for language in ("ar", "es", "fr"):
        yield from _named(corpora.xed(data / "xed" / corpora.XED_LANGUAGES[language], language))


def _named(rows: Iterator[corpora.Row]) -> Iterator[Row]:
    for row in rows:
        yield Row(row.text, row.language, ORDINARY, risk=False, source=row.source, origin=row.text)


def roughened(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows as people often type them: lower case, without marks. Rows that already are so are left out."""
    for row in rows:
        text = _MARKS.sub("", row.text).lower()
        if text != row.text:
            yield Row(text, row.language, row.family, row.risk, ROUGH, row.origin)


def cases(folder: Path) -> list[dict[str, Any]]:
    """The tune cases of the screen, for measuring alone. Frozen files are never opened here."""
    files = sorted(folder.glob("??.tune.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
