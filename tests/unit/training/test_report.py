"""The report from results that are there and from results that are not. Draws, so it needs matplotlib."""

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="the training environment is not installed")

from attune_training.errors import DataError
from attune_training.judge import results
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
    assert text.count("Not run here") == 3
    assert "| satisfied (4 or 5) | 85% (42.5 people; 42 or 43: [71%, 93%]) | not run here |" in text


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
