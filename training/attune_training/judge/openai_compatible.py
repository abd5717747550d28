"""Any OpenAI-style chat endpoint as the judge, so that a local model can judge offline."""

from dataclasses import dataclass, field

import httpx2

from attune_training.judge.errors import Busy, Cut, Refused, Unreadable
from attune_training.judge.ports import Answer, Question

TIMEOUT_S = 120.0
OUTPUT_TOKENS_MAX = 400
BUSY_STATUSES = {408, 429, 500, 502, 503, 504}


@dataclass
class OpenAICompatibleJudge:
    """`base_url` ends before /v1. The schema is sent as `response_format`, which llama.cpp and vLLM enforce."""

    name: str
    base_url: str
    api_key: str | None = None
    seed: int = 7
    client: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        headers = {"authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        self.client = httpx2.AsyncClient(base_url=self.base_url, timeout=TIMEOUT_S, headers=headers, trust_env=False)

    async def ask(self, question: Question) -> Answer:
        """One request. Raises Busy, Cut, Unreadable or Refused."""
        body = {
            "model": self.name,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.material},
            ],
            "temperature": 0.0,
            "seed": self.seed,
            "max_tokens": OUTPUT_TOKENS_MAX,
            "response_format": {"type": "json_schema", "json_schema": {"name": "verdict", "schema": question.schema}},
        }
        try:
            response = await self.client.post("/v1/chat/completions", json=body)
        except httpx2.TransportError as error:
            raise Busy(type(error).__name__) from None
        if response.status_code in BUSY_STATUSES:
            raise Busy(f"HTTP {response.status_code}")
        if response.status_code != 200:
            raise Refused(f"HTTP {response.status_code} from {self.base_url}")
        try:
            data = response.json()
            choice, usage = data["choices"][0], data.get("usage") or {}
            text = choice["message"]["content"] or ""
        except (ValueError, KeyError, IndexError, TypeError):
            raise Unreadable("the endpoint's answer is no chat completion") from None
        spent = {
            "input_tokens": int(usage.get("prompt_tokens", 0)),
            "output_tokens": int(usage.get("completion_tokens", 0)),
        }
        if choice.get("finish_reason") == "length":
            raise Cut("the answer reached the token limit", **spent)
        return Answer(text, **spent)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self.client.aclose()
