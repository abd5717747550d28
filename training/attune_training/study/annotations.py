"""Two people name the emotion of messages, without seeing what the system read; then the system is scored by them.

The items are JSONL: {"item", "text", "predicted"}. Each rater's answers are a CSV: item, label. Texts stay in the file
of the items, which is deleted after the study; nothing else repeats them.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attune_contracts.emotion import Emotion

from attune_training.errors import DataError
from attune_training.judge.statistics import kappa, wilson

LABELS = tuple(emotion.value for emotion in Emotion)
SKIP = "skip"


class Annotated(NamedTuple):
    """One message to be rated."""

    item: str
    text: str
    predicted: str


def read_items(path: Path) -> list[Annotated]:
    """Raises DataError for a line of another shape or an unknown emotion."""
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            items.append(Annotated(str(row["item"]), str(row["text"]), Emotion(row["predicted"]).value))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}:{number}: a line holds item, text and predicted ({', '.join(LABELS)})") from error
    return items


def read_labels(path: Path) -> dict[str, str]:
    """One rater's labels by item; skipped items are left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["item"], row["label"].strip().lower()) for row in csv.DictReader(file)]
    wrong = [item for item, label in rows if label not in (*LABELS, SKIP)]
    if wrong:
        raise DataError(f"{path}: item {wrong[0]} has a label that is none of {', '.join(LABELS)} or {SKIP}")
    return {item: label for item, label in rows if label != SKIP}


def annotate(items: Sequence[Annotated], path: Path, ask: Callable[[str], str], show: Callable[[str], None]) -> int:
    """Asks for each item that `path` does not hold yet, writing every answer at once. Returns how many were given."""
    done = set(read_labels(path)) if path.exists() else set()
    keys = {str(number): label for number, label in enumerate(LABELS, 1)} | {label: label for label in LABELS}
    given = 0
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        if new:
            rows.writerow(["item", "label"])
        for item in items:
            if item.item in done:
                continue
            show(f"\n{item.text}\n")
            answer = ask(" ".join(f"{key}={label}" for key, label in enumerate(LABELS, 1)) + " s=skip q=stop > ")
            while (answer := answer.strip().lower()) not in {*keys, "s", "q"}:
                answer = ask("a number, a label, s or q > ")
            if answer == "q":
                break
            rows.writerow([item.item, keys.get(answer, SKIP)])
            file.flush()
            given += 1
    return given


def score(items: Sequence[Annotated], first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, Any]:
    """Kappa of the two raters, and the system's figures where both agree; precision and recall are macro means."""
    both = [item for item in items if item.item in first and item.item in second]
    if not both:
        raise DataError("the two raters share no item")
    place = {label: number for number, label in enumerate(LABELS)}
    agreed = [(first[item.item], item.predicted) for item in both if first[item.item] == second[item.item]]
    found: dict[str, Any] = {
        "rated_by_both": len(both),
        "agreed": len(agreed),
        "kappa": kappa([place[first[i.item]] for i in both], [place[second[i.item]] for i in both]),
    }
    if agreed:
        right = sum(truth == predicted for truth, predicted in agreed)
        found |= {
            "accuracy": wilson(right, len(agreed))._asdict(),
            "precision": mean_over(agreed, by_prediction=True),
            "recall": mean_over(agreed, by_prediction=False),
        }
    return found


def mean_over(agreed: Sequence[tuple[str, str]], *, by_prediction: bool) -> float:
    """Macro precision (`by_prediction`) or recall over the emotions that occur."""
    side = 1 if by_prediction else 0
    shares = []
    for label in LABELS:
        rows = [pair for pair in agreed if pair[side] == label]
        if rows:
            shares.append(sum(truth == predicted for truth, predicted in rows) / len(rows))
    return sum(shares) / len(shares)
