"""Table III from files. All data here is synthetic."""

import csv
import json
from pathlib import Path

import pytest
from attune_training.__main__ import main
from attune_training.errors import DataError
from attune_training.study import annotations, events, tables
from attune_training.study.annotations import Annotated


def write_csv(path: Path, head: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def test_satisfaction_is_counted_before_it_is_a_share(tmp_path: Path) -> None:
    rows = [[f"p{n}", "5" if n < 42 else "2"] for n in range(50)]
    found = tables.satisfaction(write_csv(tmp_path / "ratings.csv", ["participant", "satisfaction"], rows))
    assert (found["satisfied"], found["participants"]) == (42, 50)
    assert found["share"]["value"] == 0.84
    assert found["share"]["low"] == pytest.approx(0.715, abs=0.002)


def test_eighty_five_per_cent_of_fifty_is_no_number_of_people() -> None:
    assert tables.possible_counts(0.85, 50) == (42.5, False)
    assert tables.possible_counts(0.84, 50)[1]


@pytest.mark.parametrize("rows", [[["p1", "6"]], [["p1", "4"], ["p1", "5"]], [["", "4"]]])
def test_impossible_ratings_are_named_with_their_row(tmp_path: Path, rows: list[list[str]]) -> None:
    path = write_csv(tmp_path / "ratings.csv", ["participant", "satisfaction"], rows)
    with pytest.raises(DataError, match=r"ratings\.csv:\d"):
        tables.satisfaction(path)


def test_sessions_are_timed_and_counted_in_any_order(tmp_path: Path) -> None:
    lines = [
        {"session": "a", "event": "end", "at": "2026-11-01T10:09:00+00:00"},
        {"session": "a", "event": "message", "at": "2026-11-01T10:01:00+00:00"},
        {"session": "a", "event": "start", "at": "2026-11-01T10:00:00+00:00"},
        {"session": "b", "event": "message", "at": "2026-11-01T11:00:00+00:00"},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert events.read_sessions(path) == [events.Session(9.0, 1), events.Session(0.0, 1)]


@pytest.mark.parametrize("change", [{"text": "what was said"}, {"event": "typed"}, {"at": "yesterday"}])
def test_an_event_holds_no_text(tmp_path: Path, change: dict[str, str]) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps({"session": "a", "event": "start", "at": "2026-11-01T10:00:00Z"} | change))
    with pytest.raises(DataError, match=r"events\.jsonl:1"):
        events.read_sessions(path)


ITEMS = [Annotated(f"i{n}", f"message {n}", "sad" if n < 6 else "happy") for n in range(10)]


def test_annotation_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path, shown = tmp_path / "rater-1.csv", list[str]()
    answers = iter(["2", "q"])
    assert annotations.annotate(ITEMS, path, lambda _: next(answers), shown.append) == 1
    answers = iter(["nonsense", "happy", *["s"] * 8])
    assert annotations.annotate(ITEMS, path, lambda _: next(answers), shown.append) == 9
    assert annotations.read_labels(path) == {"i0": "sad", "i1": "happy"}
    assert not any("sad" in text or "happy" in text for text in shown), "the system's reading is not shown"


def test_figures_are_over_what_both_raters_agree_on() -> None:
    first = {item.item: item.predicted for item in ITEMS}
    second = {**first, "i0": "angry"}
    wrong = [item._replace(predicted="angry") if item.item == "i9" else item for item in ITEMS]
    found = annotations.score(wrong, first, second)
    assert (found["rated_by_both"], found["agreed"]) == (10, 9)
    assert found["accuracy"]["value"] == pytest.approx(8 / 9)
    assert found["recall"] == pytest.approx((1 + 3 / 4) / 2)
    assert found["precision"] == pytest.approx((1 + 1 + 0) / 3)
    assert 0 < found["kappa"] < 1


def test_a_label_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="item i0"):
        annotations.read_labels(write_csv(tmp_path / "r.csv", ["item", "label"], [["i0", "melancholy"]]))


def test_an_empty_folder_says_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ratings\.csv"):
        tables.table(tmp_path)


def write_study(folder: Path) -> Path:
    """A made-up study of the paper's size: 50 people, one talk each, 500 messages, two raters."""
    ratings = [[f"person-{n}", str(5 if n < 43 else 3)] for n in range(50)]
    write_csv(folder / "ratings.csv", ["participant", "satisfaction"], ratings)
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        for n in range(50):
            times = [("start", 0), *(("message", minute) for minute in range(1, 1 + n % 10)), ("end", 10)]
            for event, minute in times:
                row = {"session": f"s{n}", "event": event, "at": f"2026-11-01T10:{minute:02}:00Z"}
                file.write(json.dumps(row) + "\n")
    labels = annotations.LABELS
    rows = [(f"i{n}", labels[n % 5], labels[n % 5] if n % 10 else labels[(n + 1) % 5]) for n in range(500)]
    items = [json.dumps({"item": i, "text": f"made-up message {i}", "predicted": read}) for i, _, read in rows]
    (folder / "items.jsonl").write_text("\n".join(items), encoding="utf-8")
    write_csv(folder / "rater-1.csv", ["item", "label"], [[i, truth] for i, truth, _ in rows])
    other = [[i, labels[0] if n % 20 == 1 else truth] for n, (i, truth, _) in enumerate(rows)]
    write_csv(folder / "rater-2.csv", ["item", "label"], other)
    return folder


def test_table_three_comes_from_files_alone(tmp_path: Path) -> None:
    found = tables.table(write_study(tmp_path))
    assert found["satisfaction"]["satisfied"] == 43
    assert found["sessions"] == 50
    assert (found["minutes"]["mean"], found["interactions"]["mean"]) == (10.0, 4.5)
    # Of 500, 25 are rated differently; the model misreads the 50 whose number ends in 0, on which the raters agree.
    assert (found["emotion"]["rated_by_both"], found["emotion"]["agreed"]) == (500, 475)
    assert found["emotion"]["accuracy"]["value"] == pytest.approx(425 / 475)
    assert 0.9 < found["emotion"]["kappa"] < 1


def test_the_command_writes_what_the_report_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["study", "table", str(write_study(tmp_path))])
    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "table-3.json").read_text(encoding="utf-8"))
