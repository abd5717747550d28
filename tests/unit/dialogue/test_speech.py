"""The model's turn to speak, against a generator that misbehaves by hand."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import pytest
from attune_dialogue.domain.gate import Gate
from attune_dialogue.outlet import Outlet
from attune_dialogue.ports import Generation
from attune_dialogue.speech import Speaker, SpeechLimits, Spoken, Utterance
from attune_kit.errors import Unavailable

LIMITS = SpeechLimits(
    first_sentence_s=0.3, next_sentence_s=0.2, regenerate_until_s=0.2, total_s=1.0, tokens_max=50, temperature=0.5
)
GOOD = "That was a lot. "


class ByHand:
    """Gives one script after another; a number is a pause in seconds, an exception is raised."""

    def __init__(self, *scripts: list[str | float | Exception]) -> None:
        self.scripts: Iterator[list[str | float | Exception]] = iter(scripts)
        self.requests: list[Generation] = []
        self.blamed = 0
        self.closed = 0

    async def stream(self, request: Generation) -> AsyncGenerator[str]:
        self.requests.append(request)
        try:
            for item in next(self.scripts):
                if isinstance(item, Exception):
                    raise item
                if isinstance(item, float):
                    await asyncio.sleep(item)
                else:
                    yield item
        finally:
            self.closed += 1

    def blame(self) -> None:
        self.blamed += 1


async def speak(generator: ByHand, *, refuse: str = "never", outlet: Outlet | None = None) -> tuple[Spoken, list[str]]:
    said: list[str] = []
    gate = Gate(lambda sentence, _: "bad" if refuse in sentence else None, sentences_max=2, may_ask=True)
    started = asyncio.get_running_loop().time()
    reply = Utterance([], gate, outlet or Outlet(), started, said.append, 1)
    return await Speaker(generator, LIMITS).speak(reply), said


async def test_sentences_are_said_as_they_pass_and_the_engine_is_stopped_when_it_is_enough() -> None:
    generator = ByHand([GOOD, "What hap", "pened? ", "And then I will go on for ever. ", 9.0])
    spoken, said = await speak(generator)
    assert said == ["That was a lot.", "What happened?"]
    assert spoken == Spoken(("That was a lot.", "What happened?"), late=False, rejected=())
    assert generator.closed == 1


async def test_a_refused_sentence_is_tried_once_more() -> None:
    generator = ByHand(["A bad one. "], ["A bad one again. "], [GOOD])
    spoken, said = await speak(generator, refuse="bad")
    assert said == []
    assert spoken.rejected == ("bad", "bad")
    assert not spoken.late
    assert [request.seed for request in generator.requests] == [1, 2]


async def test_the_second_try_counts() -> None:
    generator = ByHand(["A bad one. "], [GOOD])
    spoken, said = await speak(generator, refuse="bad")
    assert said == ["That was a lot."]
    assert spoken.rejected == ("bad",)


async def test_there_is_no_second_try_when_time_is_short() -> None:
    generator = ByHand([0.25, "A bad one. "], [GOOD])
    await speak(generator, refuse="bad")
    assert len(generator.requests) == 1


@pytest.mark.parametrize("script", [[9.0], ["drip ", 9.0], [Unavailable("down")]])
async def test_what_is_late_or_down_says_nothing(script: list[str | float | Exception]) -> None:
    generator = ByHand(script, [GOOD])
    spoken, said = await speak(generator)
    assert said == []
    assert spoken.late
    assert generator.closed == 1
    assert generator.blamed == (0 if isinstance(script[0], Exception) else 1)


async def test_a_stream_that_stalls_keeps_what_was_said() -> None:
    generator = ByHand([GOOD, 9.0])
    spoken, said = await speak(generator)
    assert said == ["That was a lot."]
    assert not spoken.late
    assert generator.blamed == 0


async def test_a_tail_without_its_end_is_dropped() -> None:
    spoken, said = await speak(ByHand([GOOD, "And the rest was cut of"]))
    assert said == ["That was a lot."]
    assert spoken.rejected == ("unfinished",)


async def test_stopping_ends_the_engine_at_once() -> None:
    outlet = Outlet()
    generator = ByHand([GOOD, 0.15, "Never ", 9.0])
    asyncio.get_running_loop().call_later(0.05, outlet.stop)
    spoken, said = await speak(generator, outlet=outlet)
    assert said == ["That was a lot."]
    assert not spoken.late
    assert generator.closed == 1
    assert generator.blamed == 0
