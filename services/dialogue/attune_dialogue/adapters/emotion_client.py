"""Reads one text's emotion from the emotion service. Implements EmotionReader; a dead service reads as None."""

import json

import httpx2
from attune_contracts.emotion import ClassifyResponse, EmotionReading
from attune_kit.breaker import Breaker
from attune_kit.logging import get_logger
from pydantic import TypeAdapter, ValidationError

RESPONSES = TypeAdapter(ClassifyResponse)
HEADERS = {"content-type": "application/json"}


class HttpEmotionReader:
    """One call a turn, never repeated: a reply without an emotion is better than a late one."""

    def __init__(self, client: httpx2.AsyncClient, breaker: Breaker, timeout_s: float) -> None:
        self._client = client
        self._breaker = breaker
        self._timeout = httpx2.Timeout(timeout_s)

    async def read(self, text: str) -> EmotionReading | None:
        """The reading, or None when the service is down, slow or answers nonsense."""
        if not self._breaker.allow():
            return None
        body = json.dumps({"texts": [text]}).encode()
        try:
            response = await self._client.post("/v1/classify", content=body, headers=HEADERS, timeout=self._timeout)
            response.raise_for_status()
            reading = RESPONSES.validate_json(response.content).results[0]
        except (httpx2.HTTPError, ValidationError, IndexError) as error:
            self._breaker.fail()
            get_logger().warning("emotion_unavailable", error=type(error).__name__, breaker=self._breaker.state.value)
            return None
        self._breaker.succeed()
        return reading

    async def probe(self) -> None:
        """Raises when the service does not answer /livez."""
        (await self._client.get("/livez", timeout=self._timeout)).raise_for_status()
