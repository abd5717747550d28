"""The report from results that are there and from results that are not. Draws, so it needs matplotlib."""

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="the training environment is not installed")

from attune_training.errors import DataError
from attune_training.judge import calibration, results
from attune_training.judge.calibration import Pair
from attune_training.judge.tasks import CRITERIA
from attune_training.report import page, sources


def judged(folder: Path) -> Path:
    verdict = {"reason": "", "scores": dict.fromkeys(CRITERIA, 4)}
    lines = [{"id": f"p-{n}", "system": "ours", "words": n, "verdict": verdict} for n in range(10)]
    figures = {"systems": results.pointwise(lines, {}), "judge": "smollm2-test", "judge_at": "here", "rubric": "r-1"}
    (folder / "results.pointwise.json").write_text(json.dumps(figures))
    return folder


def test_what_was_not_run_is_said_and_never_filled_in(tmp_path: Path) -> None:
    text = page.markdown(page.parts(sources.gather(tmp_path, [], None)))
    assert text.count("Not run here") == 4
    assert "| satisfied (4 or 5) | 85% (42.5 people; 42 or 43: [71%, 93%]) | not run here | – |" in text


def test_figures_stand_beside_the_papers(tmp_path: Path) -> None:
    text = page.markdown(page.parts(sources.gather(judged(tmp_path), [], None)))
    assert re.search(r"\| Qwen2-7B \| 94 % \[88%, 97%\]", text)
    assert "| ours | 100% [100%, 100%] |" in text
    assert "| ours − paper's Qwen2-7B | +6 | +7 | +10 | +9 |" in text
    assert "far too small to judge" in text
    assert "uncalibrated" in text


def test_the_page_refers_to_nothing_outside(tmp_path: Path) -> None:
    text = page.page(page.parts(sources.gather(judged(tmp_path), [], None)))
    assert "<svg" in text
    assert not re.search(r"""(?:src|href)=["'](?!#)|@import|url\((?!#)""", text)


def test_a_run_without_metrics_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"x={tmp_path}"):
        sources.gather(tmp_path, [f"x={tmp_path}"], None)


def calibrated(folder: Path) -> Path:
    """Experts agree with four of five of the judge's fives and with no one; six systems alike."""
    pairs = [Pair(f"c{n}", f"r{n % 6}", 5 if n % 3 else 1, 5 if n % 3 and n % 5 else 2) for n in range(900)]
    found = {name: calibration.figures(pairs) for name in calibration.ATTRIBUTES}
    figures = {"rater": "judge-test", "attributes": found, "models_only": found}
    (folder / "calibration.json").write_text(json.dumps(figures))
    return folder


def test_the_papers_shares_stand_beside_what_experts_would_say(tmp_path: Path) -> None:
    text = page.markdown(page.parts(sources.gather(calibrated(tmp_path), [], None)))
    row = next(line for line in text.splitlines() if line.startswith("| Qwen2-7B"))
    empathy, flow = row.split(" | ")[1], row.split(" | ")[4]
    assert re.match(r"94 % \[88%, 97%\] → experts 7[45]% \[\d+%, \d+%\]", empathy)
    assert flow == "91 % [84%, 95%]", "nothing in MentalAlign stands for flow"
    assert "taken for judge-test" in text


def test_position_length_and_criteria_are_shown(tmp_path: Path) -> None:
    verdict = {"reason": "", "by_criterion": dict.fromkeys(CRITERIA, "A"), "winner": "A"}
    orders = [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]] * 10
    lines = [
        {"id": f"p-{n // 3}", "systems": order, "words": [9, 5, 1], "verdict": verdict}
        for n, order in enumerate(orders)
    ]
    figures = {**results.three_way(lines), "judge": "first-slot", "judge_at": "here"}
    (tmp_path / "results.three-way.json").write_text(json.dumps(figures))
    text = page.markdown(page.parts(sources.gather(tmp_path, [], None)))
    assert "Slot A wins 100% [89%, 100%]" in text
    assert "The same system wins in every order for 0% of the prompts." in text
    assert "| empathy | 10 | 10 | 10 | 0 |" in text


def test_a_study_fills_table_three_with_differences(tmp_path: Path) -> None:
    study = {
        "satisfaction": {"participants": 50, "satisfied": 43, "share": {"value": 0.86, "low": 0.74, "high": 0.93}},
        "minutes": {"mean": 10.0, "median": 10.0},
    }
    (tmp_path / "table-3.json").write_text(json.dumps(study))
    text = page.markdown(page.parts(sources.gather(tmp_path, [], tmp_path)))
    assert "| 43 of 50 (86% [74%, 93%]) | +0.01 |" in text
    assert "| mean minutes a session | 9 | 10.0 | +1.00 |" in text
    assert "| kappa | 0.82 | not run here | – |" in text


def test_agreement_with_people_is_shown(tmp_path: Path) -> None:
    agreed = {"ann and judge": {"empathy": {"items": 60, "kappa": 0.31, "quadratic": 0.52}, "flow": {"items": 0}}}
    (tmp_path / "agreement.json").write_text(json.dumps(agreed))
    text = page.markdown(page.parts(sources.gather(tmp_path, [], None)))
    assert "| ann and judge | empathy | 60 | 0.31 | 0.52 |" in text
    assert "| ann and judge | flow | 0 | – | – |" in text
