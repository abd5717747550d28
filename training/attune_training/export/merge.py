"""The other way to serve on a T4: merge the adapter in fp16 on the CPU, then quantise the merged model to W4A16.

Never into 4-bit weights: the base must be loaded in 16 or 32 bits. `llm-compressor` (its own environment, it pins
torch) does the quantising; here its recipe and its command are made. That command was not run on our machines.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from attune_contracts.adapter import AdapterManifest

from attune_training.errors import DataError

# GPTQ in groups of 128, the layout that vLLM's Marlin kernels read on compute capability 7.5. The head stays in fp16.
RECIPE = """\
quant_stage:
  quant_modifiers:
    GPTQModifier:
      ignore: ["lm_head"]
      scheme: W4A16
      targets: ["Linear"]
      dampening_frac: 0.01
"""
CALIBRATION_ROWS, CALIBRATION_TOKENS = 512, 1024
SCRIPT = """\
import sys
from datasets import load_dataset
from llmcompressor import oneshot
model, rows, recipe, output = sys.argv[1:]
data = load_dataset("json", data_files=rows, split="train")
oneshot(model=model, dataset=data, recipe=recipe, output_dir=output,
        max_seq_length={tokens}, num_calibration_samples={rows})
"""


def merge(adapter: Path, base: str, target: Path, *, revision: str, seed: int = 0) -> None:
    """Writes base + adapter as one fp16 model with its tokenizer. Raises DataError for an adapter of another base."""
    import torch  # noqa: PLC0415 - heavy
    from peft import PeftModel  # noqa: PLC0415

    from attune_training.bases import load_model, load_tokenizer  # noqa: PLC0415
    from attune_training.export.package import HUB_NAMES  # noqa: PLC0415

    manifest = AdapterManifest.model_validate_json((adapter / "manifest.json").read_bytes())
    if manifest.base != HUB_NAMES.get(base, base):
        raise DataError(f"{adapter} was trained on {manifest.base}, not on {base}")
    # Summed in fp32: a small update would vanish in the rounding of fp16 weights before it is added.
    model = PeftModel.from_pretrained(load_model(base, revision, dtype="float32", seed=seed), adapter)
    model.merge_and_unload().to(torch.float16).save_pretrained(target)
    load_tokenizer(base, revision).save_pretrained(target)


def calibration_rows(texts: Sequence[str]) -> str:
    """The calibration set as JSONL: rendered training conversations, at most CALIBRATION_ROWS."""
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts[:CALIBRATION_ROWS])


def quantise_files(merged: Path, target: Path, folder: Path, texts: Sequence[str]) -> list[str]:
    """Writes recipe, script and calibration rows into `folder`. Returns the command for a machine with a card."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    script = SCRIPT.format(tokens=CALIBRATION_TOKENS, rows=CALIBRATION_ROWS)
    (folder / "quantise.py").write_text(script, encoding="utf-8")
    (folder / "calibration.jsonl").write_text(calibration_rows(texts), encoding="utf-8")
    files = [str(folder / name) for name in ("quantise.py", "calibration.jsonl", "recipe.yaml")]
    return ["python", files[0], str(merged), files[1], files[2], str(target)]
