"""Dialogue's matching client against the real emotion service with the files that ship."""

import httpx2
import pytest
from attune_dialogue.adapters.matching_client import HttpMatcher
from attune_emotion.app import create_app
from attune_emotion.settings import EmotionSettings
from attune_kit.breaker import Breaker, BreakerState

from tests.support.dialogue import serving
from tests.support.processes import free_port

WAIT_S = 30


async def test_the_client_understands_the_service() -> None:
    breaker = Breaker()
    async with (
        serving(create_app(EmotionSettings())) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        matcher = HttpMatcher(client, breaker, timeout_s=WAIT_S)
        results = await matcher.situations(["My dog died last night.", "I have an exam tomorrow, I am so nervous"])
        assert results is not None
        assert [result.situations[0].name for result in results] == ["grief_pet", "exam_ahead"]
        arabic = await matcher.situations(["خطيبتي سابتني"])
        assert arabic is not None
        assert arabic[0].situations[0].name == "breakup"
        assert arabic[0].exchanges == ()
        scores = await matcher.fit(
            "My dog died last night.",
            ["Congratulations on the new job!", "The house must feel quiet without your dog."],
        )
        assert scores is not None
        assert scores[1] > scores[0]
        assert all(0 <= score <= 1 for score in scores)
        assert breaker.state is BreakerState.CLOSED


@pytest.mark.parametrize("texts", [[], ["x" * 4001]])
async def test_what_the_service_refuses_reads_as_nothing(texts: list[str]) -> None:
    async with (
        serving(create_app(EmotionSettings())) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        assert await HttpMatcher(client, Breaker(), timeout_s=WAIT_S).situations(texts) is None


async def test_a_dead_service_reads_as_nothing_and_opens_the_breaker() -> None:
    breaker = Breaker(failures_max=2)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}", trust_env=False) as client:
        matcher = HttpMatcher(client, breaker, timeout_s=1)
        assert await matcher.situations(["hello"]) is None
        assert await matcher.fit("hello", ["hi"]) is None
    assert breaker.state is BreakerState.OPEN
