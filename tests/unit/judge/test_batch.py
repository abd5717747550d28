"""The journal after a kill, and what an answer without a verdict costs."""

import json
from pathlib import Path

from attune_training.judge.batch import Batch, Item, Journal, Limits
from attune_training.judge.errors import Cut
from attune_training.judge.gemini import read_response
from attune_training.judge.items import balanced
from attune_training.judge.ports import Answer, Question
from google.genai import types


def lines(count: int) -> str:
    return "".join(json.dumps({"key": f"k{number}", "verdict": {}}) + "\n" for number in range(count))


def test_a_cut_line_is_removed_and_the_next_one_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    for cut in ('{"key": "k3", "ver', '{"key": "k2", "verdict": {}}'):  # the second lacks only its line end
        path.write_text(lines(2) + cut, encoding="utf-8")
        Journal(path).add({"key": "k9", "verdict": {}})
        assert [json.loads(line)["key"] for line in path.read_text(encoding="utf-8").splitlines()][-1] == "k9"
        assert "k1" in Journal(path).lines


def test_a_whole_journal_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(lines(3), encoding="utf-8")
    before = path.stat()
    assert len(Journal(path).lines) == 3
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_kill_while_mending_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(lines(3) + '{"ke', encoding="utf-8")
    path.with_suffix(".mended").write_text(lines(1), encoding="utf-8")  # what a killed run left behind
    assert set(Journal(path).lines) == {"k0", "k1", "k2"}
    assert path.read_text(encoding="utf-8") == lines(3)


class AlwaysCut:
    """A judge whose answers cost ten thousand tokens each and never end."""

    name = "cut"
    asked = 0

    async def ask(self, question: Question) -> Answer:
        self.asked += 1
        raise Cut("the answer reached the token limit", input_tokens=0, output_tokens=10_000)

    async def aclose(self) -> None:
        """Nothing is open."""


async def test_cut_answers_count_against_the_cap(tmp_path: Path) -> None:
    judge, limits = AlwaysCut(), Limits(concurrency=1, cost_usd_max=0.1, output_usd_per_million=2.5)
    items = [Item(Question("", f"m{number}", {}), {"id": number}) for number in range(20)]
    outcome = await Batch(judge, Journal(tmp_path / "j.jsonl"), limits).run(items, lambda _: None)
    assert judge.asked == 4, "0.025 dollars each"
    assert outcome.stopped is not None


def test_thoughts_are_paid_for() -> None:
    response = types.GenerateContentResponse.model_validate(
        {
            "candidates": [{"content": {"role": "model", "parts": [{"text": "{}"}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5, "thoughtsTokenCount": 300},
        }
    )
    assert read_response(response) == Answer("{}", 7, 305)


def test_a_sample_is_balanced_and_keeps_every_order() -> None:
    about = [
        {"id": f"{emotion}-{number}", "emotion": emotion}
        for emotion in ("sad", "angry", "happy")
        for number in range(9)
    ]
    items = [Item(Question("", "", {}), one) for one in about for _ in range(6)]
    kept = balanced(items, 7)
    assert len(kept) == 7 * 6
    assert {item.about["id"] for item in kept} == {
        "sad-0", "sad-1", "sad-2", "angry-0", "angry-1", "happy-0", "happy-1",
    }  # fmt: skip
