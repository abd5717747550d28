"""Gemini as the judge, through google-genai. Retries are the batch's business, so the client makes none."""

from dataclasses import dataclass, field

import httpx2
from google import genai
from google.genai import errors, types

from attune_training.judge.errors import Blocked, Busy, Cut, Refused
from attune_training.judge.ports import Answer, Question

TIMEOUT_MS = 60_000
# Gemini 2.5 thinks before it answers, and its thoughts count against this bound: a few hundred would cut every answer.
OUTPUT_TOKENS_MAX = 8192
BUSY_STATUSES = {408, 429, 500, 502, 503, 504}


@dataclass
class GeminiJudge:
    """`name` is the model id. `base_url` points at another server that speaks the same API; None is Google's."""

    name: str
    api_key: str
    base_url: str | None = None
    seed: int = 7
    client: genai.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = genai.Client(
            api_key=self.api_key,
            http_options=types.HttpOptions(base_url=self.base_url, api_version="v1", timeout=TIMEOUT_MS),
        )

    async def ask(self, question: Question) -> Answer:
        """One request with a response schema. Raises Blocked, Cut, Busy or Refused."""
        config = types.GenerateContentConfig(
            system_instruction=question.system,
            temperature=0.0,
            seed=self.seed,
            max_output_tokens=OUTPUT_TOKENS_MAX,
            response_mime_type="application/json",
            response_json_schema=question.schema,
        )
        try:
            response = await self.client.aio.models.generate_content(
                model=self.name, contents=question.material, config=config
            )
        except errors.APIError as error:
            if error.code in BUSY_STATUSES:
                raise Busy(f"HTTP {error.code}") from None
            raise Refused(f"HTTP {error.code} {error.status}: check the key and the model {self.name!r}") from None
        except (httpx2.TransportError, TimeoutError, ValueError) as error:
            # ValueError: the body was no JSON, as a broken proxy sends.
            raise Busy(type(error).__name__) from None
        return read_response(response)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self.client.aio.aclose()


def read_response(response: types.GenerateContentResponse) -> Answer:
    """Text and token counts of a response. Raises Blocked or Cut."""
    feedback, spent = response.prompt_feedback, tokens_of(response.usage_metadata)
    if not response.candidates:
        raise Blocked(str(feedback.block_reason) if feedback else "no candidates", **spent)
    reason = response.candidates[0].finish_reason
    if reason in {types.FinishReason.SAFETY, types.FinishReason.PROHIBITED_CONTENT, types.FinishReason.BLOCKLIST}:
        raise Blocked(str(reason), **spent)
    if reason == types.FinishReason.MAX_TOKENS:
        raise Cut("the answer reached the token limit", **spent)
    return Answer(response.text or "", **spent)


def tokens_of(usage: types.GenerateContentResponseUsageMetadata | None) -> dict[str, int]:
    """What is billed: the prompt, and the answer with the thoughts before it."""
    if usage is None:
        return {"input_tokens": 0, "output_tokens": 0}
    output = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
    return {"input_tokens": usage.prompt_token_count or 0, "output_tokens": output}
