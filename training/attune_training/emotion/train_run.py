"""One training run as a folder: resolved config, revision, data hash, tokenizer, weights, metrics. Called by the CLI."""

import json
import subprocess
from pathlib import Path

import torch

from attune_training.emotion import bases, train
from attune_training.emotion.encoder import EmotionEncoder
from attune_training.emotion.mixture import Mixture
from attune_training.emotion.settings import EmotionConfig


def start(run: Path, data: Mixture, config: EmotionConfig) -> None:
    """Trains into an empty folder; a folder that holds a run is refused, never overwritten."""
    if run.exists() and any(run.iterdir()):
        raise FileExistsError(f"{run} holds a run already: name another folder")
    run.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(config.optimiser.threads)
    torch.manual_seed(config.optimiser.seed)
    base = bases.prepare(config, data.train)
    base.tokenizer.save(str(run / "tokenizer.json"), pretty=False)
    _json(run / "config.json", config.model_dump(mode="json"))
    _json(run / "encoder.json", base.encoder.config.to_dict())
    _json(run / "base.json", {"pad_id": base.pad_id, "licence": base.licence, "origin": base.origin, "git": _revision()})
    model = EmotionEncoder(base.encoder, config.encoder.dropout)
    train.fit(model, base.tokenizer, base.pad_id, data, config, run)


def _json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _revision() -> str:
    try:
        answer = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)  # noqa: S607 - git of the person's PATH
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return answer.stdout.strip()
