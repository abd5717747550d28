"""Asks the emotion service what a message is about and which reply fits it. Implements Matcher; dead reads as None."""

import json
from collections.abc import Sequence
from typing import TypeVar

import httpx2
from attune_contracts.matching import FitResponse, Matches, SituationsResponse
from attune_kit.breaker import Breaker
from attune_kit.logging import get_logger
from pydantic import BaseModel, ValidationError

HEADERS = {"content-type": "application/json"}
Answer = TypeVar("Answer", bound=BaseModel)


class HttpMatcher:
    """One call a question, never repeated: choosing must not make a reply late."""

    def __init__(self, client: httpx2.AsyncClient, breaker: Breaker, timeout_s: float) -> None:
        self._client = client
        self._breaker = breaker
        self._timeout = httpx2.Timeout(timeout_s)

    async def situations(self, texts: Sequence[str]) -> tuple[Matches, ...] | None:
        """What lies nearest to each text, or None when the service is down, slow or answers nonsense."""
        answer = await self._ask("/v1/situations", {"texts": list(texts)}, SituationsResponse)
        return answer.results if answer is not None and len(answer.results) == len(texts) else None

    async def fit(self, text: str, replies: Sequence[str]) -> tuple[float, ...] | None:
        """How well each reply fits, or None as above."""
        answer = await self._ask("/v1/fit", {"text": text, "replies": list(replies)}, FitResponse)
        return answer.scores if answer is not None and len(answer.scores) == len(replies) else None

    async def _ask(self, path: str, question: object, kind: type[Answer]) -> Answer | None:
        if not self._breaker.allow():
            return None
        try:
            response = await self._client.post(
                path, content=json.dumps(question).encode(), headers=HEADERS, timeout=self._timeout
            )
            response.raise_for_status()
            answer = kind.model_validate_json(response.content)
        except (httpx2.HTTPError, ValidationError) as error:
            self._breaker.fail()
            get_logger().warning("matching_unavailable", error=type(error).__name__, breaker=self._breaker.state.value)
            return None
        self._breaker.succeed()
        return answer
