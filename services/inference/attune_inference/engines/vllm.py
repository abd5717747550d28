"""`vllm serve` for a T4: a pure function builds argv and environment, `run` replaces this process with it.

Flags follow measurements and reports on compute capability 7.5: no FlashAttention or FlashInfer (they need 8.0),
fp16 because bf16 is refused, small CUDA graphs. Not run on a T4 by us; see README, "What was not run".
"""

import os
from dataclasses import dataclass
from pathlib import Path

from attune_inference.manifest import AdapterRefused, verify
from attune_inference.settings import InferenceSettings

ADAPTER_FILES = ("adapter_model.safetensors", "adapter_config.json")
GRAPH_SIZES = ("1", "2", "4", "8", "16")


@dataclass(frozen=True, slots=True)
class Footprint:
    """Weights in GB, and KV cache in KiB a token: 2 × layers × kv heads × head size × 2 bytes."""

    weights_gb: float
    kv_kib_per_token: float


# Sizes of the published checkpoints. Activations and CUDA graphs of a 7B at these batch sizes stay under 1.5 GB.
FOOTPRINTS = {
    "Qwen/Qwen2-7B-Instruct": Footprint(15.2, 56),
    "Qwen/Qwen2-7B-Instruct-AWQ": Footprint(5.6, 56),
    "meta-llama/Llama-3.1-8B-Instruct": Footprint(16.1, 128),
    "mistralai/Mistral-7B-Instruct-v0.3": Footprint(14.5, 128),
}
ACTIVATIONS_GB = 1.5


def fit_refusal(settings: InferenceSettings) -> str | None:
    """Why a model cannot fit the card, or None. Unknown models are left to vLLM's own check. Pure."""
    footprint = FOOTPRINTS.get(settings.model)
    if footprint is None:
        return None
    budget_gb = settings.gpu_memory_gb * settings.gpu_memory_share
    cache_gb = footprint.kv_kib_per_token * settings.context_tokens_max / 1024**2
    needed_gb = footprint.weights_gb + ACTIVATIONS_GB + cache_gb
    if needed_gb <= budget_gb:
        return None
    return (
        f"{settings.model} needs {footprint.weights_gb:.1f} GB of weights, about {ACTIVATIONS_GB} GB of activations "
        f"and {cache_gb:.2f} GB for one full context: {needed_gb:.1f} GB, and {budget_gb:.1f} GB may be used. "
        "Serve a 4-bit copy, such as Qwen/Qwen2-7B-Instruct-AWQ."
    )


def build_argv(settings: InferenceSettings, adapter: Path | None, rank: int = 16) -> list[str]:
    """The command line of `vllm serve`. `rank` is the adapter's. Pure."""
    argv = [
        *("vllm", "serve", settings.model),
        *("--served-model-name", "base"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--dtype", "half"),
        *("--attention-backend", "TRITON_ATTN"),
        *("--kv-cache-dtype", "auto"),
        *("--max-model-len", str(settings.context_tokens_max)),
        *("--gpu-memory-utilization", f"{settings.gpu_memory_share:.2f}"),
        *("--max-num-seqs", str(settings.sequences_max)),
        *("--max-num-batched-tokens", str(settings.batched_tokens_max)),
        *("--cudagraph-capture-sizes", *GRAPH_SIZES),
        "--enable-prefix-caching",
        *("--generation-config", "vllm"),
        *("--max-num-queued-reqs", str(settings.queued_requests_max)),
        *("--max-num-queued-tokens", str(settings.queued_tokens_max)),
        "--disable-fastapi-docs",
    ]
    if adapter:
        argv += ["--enable-lora", "--max-loras", "1", "--max-lora-rank", str(rank)]
        argv += ["--lora-modules", f"{settings.adapter_name}={adapter}"]
    return argv


def build_environment(settings: InferenceSettings, inherited: dict[str, str]) -> dict[str, str]:
    """The process environment: the key goes here and not on the command line, where `ps` would show it. Pure."""
    environment = {name: value for name, value in inherited.items() if not name.startswith("ATTUNE_")}
    # FlashInfer's sampler needs compute capability 8.0; usage reports would leave the private network.
    environment |= {"VLLM_USE_FLASHINFER_SAMPLER": "0", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if settings.api_key:
        environment["VLLM_API_KEY"] = settings.api_key.get_secret_value()
    return environment


def run(settings: InferenceSettings) -> None:
    """Verifies, then becomes vLLM. Raises AdapterRefused."""
    if refusal := fit_refusal(settings):
        raise AdapterRefused(refusal)
    folder, rank = settings.adapter_path(), 16
    if folder:
        rank = verify(folder, base=settings.adapter_base, base_file=None, files_needed=ADAPTER_FILES).rank
    argv = build_argv(settings, folder, rank)
    os.execvpe(argv[0], argv, build_environment(settings, dict(os.environ)))  # noqa: S606  argv is ours, no shell
