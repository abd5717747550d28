"""The judge's commands, one after the other, with the genuine Gemini client against a server of Gemini's shape."""

import asyncio
import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.support.gemini_server import run_gemini_server

PROMPTS = 20
EMOTIONS = ("angry", "anxious", "happy", "neutral", "sad")
WORDS = {"short": 4, "middle": 12, "long": 36}


def write_candidates(folder: Path) -> list[str]:
    """Three systems that differ in length, which is what the server judges by. One prompt is blocked, one is cut."""
    for system, count in WORDS.items():
        with (folder / f"{system}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(PROMPTS):
                trouble = {3: " BLOCK", 7: " CUT"}.get(number, "")
                messages = [
                    {"role": "user", "content": f"message {number}{trouble}"},
                    {"role": "assistant", "content": f"{system[0]}{number} " + "word " * (count - 1)},
                ]
                emotion = EMOTIONS[number // 4]
                row = {"id": f"p-{number}", "system": system, "emotion": emotion, "messages": messages}
                file.write(json.dumps(row) + "\n")
    return [f"{system}.jsonl" for system in WORDS]


async def judge(*arguments: str) -> str:
    """Runs one step as a person would and returns what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "attune_training", "judge", *arguments,
        env={**os.environ, "GEMINI_API_KEY": "a key for a server on loopback"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, errors.decode()[-800:]
    return out.decode()


def results(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"results.{name}.json").read_text(encoding="utf-8"))
    return found


def fill(sheet: Path, target: Path) -> Path:
    """A rater who counts words as the server does, but is stricter by one."""
    with sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            level = max(1, min(5, 1 + len(row["reply"].split()) // 8) - 1)
            writer.writerow({**row, "empathy": level, "understanding": level, "advice": 3, "flow": 4})
    return target


async def test_from_candidates_to_figures_and_agreement(tmp_path: Path) -> None:
    files, to = write_candidates(tmp_path), ("--to", str(tmp_path))
    async with run_gemini_server() as server:
        where = ("--judge", "gemini-test", "--base-url", server.url, *to)
        await judge("pointwise", *files, *where)
        await judge("three-way", *files, *where, "--sample", "10")
        asked = server.asked.total()
        again = await judge("pointwise", *files, *where)
        assert server.asked.total() == asked, "what is in the journal is not asked again"
    assert "0 judged, 60 from the journal" in again

    found = results(tmp_path, "pointwise")
    assert (found["judge"], found["judge_at"]) == ("gemini-test", "a local server of Gemini's shape")
    for system in WORDS:
        assert found["systems"][system]["unscored"] == {"blocked": 1, "cut": 1}
        assert found["systems"][system]["scored"] == PROMPTS - 2
    shares = {name: system["criteria"]["empathy"]["share_high"]["value"] for name, system in found["systems"].items()}
    assert shares == {"short": 0.0, "middle": 0.0, "long": 1.0}

    sides = results(tmp_path, "three-way")
    assert sides["comparisons"] == 10 * 6, "two prompts of each emotion, six orders"
    assert sides["scored"] == sides["comparisons"] - sum(sides["unscored"].values())
    assert sides["wins"] == {"long": sides["scored"], "middle": 0, "short": 0, "tie": 0}
    assert (sides["order_consistency"], sides["longest_wins"]["value"]) == (1.0, 1.0)
    assert sides["first_slot"]["value"] == 1 / 3, "a judge of lengths has no preferred slot"

    sheet = tmp_path / "sheet.csv"
    await judge("sheet", *(str(tmp_path / name) for name in files), "--count", "60", "--to", str(sheet))
    filled, journal, agreed = fill(sheet, tmp_path / "ann.csv"), tmp_path / "pointwise.jsonl", tmp_path / "agreed.json"
    key = ("--key", str(tmp_path / "sheet.key.json"))
    await judge("agree", str(filled), "--journal", str(journal), *key, "--to", str(agreed))
    kappas = json.loads(agreed.read_text(encoding="utf-8"))["ann and judge"]
    assert kappas["empathy"]["items"] == 3 * (PROMPTS - 2)
    assert kappas["empathy"]["kappa"] < kappas["empathy"]["quadratic"] < 1


async def test_the_cost_cap_stops_and_a_higher_one_goes_on(tmp_path: Path) -> None:
    files = write_candidates(tmp_path)
    async with run_gemini_server() as server:
        where = ("--judge", "gemini-test", "--base-url", server.url, "--to", str(tmp_path), "--concurrency", "1")
        # 100 tokens in and 40 out are 0.00013 dollars an answer.
        stopped = await judge("pointwise", *files, *where, "--cost-cap", "0.001")
        assert "stopped: the cap" in stopped
        bought = server.paid.total()
        assert 8 <= bought <= 9
        await judge("pointwise", *files, *where)
        assert server.paid.total() == 3 * PROMPTS
        assert set(server.paid.values()) == {1}
