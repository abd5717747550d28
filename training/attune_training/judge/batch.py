"""Runs many questions against a judge: bounded concurrency, retry budget, cost cap, resume without paying twice.

The journal is a JSONL file with one line an answered item, flushed to disk before the item counts as done. Its key is a
hash of judge, rubric and material, so it is the cache too: the same question is never asked again.
"""

import asyncio
import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from attune_training.judge.errors import BudgetSpent, JudgeError, Refused
from attune_training.judge.ports import Answer, Judge, Question

BACKOFF_S_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Item:
    """One question with what it is about (prompt id, system, order, …), which is written beside its verdict."""

    question: Question
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a batch. Prices are in US dollars a million tokens; `retries_share` follows Finagle's retry budget."""

    concurrency: int = 4
    attempts_max: int = 5
    retries_share: float = 0.5
    cost_usd_max: float = 5.0
    input_usd_per_million: float = 0.30
    output_usd_per_million: float = 2.50


@dataclass
class Outcome:
    """What a batch did. `unscored` counts reasons; nothing unscored has a score."""

    asked: int = 0
    answered: int = 0
    from_cache: int = 0
    retries: int = 0
    cost_usd: float = 0.0
    stopped: str | None = None
    unscored: Counter[str] = field(default_factory=Counter)


def key_of(judge: str, question: Question) -> str:
    """Hash of everything that the verdict depends on."""
    parts = [judge, question.system, question.material, json.dumps(question.schema, sort_keys=True)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class Journal:
    """Answered items on disk. A last line cut by a kill is dropped and its item asked again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[str, dict[str, Any]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:
                    continue
                self.lines[row["key"]] = row
            self.mend()
        path.parent.mkdir(parents=True, exist_ok=True)

    def mend(self) -> None:
        """Removes a cut line. The whole file is replaced at once, so that a kill here loses nothing that was paid."""
        whole = "".join(json.dumps(row) + "\n" for row in self.lines.values())
        if self.path.read_text(encoding="utf-8") != whole:
            beside = self.path.with_suffix(".mended")
            beside.write_text(whole, encoding="utf-8")
            beside.replace(self.path)

    def add(self, row: dict[str, Any]) -> None:
        """Appends one line and waits until it is on disk."""
        self.lines[row["key"]] = row
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
            file.flush()
            os.fsync(file.fileno())


class Batch:
    """One run over a journal. `sleep` and `rng` are passed in for tests."""

    def __init__(
        self,
        judge: Judge,
        journal: Journal,
        limits: Limits,
        *,
        sleep: Callable[[float], Any] = asyncio.sleep,
        rng: random.Random | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.judge = judge
        self.journal = journal
        self.limits = limits
        self.sleep = sleep
        self.rng = rng or random.Random(0)
        self.progress = progress
        self.outcome = Outcome()

    async def run(self, items: Iterable[Item], read: Callable[[str], Any]) -> Outcome:
        """Judges what the journal does not hold yet. `read` turns an answer into a verdict or raises Unreadable."""
        waiting = list(self.unanswered(items))
        queue = iter(waiting)

        async def worker() -> None:
            for key, item in queue:
                if self.outcome.stopped:
                    return
                await self.settle(key, item, read)
                self.progress(1)

        await asyncio.gather(*(worker() for _ in range(min(self.limits.concurrency, len(waiting)))))
        return self.outcome

    def unanswered(self, items: Iterable[Item]) -> Iterable[tuple[str, Item]]:
        """Items whose key is new, each once."""
        seen: set[str] = set()
        for item in items:
            key = key_of(self.judge.name, item.question)
            if key in self.journal.lines or key in seen:
                self.outcome.from_cache += key in self.journal.lines
                continue
            seen.add(key)
            yield key, item

    async def settle(self, key: str, item: Item, read: Callable[[str], Any]) -> None:
        """Asks until there is an answer or a reason why not, and writes the line."""
        try:
            answer = await self.ask(item.question)
        except (Refused, BudgetSpent) as error:
            self.outcome.stopped = str(error)
            return
        except JudgeError as error:
            self.outcome.unscored[error.reason] += 1
            if not error.retry:  # A busy judge may answer in the next run; the others would say the same.
                spent = {"input_tokens": error.input_tokens, "output_tokens": error.output_tokens}
                row = {"key": key, **item.about, "judge": self.judge.name, **spent, "unscored": error.reason}
                self.journal.add(row)
            return
        row = {"key": key, **item.about, "judge": self.judge.name, **usage_of(answer)}
        try:
            row["verdict"] = asdict(read(answer.text))
            self.outcome.answered += 1
        except JudgeError as error:
            row["unscored"] = error.reason
            self.outcome.unscored[error.reason] += 1
        self.journal.add(row)

    async def ask(self, question: Question) -> Answer:
        """Asks with retries inside the budget. Raises the last JudgeError."""
        for attempt in range(1, self.limits.attempts_max + 1):
            if self.outcome.cost_usd >= self.limits.cost_usd_max:
                raise BudgetSpent(f"the cap of {self.limits.cost_usd_max:.2f} US dollars is reached")
            self.outcome.asked += 1
            try:
                answer = await self.judge.ask(question)
            except JudgeError as error:
                self.outcome.cost_usd += self.cost(error)
                if not error.retry or attempt == self.limits.attempts_max or not self.may_retry():
                    raise
                self.outcome.retries += 1
                await self.sleep(min(BACKOFF_S_MAX, 2.0 ** (attempt - 1)) * (0.5 + self.rng.random()))
                continue
            self.outcome.cost_usd += self.cost(answer)
            return answer
        raise AssertionError("the loop returns or raises")

    def may_retry(self) -> bool:
        """Retries are a share of all questions (with ten free), so that a dead judge is not hammered."""
        return self.outcome.retries < 10 + self.limits.retries_share * self.outcome.asked

    def cost(self, answer: Answer | JudgeError) -> float:
        """US dollars of one answer; one that was cut or blocked is paid for too."""
        input_usd = answer.input_tokens * self.limits.input_usd_per_million
        return (input_usd + answer.output_tokens * self.limits.output_usd_per_million) / 1e6


def usage_of(answer: Answer) -> dict[str, int]:
    """Token counts for the journal."""
    return {"input_tokens": answer.input_tokens, "output_tokens": answer.output_tokens}
