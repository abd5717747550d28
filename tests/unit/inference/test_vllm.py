"""The command line for a T4. vLLM itself is not started here: these are the flags that its documentation asks for."""

import itertools
from pathlib import Path

import pytest
from attune_inference.engines.vllm import build_argv, build_environment, fit_refusal
from attune_inference.settings import InferenceSettings
from pydantic import SecretStr, ValidationError


def t4(**changes: object) -> InferenceSettings:
    values: dict[str, object] = {
        "engine": "vllm",
        "model": "Qwen/Qwen2-7B-Instruct-AWQ",
        "context_tokens_max": 4096,
        "sequences_max": 16,
        **changes,
    }
    return InferenceSettings.model_validate(values)


def pairs(argv: list[str]) -> dict[str, str]:
    return {flag: value for flag, value in itertools.pairwise(argv) if flag.startswith("--")}


def test_flags_for_compute_capability_7_5() -> None:
    argv = build_argv(t4(), Path("/adapters/attune"), rank=16)
    flags = pairs(argv)
    assert argv[:3] == ["vllm", "serve", "Qwen/Qwen2-7B-Instruct-AWQ"]
    assert flags["--dtype"] == "half"
    assert flags["--attention-backend"] == "TRITON_ATTN"
    assert flags["--kv-cache-dtype"] == "auto"
    assert flags["--max-model-len"] == "4096"
    assert flags["--max-lora-rank"] == "16"
    assert flags["--lora-modules"] == "attune=/adapters/attune"
    assert flags["--served-model-name"] == "base"
    assert "--enforce-eager" not in argv
    assert not any("fp8" in argument or "bf16" in argument for argument in argv)


def test_without_an_adapter_no_lora_flag_is_given() -> None:
    assert not [flag for flag in build_argv(t4(adapter_dir=""), None) if "lora" in flag]


def test_the_key_is_in_the_environment_and_not_in_argv() -> None:
    settings = t4(api_key=SecretStr("k-123"))
    environment = build_environment(settings, {"PATH": "/bin", "ATTUNE_INFERENCE_API_KEY": "k-123"})
    assert environment["VLLM_API_KEY"] == "k-123"
    assert environment["PATH"] == "/bin"
    assert "ATTUNE_INFERENCE_API_KEY" not in environment
    assert not any("k-123" in argument for argument in build_argv(settings, None))


def test_what_cannot_fit_a_t4_is_refused_with_the_sum() -> None:
    assert fit_refusal(t4()) is None
    refusal = fit_refusal(t4(model="Qwen/Qwen2-7B-Instruct"))
    assert refusal is not None
    assert "15.2 GB of weights" in refusal
    assert fit_refusal(t4(model="Qwen/Qwen2-7B-Instruct", gpu_memory_gb=24)) is None
    assert fit_refusal(t4(model="example/unknown")) is None


def test_vllm_needs_a_hub_id_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="hub id or a folder"):
        t4(model="smollm2")
    assert t4(model=str(tmp_path)).model == str(tmp_path)
