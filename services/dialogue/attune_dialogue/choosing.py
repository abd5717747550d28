"""Lets a small model draft while authored replies wait, and says the one that fits best. Called by turn.py.

A strong engine speaks for itself (speech.py). Whatever is late or down takes no part: an authored reply is there.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from attune_contracts.chat import Message
from attune_contracts.dialogue import ReplySource
from attune_kit.errors import OperationalError

from attune_dialogue.domain.choice import NEAR_ENOUGH, Candidate, choose
from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.plan import Written
from attune_dialogue.domain.sentences import SentenceBuffer, is_question, split
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

    Without `scored` chance decides among those of `written` that were written for the situation.
    """

    text: str
    messages: Sequence[Message]
    written: Sequence[Written]
    gate: Callable[[int], Gate]
    sentences_max: int
    outlet: Outlet
    started: float
    seed: int
    scored: bool
    sure: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reply, None when a template should answer. `late`: the model was asked and gave nothing in time."""

    reply: Candidate | None
    late: bool
    rejected: tuple[str, ...] = ()


class Chooser:
    """One generator and one matcher, shared by all turns."""

    def __init__(self, generator: Generator, matcher: Matcher, limits: DraftLimits) -> None:
        self._generator = generator
        self._matcher = matcher
        self._limits = limits

    async def choose(self, wanted: Wanted) -> Chosen:
        """Scores what is written; drafts, within the time there is, only where nothing written is near."""
        candidates = written(wanted)
        fits = await self._fits(wanted, candidates)
        if fits is None:
            authored = [one for one in candidates if one.source is ReplySource.AUTHORED]
            chance = random.Random(wanted.seed)  # noqa: S311  no secret: which of equally good replies is said
            return Chosen(best_of(authored, {text: chance.random() for text in texts_of(authored)}, wanted), late=False)
        if not wanted.messages or any(fits[one.text] >= max(NEAR_ENOUGH, one.fit_min) for one in candidates):
            return Chosen(best_of(candidates, fits, wanted), late=False)
        rejected: list[str] = []
        drafts, late = await self._drafts(wanted, rejected)
        drafted = await self._fits(wanted, drafts)
        if drafted is not None:
            candidates, fits = [*candidates, *drafts], {**fits, **drafted}
        return Chosen(best_of(candidates, fits, wanted), late, tuple(rejected))

    async def _fits(self, wanted: Wanted, candidates: Sequence[Candidate]) -> dict[str, float] | None:
        """How near every reply and every question is to the message; None when nobody can tell."""
        if not wanted.scored:
            return None
        texts = texts_of(candidates)
        scores = await self._matcher.fit(wanted.text, texts) if texts else ()
        return None if scores is None else dict(zip(texts, scores, strict=True))

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


def written(wanted: Wanted) -> list[Candidate]:
    """The written replies and questions that may be said and that the lint lets through."""
    pool = [one for one in wanted.written if wanted.scored or one.source is ReplySource.AUTHORED]
    asks = {ask for one in pool for ask in one.asks}
    good = {ask: " ".join(sentences) for ask in asks if (sentences := passed(ask, wanted))}
    return [
        Candidate(sentences, one.source, tuple(good[ask] for ask in one.asks if ask in good), one.fit_min)
        for one in pool
        if (sentences := passed(one.text, wanted))
    ]


def best_of(candidates: Sequence[Candidate], fits: Mapping[str, float], wanted: Wanted) -> Candidate | None:
    """The best reply with the best of its questions."""
    reply = choose(candidates, [fits[one.text] for one in candidates], sure=wanted.sure)
    if reply is None or not reply.asks or is_question(reply.sentences[-1]):
        return reply
    return reply.asking(max(reply.asks, key=lambda ask: fits[ask]))


def texts_of(candidates: Sequence[Candidate]) -> list[str]:
    """Every text to be scored, once."""
    asks = (ask for one in candidates for ask in one.asks)
    return list(dict.fromkeys((*(one.text for one in candidates), *asks)))


def passed(text: str, wanted: Wanted) -> tuple[str, ...]:
    """The sentences of a text, or none when the lint refuses one of them."""
    gate = wanted.gate(SENTENCES_MAX)
    return () if any(gate.judge(sentence) for sentence in split(text)) else tuple(gate.passed)
