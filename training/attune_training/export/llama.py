"""llama.cpp's HTTP server in this process, and the one request that the export check and the comparison send."""

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attune_contracts.chat import Message

from attune_training.errors import MissingTool

START_S_MAX = 60.0
REPLY_S_MAX = 120.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn. Temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    repeat_penalty: float = 1.0
    tokens_max: int = 80
    seed: int = 1


@dataclass(frozen=True, slots=True)
class LlamaServer:
    """A running server on loopback."""

    url: str

    def reply(self, messages: Sequence[Message], sampling: Sampling, *, adapter: bool) -> str:
        """The model's answer, with the adapter at scale 1 or 0."""
        body = {
            "messages": [message.model_dump() for message in messages],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "repeat_penalty": sampling.repeat_penalty,
            "max_tokens": sampling.tokens_max,
            "seed": sampling.seed,
            "lora": [{"id": 0, "scale": 1.0 if adapter else 0.0}],
            # A cached prefix of the other scale would be wrong; the server keys its cache by tokens alone.
            "cache_prompt": False,
        }
        answer = self._post("/v1/chat/completions", body)
        text: str = answer["choices"][0]["message"]["content"]
        return text

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - http on loopback
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=REPLY_S_MAX) as answer:  # noqa: S310 - likewise
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def serving(base: Path, adapter: Path | None, *, threads: int = 2, context: int = 2048) -> Iterator[LlamaServer]:
    """Starts the server on a free port and stops it at the end. Raises MissingTool without xllamacpp."""
    try:
        import xllamacpp  # noqa: PLC0415 - an optional package
    except ImportError as error:
        raise MissingTool("generation through llama.cpp needs `pip install xllamacpp`") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(base)
    params.hostnames = ["127.0.0.1"]
    params.port = free_port()
    params.n_parallel = 1
    params.n_ctx = context
    params.cpuparams.n_threads = threads
    params.verbosity = 1
    if adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    server = xllamacpp.Server(params)
    url = f"http://127.0.0.1:{params.port}"
    wait_until_ready(url)
    try:
        yield LlamaServer(url)
    finally:
        del server


def wait_until_ready(url: str) -> None:
    """Polls /health. Raises MissingTool after START_S_MAX."""
    deadline_s = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline_s:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):  # noqa: S310 - http on loopback
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise MissingTool(f"llama.cpp did not answer within {START_S_MAX:.0f} s")


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
