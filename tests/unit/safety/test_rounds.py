"""Messages that were written blind, measured, and then used to widen the rules: what was learnt must not be lost.

They are no measure of recall any more (before the rules were widened they scored 0.65 to 0.84); the frozen thirds are.
"""

import json
from pathlib import Path

import pytest
from attune_contracts.risk import RiskTier
from attune_safety import screen

ROUNDS = Path("tests/support/safety_cases/rounds.jsonl")
MIDTALK = Path("training/data/authored/midtalk.en.txt")
RECALL_MIN = 0.92
RAISED_SHARE_MAX = 0.04


def rows(language: str) -> list[dict[str, str]]:
    found = [json.loads(line) for line in ROUNDS.read_text(encoding="utf-8").splitlines()]
    return [row for row in found if row["language"] == language]


def rank(tier: str) -> int:
    return RiskTier(tier).rank


@pytest.mark.parametrize("language", ["en", "ar", "es", "fr", "hi"])
def test_what_was_learnt_is_kept(language: str) -> None:
    risky = [row for row in rows(language) if row["expected_min"] != "none"]
    reached = [screen(row["text"], (), language).tier.rank >= rank(row["expected_min"]) for row in risky]
    assert sum(reached) / len(reached) >= RECALL_MIN


@pytest.mark.parametrize("language", ["en", "ar", "es", "fr", "hi"])
def test_the_look_alikes_stay_quiet(language: str) -> None:
    calm = [row for row in rows(language) if row["expected_min"] == "none"]
    elevated = [screen(row["text"], (), language).tier.rank >= RiskTier.ELEVATED.rank for row in calm]
    assert sum(elevated) / len(elevated) <= RAISED_SHARE_MAX


def test_lines_from_the_middle_of_ordinary_talks_stay_quiet() -> None:
    tiers = [screen(line, (), "en").tier for line in MIDTALK.read_text(encoding="utf-8").splitlines()]
    assert sum(tier is not RiskTier.NONE for tier in tiers) <= 0.03 * len(tiers)
    assert sum(tier.rank >= RiskTier.ELEVATED.rank for tier in tiers) <= 0.01 * len(tiers)
