"""Verdicts to figures, and the sheet that people fill."""

import csv
import json
from pathlib import Path

import pytest
from attune_training.candidates.generate import Script, generate
from attune_training.errors import DataError
from attune_training.judge import results, sheet
from attune_training.judge.batch import Journal, key_of
from attune_training.judge.calibration import Pair
from attune_training.judge.items import judged, pointwise_items, three_way_items
from attune_training.judge.tasks import CRITERIA, ORDERS, load_rubric


class Fixed:
    def __init__(self, text: str) -> None:
        self.text = text

    def reply(self, messages: object) -> str:
        return self.text


def candidates(folder: Path, count: int = 4, **systems: str) -> list[Path]:
    scripts = [Script(f"p-{number}", "sad", (f"message {number}",)) for number in range(count)]
    for name, text in systems.items():
        generate(name, Fixed(text), scripts, folder / f"{name}.jsonl", lambda _: None)
    return [folder / f"{name}.jsonl" for name in systems]


def line(system: str, number: int, score: int) -> dict[str, object]:
    about = {"id": f"p-{number}", "system": system, "words": 10 + number}
    return {**about, "verdict": {"reason": "", "scores": dict.fromkeys(CRITERIA, score)}}


def test_shares_count_four_and_five_and_leave_out_what_has_no_score() -> None:
    lines = [line("a", n, score) for n, score in enumerate([5, 4, 3, 1])]
    lines.append({"id": "p-9", "system": "a", "words": 3, "unscored": "blocked"})
    found = results.pointwise(lines, {})["a"]
    assert (found["replies"], found["scored"], found["unscored"]) == (5, 4, {"blocked": 1})
    assert found["criteria"]["empathy"]["share_high"]["value"] == 0.5
    assert found["criteria"]["empathy"]["distribution"] == [1, 0, 1, 1, 1]
    assert found["overall"] == 0.5
    assert "expected_expert_share" not in found["criteria"]["empathy"]


def test_a_known_judge_is_calibrated() -> None:
    # Experts agree with half of its fives and none of its threes.
    pairs = [Pair(f"c{n}", f"r{n % 5}", 5, 5 if n % 2 else 2) for n in range(200)]
    pairs += [Pair(f"d{n}", f"r{n % 5}", 3, 2) for n in range(200)]
    found = results.pointwise([line("a", n, 5) for n in range(20)], {"empathy": pairs})["a"]
    expected = found["criteria"]["empathy"]["expected_expert_share"]
    assert expected["value"] == pytest.approx(0.5, abs=0.02)
    assert expected["low"] < expected["value"] < expected["high"]


def test_a_judge_that_loves_the_first_slot_is_found_out(tmp_path: Path) -> None:
    files = candidates(tmp_path, count=10, a="one", b="two words", c="three words here")
    items = three_way_items(files, load_rubric("three-way-1"))
    assert len(items) == 10 * len(ORDERS)
    verdict = {"reason": "", "by_criterion": dict.fromkeys(CRITERIA, "A"), "winner": "A"}
    found = results.three_way([{**item.about, "verdict": verdict} for item in items])
    assert found["slots"] == [60, 0, 0]
    assert found["first_slot"]["p"] < 1e-9
    assert found["order_consistency"] == 0
    assert found["wins"] == {"a": 20, "b": 20, "c": 20, "tie": 0}
    assert found["strength"]["a"] == pytest.approx(1.0)


def test_equal_replies_of_two_systems_share_one_verdict(tmp_path: Path) -> None:
    files = candidates(tmp_path, a="the same", b="the same")
    items = pointwise_items(files, load_rubric("pointwise-1"))
    journal = Journal(tmp_path / "journal.jsonl")
    for item in items[:4]:
        journal.add({"key": key_of("j", item.question), "unscored": "blocked", **item.about})
    assert [row["system"] for row in judged(items, journal, "j")] == ["a"] * 4 + ["b"] * 4


def test_three_systems_are_needed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="three"):
        three_way_items(candidates(tmp_path, a="x", b="y"), load_rubric("three-way-1"))


def filled(path: Path, target: Path, score: str) -> Path:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow({**row, **dict.fromkeys(CRITERIA, score if number else "2")})
    return target


def test_a_sheet_goes_out_without_names_and_comes_back_with_agreement(tmp_path: Path) -> None:
    files = candidates(tmp_path, count=30, first_system="something kind", second_system="another thing")
    path = tmp_path / "sheet.csv"
    assert sheet.write(files, 50, path) == 50
    assert "first_system" not in path.read_text(encoding="utf-8")
    key = json.loads(sheet.key_path(path).read_text(encoding="utf-8"))
    assert {row["system"] for row in key.values()} == {"first_system", "second_system"}
    one, two = filled(path, tmp_path / "one.csv", "5"), filled(path, tmp_path / "two.csv", "5")
    assert sheet.agreement([one, two], None, path)["one and two"]["empathy"] == {
        "items": 50, "kappa": 1.0, "quadratic": 1.0,
    }  # fmt: skip


def test_a_rating_outside_the_scale_is_named_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    sheet.write(candidates(tmp_path, count=50, a="text"), 50, path)
    with pytest.raises(DataError, match=r"wrong\.csv:3: .*empathy"):
        sheet.read_sheet(filled(path, tmp_path / "wrong.csv", "7"))


def test_a_sheet_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="50 and 100"):
        sheet.write([], 10, tmp_path / "sheet.csv")
