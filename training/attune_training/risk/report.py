"""Writes training/results/risk.md: what the head adds, family by family, on unseen rows. Called by the CLI."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attune_contracts.risk import RiskTier
from attune_safety import screen

from attune_training.risk import thresholds
from attune_training.risk.features import Encoder
from attune_training.risk.study import Study
from attune_training.risk.thresholds import Bools, Numbers, Quiet

AT_RISK, CALM = "at risk", "calm"


def area(logits: Numbers, risky: Bools) -> float:
    """The share of pairs in which the risky row stands above the calm one (ROC AUC)."""
    calm = np.sort(logits[~risky])
    below = np.searchsorted(calm, logits[risky], side="left") + np.searchsorted(calm, logits[risky], side="right")
    return float(below.sum() / (2 * len(calm) * risky.sum()))


def scores(study: Study) -> dict[str, float]:
    """The plain figures for the manifest, each named with its set."""
    risky = np.array([row.risk for row in study.authored])
    figures = {
        "risk_auc_five_folds": area(study.folds, risky),
        "risk_auc_family_left_out": area(study.families_out, risky),
        "risk_recall_check_in_five_folds": float((study.folds[risky] >= study.check_in).mean()),
        "risk_recall_check_in_family_left_out": float((study.families_out[risky] >= study.check_in).mean()),
        "risk_raised_to_check_in_everyday": thresholds.raised_share(study.everyday, study.check_in, RiskTier.CHECK_IN),
        "risk_raised_to_check_in_goemotions": thresholds.raised_share(study.english, study.check_in, RiskTier.CHECK_IN),
        "risk_raised_to_elevated_goemotions": thresholds.raised_share(study.english, study.elevated, RiskTier.ELEVATED),
    }
    return {name: round(value, 5) for name, value in figures.items()}


def write(study: Study, encoder: Encoder, cases: Sequence[dict[str, Any]]) -> str:
    """The whole note."""
    risky = sum(row.risk for row in study.authored)
    lines = [
        "# Risk head: figures",
        "",
        f"A hidden layer on the pooled vector of `{encoder.manifest.name}` and the sentence vector of",
        "all-MiniLM-L6-v2, by `python -m attune_training risk train`.",
        "No figure here comes from a row that the head in question had learned from.",
        "",
        f"{risky} messages at risk and {len(study.authored) - risky} look-alikes were written singly for this.",
        "The template grammar and ordinary text of ship-able sets are learned from as well.",
        "",
        *_overall(study),
        *_families(study),
        *_languages(study),
        *_quiet([study.everyday, study.english, study.others, study.look_alikes], study),
        *_on_cases(study, encoder, cases),
    ]
    return "\n".join(lines) + "\n"


def _overall(study: Study) -> list[str]:
    risky = np.array([row.risk for row in study.authored])
    found = [
        ("ROC AUC", f"{area(study.folds, risky):.3f}", f"{area(study.families_out, risky):.3f}"),
        *(
            (
                f"{name} recall at the threshold",
                f"{(study.folds[risky] >= least).mean():.3f}",
                f"{(study.families_out[risky] >= least).mean():.3f}",
            )
            for name, least in (("check_in", study.check_in), ("elevated", study.elevated))
        ),
    ]
    return ["## Our messages", "", *_table(("figure", "five folds", "its family left out"), found)]


def _families(study: Study) -> list[str]:
    found = []
    for family, risk in sorted(
        {(row.family, row.risk) for row in study.authored}, key=lambda key: (not key[1], key[0])
    ):
        chosen = np.array([row.family == family and row.risk == risk for row in study.authored])
        cells = [
            f"{(logits[chosen] >= least).mean():.3f}"
            for logits in (study.folds, study.families_out)
            for least in (study.check_in, study.elevated)
        ]
        found.append((family, AT_RISK if risk else CALM, str(int(chosen.sum())), *cells))
    head = (
        "family",
        "",
        "rows",
        "≥ check_in, five folds",
        "≥ elevated, five folds",
        "≥ check_in, left out",
        "≥ elevated, left out",
    )
    return ["## By family", "", "For calm families the share is of false alarms.", "", *_table(head, found)]


def _languages(study: Study) -> list[str]:
    found = []
    for language in sorted({row.language for row in study.authored}):
        for risk in (True, False):
            chosen = np.array([row.language == language and row.risk == risk for row in study.authored])
            found.append(
                (
                    language,
                    AT_RISK if risk else CALM,
                    str(int(chosen.sum())),
                    f"{(study.folds[chosen] >= study.check_in).mean():.3f}",
                    f"{(study.folds[chosen] >= study.elevated).mean():.3f}",
                )
            )
    return ["## By language, five folds", "", *_table(("language", "", "rows", "≥ check_in", "≥ elevated"), found)]


def _quiet(sets: Iterable[Quiet], study: Study) -> list[str]:
    found = [
        (
            quiet.name,
            str(len(quiet.rules)),
            *(
                f"{thresholds.raised_share(quiet, least, tier):.5f}"
                for tier, least in ((RiskTier.CHECK_IN, study.check_in), (RiskTier.ELEVATED, study.elevated))
            ),
        )
        for quiet in sets
    ]
    note = "The share of texts without risk raised above what the rules gave. Thresholds were chosen on them."
    return ["## Held-out ordinary text", "", note, "", *_table(("set", "texts", "to check_in", "to elevated"), found)]


def _on_cases(study: Study, encoder: Encoder, cases: Sequence[dict[str, Any]]) -> list[str]:
    """The tune cases of the screen, which nothing here was fitted or chosen on."""
    readable = [case for case in cases if encoder.manifest.can_read(case["text"])]
    if not readable:
        return []
    logits = study.head.logits(encoder.vectors([case["text"] for case in readable]))
    rules = [screen(case["text"], (), case["language"]).tier for case in readable]
    found = []
    for family in sorted({case["family"] for case in readable}):
        places = [place for place, case in enumerate(readable) if case["family"] == family]
        missed = [
            p
            for p in places
            if rules[p].rank < RiskTier(readable[p]["expected_min"]).rank and rules[p] is RiskTier.NONE
        ]
        silent = [p for p in places if readable[p]["expected_max"] == "none" and rules[p] is RiskTier.NONE]
        found.append(
            (
                family,
                str(len(places)),
                f"{sum(logits[p] >= study.check_in for p in missed)} of {len(missed)}",
                f"{sum(logits[p] >= study.check_in for p in silent)} of {len(silent)}",
                f"{sum(logits[p] >= study.elevated for p in silent)} of {len(silent)}",
            )
        )
    head = (
        "family",
        "cases read",
        "silent misses of the rules raised",
        "calm cases raised to check_in",
        "calm raised to elevated",
    )
    return ["## The screen's tune cases", "", "None of them was learned from.", "", *_table(head, found)]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]
