"""Dialogue's emotion client against the real emotion service with the model that ships."""

import httpx2
from attune_contracts.emotion import Emotion
from attune_dialogue.adapters.emotion_client import HttpEmotionReader
from attune_emotion.app import create_app
from attune_emotion.settings import EmotionSettings
from attune_kit.breaker import Breaker, BreakerState

from tests.support.dialogue import serving


async def test_the_client_understands_the_service() -> None:
    breaker = Breaker()
    async with (
        serving(create_app(EmotionSettings())) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False) as client,
    ):
        reader = HttpEmotionReader(client, breaker, timeout_s=30)
        await reader.probe()
        reading = await reader.read("My dog died and I can't stop crying.")
        assert reading is not None
        assert reading.label is Emotion.SAD
        assert await reader.read("x" * 4001) is None
        assert breaker.state is BreakerState.CLOSED
