"""Settings of the inference service, read from ATTUNE_INFERENCE_* variables and secret files."""

from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from attune_kit.settings import ServiceSettings, settings_config
from pydantic import Field, SecretStr, model_validator

SHIPPED_ADAPTER_DIR = Path(str(files("attune_inference"))) / "adapters" / "attune"


class InferenceSettings(ServiceSettings):
    """One engine, one base model, at most one adapter.

    `adapter_dir` empty serves the base model alone. `adapter_base` is the base that the adapter's manifest must
    state; for a quantised copy such as Qwen2-7B-Instruct-AWQ it is the model that the copy was made from.
    """

    model_config = settings_config("ATTUNE_INFERENCE_")

    port: int = 8003
    engine: Literal["llamacpp", "vllm"] = "llamacpp"
    model: str = "smollm2-135m-instruct-q4_1"
    adapter_base: str = "HuggingFaceTB/SmolLM2-135M-Instruct"
    adapter_dir: str = str(SHIPPED_ADAPTER_DIR)
    adapter_name: str = "attune"
    api_key: SecretStr | None = None

    context_tokens_max: int = Field(default=2048, ge=512)
    sequences_max: int = Field(default=4, ge=1)
    threads: int = Field(default=2, ge=1)

    gpu_memory_gb: float = Field(default=15.0, gt=0)
    gpu_memory_share: float = Field(default=0.90, gt=0, lt=1)
    batched_tokens_max: int = Field(default=1024, ge=256)
    queued_requests_max: int = Field(default=48, ge=1)
    queued_tokens_max: int = Field(default=8000, ge=1)

    @model_validator(mode="after")
    def _vllm_model_is_named(self) -> Self:
        if self.engine == "vllm" and "/" not in self.model and not Path(self.model).is_dir():
            raise ValueError("ATTUNE_INFERENCE_MODEL must be a hub id or a folder when the engine is vllm")
        return self

    def adapter_path(self) -> Path | None:
        """The adapter's folder, or None when the base model is served alone."""
        return Path(self.adapter_dir) if self.adapter_dir else None
