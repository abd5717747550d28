"""Lets the model speak within its deadlines: streams, cuts into sentences, lints, tries once more, gives up in time.

Called by turn.py. A template stands in for whatever does not arrive or must not be seen.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from attune_contracts.chat import Message
from attune_contracts.dialogue import ReplySource
from attune_kit.errors import OperationalError

from attune_dialogue.domain.gate import Gate
from attune_dialogue.domain.sentences import SentenceBuffer
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Generation, Generator


@dataclass(frozen=True, slots=True)
class SpeechLimits:
    """Seconds count from the start of the turn; those of `next_sentence_s` from the sentence before."""

    first_sentence_s: float
    next_sentence_s: float
    regenerate_until_s: float
    total_s: float
    tokens_max: int
    temperature: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said. `late` means that the model was too slow, down or broken before it said anything of use."""

    sentences: tuple[str, ...]
    late: bool
    rejected: tuple[str, ...]
    source: ReplySource = ReplySource.MODEL


@dataclass(frozen=True, slots=True)
class Utterance:
    """One reply to be spoken. `started` is the loop's time at which the turn began; `say` shows a passed sentence."""

    messages: list[Message]
    gate: Gate
    outlet: Outlet
    started: float
    say: Callable[[str], None]
    seed: int


class Speaker:
    """One generator, shared by all turns."""

    def __init__(self, generator: Generator, limits: SpeechLimits) -> None:
        self._generator = generator
        self._limits = limits

    async def speak(self, reply: Utterance) -> Spoken:
        """Says sentences as they pass. A reply of which nothing passed is tried once more while there is time."""
        limits, outlet, passed = self._limits, reply.outlet, reply.gate.passed
        rejected: list[str] = []
        late = False
        for attempt in range(2):
            request = Generation(
                reply.messages, limits.tokens_max, limits.temperature + 0.2 * attempt, reply.seed + attempt
            )
            late = await self._attempt(request, reply, rejected)
            spent = asyncio.get_running_loop().time() - reply.started
            if passed or late or outlet.stopped or spent > limits.regenerate_until_s:
                break
        return Spoken(tuple(passed), late and not passed and not outlet.stopped, tuple(rejected))

    async def _attempt(self, request: Generation, reply: Utterance, rejected: list[str]) -> bool:
        """One stream. Returns whether the engine failed or was late; a rejected sentence is not its failure."""
        gate, outlet = reply.gate, reply.outlet
        loop, buffer = asyncio.get_running_loop(), SentenceBuffer()
        limit = asyncio.timeout_at(reply.started + self._limits.first_sentence_s)

        def take(sentences: list[str]) -> bool:
            """Whether to read on."""
            for sentence in sentences:
                if reason := gate.judge(sentence):
                    rejected.append(reason)
                    return False
                reply.say(sentence)
                limits = self._limits
                limit.reschedule(min(reply.started + limits.total_s, loop.time() + limits.next_sentence_s))
                if gate.full:
                    return False
            return True

        try:
            async with limit, aclosing(self._generator.stream(request)) as pieces:
                outlet.on_stop(lambda: limit.reschedule(loop.time()))
                async for piece in pieces:
                    if not take(buffer.feed(piece)):
                        return False
                if rest := buffer.rest():
                    take([rest])
        except TimeoutError:
            if not outlet.stopped and not gate.passed:
                self._generator.blame()
            return True
        except OperationalError:
            return True
        finally:
            outlet.on_stop(None)
        return False
