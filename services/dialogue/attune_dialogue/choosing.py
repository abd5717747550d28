"""Lets a small model draft while authored replies wait, and says the one that fits best. Called by turn.py.

A strong engine speaks for itself (speech.py). Whatever is late or down takes no part: an authored reply is there.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from attune_contracts.chat import Message
from attune_contracts.dialogue import ReplySource
from attune_kit.errors import OperationalError

from attune_dialogue.domain.choice import Candidate, best_of, choose
from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.sentences import SentenceBuffer, split
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Generation, Generator, Matcher

SENTENCES_MAX = 4


@dataclass(frozen=True, slots=True)
class DraftLimits:
    """How many drafts are drawn at once; `until_s` counts from the start of the turn."""

    drafts: int
    until_s: float
    tokens_max: int
    temperature: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """One reply to be chosen. `gate` makes a gate for a number of sentences; without `messages` nothing is drafted.

    `near` are whole replies, `says` take one of `asks` after them. Without `scored` chance decides among authored ones.
    """

    text: str
    messages: Sequence[Message]
    near: Sequence[str]
    says: Sequence[str]
    asks: Sequence[str]
    gate: Callable[[int], Gate]
    sentences_max: int
    outlet: Outlet
    started: float
    seed: int
    scored: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reply, None when a template should answer. `late`: the model was asked and gave nothing in time."""

    reply: Candidate | None
    late: bool
    rejected: tuple[str, ...]


class Chooser:
    """One generator and one matcher, shared by all turns."""

    def __init__(self, generator: Generator, matcher: Matcher, limits: DraftLimits) -> None:
        self._generator = generator
        self._matcher = matcher
        self._limits = limits

    async def choose(self, wanted: Wanted) -> Chosen:
        """Drafts and scores within the time there is."""
        rejected: list[str] = []
        whole = [Candidate(one, ReplySource.AUTHORED) for one in passing(wanted.near, wanted)]
        says = [Candidate(one, ReplySource.AUTHORED, open=True) for one in passing(wanted.says, wanted)]
        asks = [" ".join(one) for one in passing(wanted.asks, wanted)]
        drafts, late = await self._drafts(wanted, rejected) if wanted.messages else ([], False)
        candidates = [*whole, *says, *drafts]
        texts = [*(candidate.text for candidate in candidates), *asks]
        fits = await self._matcher.fit(wanted.text, texts) if wanted.scored and texts else None
        if fits is None:
            candidates = [*whole, *says]
            chance = random.Random(wanted.seed)  # noqa: S311  no secret: which of equally good replies is said
        scores = fits or tuple(chance.random() for _ in (*candidates, *asks))
        reply = choose(candidates, scores[: len(candidates)])
        if reply is not None and reply.open and asks:
            reply = reply.asking(best_of(asks, scores[len(candidates) :]))
        return Chosen(reply, late, tuple(rejected))

    async def _drafts(self, wanted: Wanted, rejected: list[str]) -> tuple[list[Candidate], bool]:
        """Whatever passed the gate by the deadline, and whether every draft was late or failed."""
        gates = [wanted.gate(wanted.sentences_max) for _ in range(self._limits.drafts)]
        tasks = [
            asyncio.create_task(self._draft(wanted, gate, wanted.seed + number, rejected))
            for number, gate in enumerate(gates)
        ]

        def stop() -> None:
            for task in tasks:
                task.cancel()

        wanted.outlet.on_stop(stop)
        left = wanted.started + self._limits.until_s - asyncio.get_running_loop().time()
        _, waiting = await asyncio.wait(tasks, timeout=max(0.0, left))
        for task in waiting:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        wanted.outlet.on_stop(None)
        said = [Candidate(tuple(gate.passed), ReplySource.MODEL) for gate in gates if gate.passed]
        heard = any(result is True for result in results)
        return list(dict.fromkeys(said)), not said and not heard

    async def _draft(self, wanted: Wanted, gate: Gate, seed: int, rejected: list[str]) -> bool:
        """One stream, ended by the first sentence that does not pass. False when the engine failed."""
        buffer = SentenceBuffer()
        request = Generation(wanted.messages, self._limits.tokens_max, self._limits.temperature, seed)
        try:
            async with aclosing(self._generator.stream(request)) as pieces:
                async for piece in pieces:
                    for sentence in buffer.feed(piece):
                        if reason := gate.judge(sentence):
                            rejected.append(reason)
                            return True
                        if gate.full:
                            return True
                if (rest := buffer.rest()) and (reason := gate.judge(rest)):
                    rejected.append(reason)
        except OperationalError:
            return False
        return True


def passing(texts: Sequence[str], wanted: Wanted) -> list[tuple[str, ...]]:
    """The sentences of those texts of which the lint refuses none."""
    found: list[tuple[str, ...]] = []
    for text in texts:
        gate = wanted.gate(SENTENCES_MAX)
        if not any(gate.judge(sentence) for sentence in split(text)):
            found.append(tuple(gate.passed))
    return found
