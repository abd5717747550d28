"""One training run as a folder: the shared records, the tokenizer, the base's facts, the weights. Called by the CLI."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from attune_training.emotion import bases, mixture, train
from attune_training.emotion.encoder import EmotionEncoder, freeze, rebuild
from attune_training.emotion.mixture import Mixture
from attune_training.emotion.settings import EmotionConfig
from attune_training.emotion.train import Trainee
from attune_training.errors import DataError
from attune_training.run_folder import RunFolder

Facts = dict[str, str | int]


def start(path: Path, data: Mixture, config: EmotionConfig) -> None:
    """Trains into a new folder. Raises RunExists when it holds a run, DataError when the first stage is not there."""
    run = RunFolder(path)
    run.create(config.model_dump(mode="json"), mixture.digest(data.train), config.optimiser.seed, resume=False)
    torch.set_num_threads(config.optimiser.threads)
    torch.manual_seed(config.optimiser.seed)
    trainee, facts = _fresh(config, data) if config.encoder.start_from is None else _continued(path, config)
    trainee.tokenizer.save(str(path / "tokenizer.json"), pretty=False)
    (path / "encoder.json").write_text(json.dumps(trainee.model.encoder.config.to_dict(), indent=2), encoding="utf-8")
    (path / "base.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
    if config.encoder.frozen_layers is not None:
        freeze(trainee.model.encoder, config.encoder.frozen_layers)
    train.fit(trainee, data, config.data, config.optimiser, run)
    run.record(status="finished", rows=mixture.counts(data.train))


def _fresh(config: EmotionConfig, data: Mixture) -> tuple[Trainee, Facts]:
    base = bases.prepare(config, data.train)
    facts: Facts = {"pad_id": base.pad_id, "licence": base.licence, "origin": base.origin}
    return Trainee(EmotionEncoder(base.encoder, config.encoder.dropout), base.tokenizer, base.pad_id), facts


def _continued(path: Path, config: EmotionConfig) -> tuple[Trainee, Facts]:
    """The encoder, tokenizer and head of the first stage, whose folder stands beside this one."""
    first = path.parent / str(config.encoder.start_from)
    if not (first / "model.pt").exists():
        raise DataError(f"{first} holds no weights: train the first stage there")
    settings = json.loads((first / "encoder.json").read_text(encoding="utf-8"))
    facts = json.loads((first / "base.json").read_text(encoding="utf-8"))
    model = rebuild(settings, torch.load(first / "model.pt", weights_only=True), config.encoder.dropout)
    return Trainee(model, Tokenizer.from_file(str(first / "tokenizer.json")), int(facts["pad_id"])), facts
