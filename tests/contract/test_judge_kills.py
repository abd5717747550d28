"""The judge is killed ten times at random points: every item is scored once, and nothing on disk is bought again."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.support.gemini_server import GeminiServer, run_gemini_server

REPLIES = 150
KILLS = 10
CONCURRENCY = 4


def write_candidates(folder: Path) -> Path:
    path = folder / "system.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(REPLIES):
            messages = [
                {"role": "user", "content": f"message {number}"},
                {"role": "assistant", "content": "word " * (1 + number % 40)},
            ]
            row = {"id": f"p-{number}", "system": "system", "emotion": "sad", "messages": messages}
            file.write(json.dumps(row) + "\n")
    return path


async def start(server: GeminiServer, candidates: Path, folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "attune_training", "judge", "pointwise", str(candidates),
        "--judge", "gemini-test", "--base-url", server.url, "--concurrency", str(CONCURRENCY), "--to", str(folder),
        env={**os.environ, "GEMINI_API_KEY": "a key for a server on loopback"},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def journal_of(folder: Path) -> list[dict[str, object]]:
    path = folder / "pointwise.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = []
    for line in lines:
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            assert line is lines[-1], "only the line that the kill cut may be broken"
    return rows


async def until_asked(server: GeminiServer, count: int) -> None:
    while server.asked.total() < count:  # noqa: ASYNC110 - the server of the tests only counts
        await asyncio.sleep(0.002)


@pytest.mark.timeout(170)
async def test_ten_kills_lose_nothing_and_buy_nothing_twice(tmp_path: Path) -> None:
    candidates, rng = write_candidates(tmp_path), random.Random(4)
    async with run_gemini_server(latency_s=0.02) as server:
        for _ in range(KILLS):
            before = server.asked.total()
            process = await start(server, candidates, tmp_path)
            await asyncio.wait_for(until_asked(server, before + rng.randrange(3, 14)), 60)
            await asyncio.sleep(rng.random() * 0.03)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            on_disk = {str(row["id"]) for row in journal_of(tmp_path)}
            asked_of_disk = Counter({m: n for m, n in server.asked.items() if id_of(m) in on_disk})
        last = await start(server, candidates, tmp_path)
        _, errors = await asyncio.wait_for(last.communicate(), 100)
    assert last.returncode == 0, errors.decode()[-500:]
    rows = journal_of(tmp_path)
    assert sorted(str(row["id"]) for row in rows) == sorted(f"p-{number}" for number in range(REPLIES))
    assert all("verdict" in row for row in rows)
    assert all(server.asked[material] == count for material, count in asked_of_disk.items())
    # What was on its way when a process died has to be asked again; that is at most one item a worker and kill.
    assert server.asked.total() - REPLIES <= KILLS * CONCURRENCY


def id_of(material: str) -> str:
    return "p-" + material.split("message ", 1)[1].split("\n", 1)[0]
