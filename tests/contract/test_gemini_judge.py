"""The genuine google-genai client against a server that speaks Gemini's REST shape, over a socket."""

import contextlib
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from attune_contracts.chat import Message
from attune_training.judge.batch import Batch, Item, Journal, Limits
from attune_training.judge.errors import Blocked, Busy, Cut, Refused
from attune_training.judge.gemini import GeminiJudge
from attune_training.judge.tasks import (
    judge_conversations,
    load_rubric,
    pointwise_question,
    read_scores,
    three_way_question,
)

from tests.support.gemini_server import GeminiServer, run_gemini_server

RUBRIC = load_rubric("pointwise-1")


def item(word: str, number: int = 0) -> Item:
    history = [Message(role="user", content=f"message {number} {word}")]
    return Item(pointwise_question(history, "a reply of some eight or nine words in all", RUBRIC), {"id": number})


@contextlib.asynccontextmanager
async def judged(model: str = "gemini-test") -> AsyncIterator[tuple[GeminiServer, GeminiJudge]]:
    async with run_gemini_server() as server:
        judge = GeminiJudge(model, "test-key", server.url)
        try:
            yield server, judge
        finally:
            await judge.aclose()


async def no_wait(_: float) -> None:
    """Stands in for asyncio.sleep."""


async def test_a_verdict_is_read_with_its_tokens() -> None:
    async with judged() as (_, judge):
        answer = await judge.ask(item("plain").question)
    assert read_scores(answer.text).scores == {"empathy": 2, "understanding": 2, "advice": 3, "flow": 4}
    assert (answer.input_tokens, answer.output_tokens) == (100, 40)


@pytest.mark.parametrize(
    ("word", "error"), [("BLOCK", Blocked), ("CUT", Cut), ("DOWN", Busy), ("BUSY", Busy), ("MALFORMED", Busy)]
)
async def test_each_failure_has_its_name(word: str, error: type[Exception]) -> None:
    async with judged() as (_, judge):
        with pytest.raises(error):
            await judge.ask(item(word).question)


async def test_a_service_that_refuses_us_is_no_retry() -> None:
    async with judged("no such model") as (_, judge):
        with pytest.raises(Refused, match="key and the model"):
            await judge.ask(item("plain").question)


async def test_a_batch_scores_what_can_be_scored_and_counts_the_rest(tmp_path: Path) -> None:
    words = ["plain", "BLOCK", "CUT", "BUSY", "DOWN", "plain2"]
    items = [item(word, number) for number, word in enumerate(words)]
    async with judged() as (server, judge):
        journal = Journal(tmp_path / "journal.jsonl")
        batch = Batch(judge, journal, Limits(attempts_max=3), sleep=no_wait, rng=random.Random(1))
        outcome = await batch.run(items, read_scores)
        assert outcome.answered == 3
        assert outcome.unscored == {"blocked": 1, "cut": 1, "busy": 1}
        scored = [row for row in journal.lines.values() if "verdict" in row]
        assert sorted(row["id"] for row in scored) == [0, 3, 5]
        again = await Batch(judge, Journal(journal.path), Limits(attempts_max=1), sleep=no_wait).run(items, read_scores)
    assert again.asked == 1, "only the busy one is asked again"
    assert max(server.paid[material] for material in server.paid) == 1


async def test_the_cost_cap_stops_cleanly(tmp_path: Path) -> None:
    limits = Limits(concurrency=1, cost_usd_max=0.0004)
    async with judged() as (_server, judge):
        journal = Journal(tmp_path / "journal.jsonl")
        outcome = await Batch(judge, journal, limits).run([item("plain", n) for n in range(20)], read_scores)
    assert outcome.stopped is not None
    assert "cap" in outcome.stopped
    assert 0 < len(journal.lines) < 20
    assert all("verdict" in json.loads(line) for line in journal.path.read_text().splitlines())


async def test_the_papers_function_returns_the_winning_conversation() -> None:
    def conversation(words: int) -> list[Message]:
        return [Message(role="user", content="hi"), Message(role="assistant", content="word " * words)]

    async with judged() as (_, judge):
        assert await judge_conversations(conversation(5), conversation(50), conversation(9), judge=judge) == "b"
        assert await judge_conversations(conversation(5), conversation(5), conversation(5), judge=judge) == "tie"


def test_the_papers_prompt_is_word_for_word() -> None:
    text = load_rubric("three-way-1").text
    assert text.startswith("You are an expert evaluator in mental health support conversations.")
    assert "between a therapist chatbot and a user." in text
    question = three_way_question([[], [], []], (2, 0, 1), load_rubric("three-way-1"))
    assert question.system == text
