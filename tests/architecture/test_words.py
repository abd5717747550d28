"""What a person reads never claims to be professional care: several laws forbid it (Illinois HB 1806 and others)."""

import re
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, name_of, tracked_files

FORBIDDEN = re.compile(
    r"\b(therapists?|therapy|therapeutic|treatments?|patients?|diagnos(?:is|es|e|ed|tic)|clinical(?:ly)?)\b",
    re.IGNORECASE,
)
READ_BY_PEOPLE = (
    "frontend/*.html",
    "frontend/locales/*",
    "services/dialogue/attune_dialogue/templates/*",
    "services/dialogue/attune_dialogue/exercises/*",
    "services/dialogue/attune_dialogue/wording/*",
    "services/lib/safety/attune_safety/phrases/*",
    "services/lib/contracts/attune_contracts/prompts/*",
    "training/data/authored/exchanges*",
)
# "patience" and "be patient" are ordinary words, yet the noun is what the law is about: other wording is easy.


@pytest.mark.parametrize("pattern", READ_BY_PEOPLE)
def test_no_forbidden_word_is_shown(pattern: str) -> None:
    paths = [path for path in ROOT.glob(pattern) if path.is_file()]
    assert paths, f"{pattern} matches nothing: update this test"
    found = [f"{name_of(path)}: {match[0]}" for path in paths for match in FORBIDDEN.finditer(reply_side(path))]
    assert not found


def reply_side(path: Path) -> str:
    """Authored exchanges hold what people write too, and people may use any word: only our replies count."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".jsonl":
        return text
    return "\n".join(re.findall(r'"reply": "((?:[^"\\]|\\.)*)"', text))


def test_every_page_is_covered() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".html"]
    assert all(name_of(path).startswith("frontend/") or "training/" in name_of(path) for path in pages)
