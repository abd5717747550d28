"""The paper's emotion model: a softmax over the output embedding of a causal language model, trained with LoRA.

Any causal model of `attune_training.bases` fits. Shares the training loop with the small encoder. Called by the CLI.
"""

import math
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, TaskType, get_peft_model
from tokenizers import Tokenizer
from torch import Tensor

from attune_training import bases
from attune_training.emotion import calibrate, evaluate, metrics, mixture, train
from attune_training.emotion.corpora import Row
from attune_training.emotion.encoder import Classifier
from attune_training.emotion.evaluate import SetScores
from attune_training.emotion.mixture import Mixture
from attune_training.emotion.settings import HeadConfig
from attune_training.emotion.train import Trainee
from attune_training.run_folder import RunFolder


class CausalEmotionHead(Classifier):
    """The head on a causal model, which sees the whole text only at its last token: that one is read, not the mean."""

    def pool(self, hidden: Tensor, attention_mask: Tensor) -> Tensor:
        """The last token's vector; rows are padded on the right."""
        last = attention_mask.sum(dim=1) - 1
        return hidden[torch.arange(len(last)), last]

    def kept_state(self) -> dict[str, Tensor]:
        """What training changes: the LoRA matrices and the head, not the base."""
        state = self.state_dict()
        return {name: value for name, value in state.items() if "lora_" in name or name.startswith("head.")}


def build(config: HeadConfig) -> Trainee:
    """The base with LoRA on the named layers and a new head; only those two are trained."""
    model: Any = bases.load_model(config.model.base, config.model.revision, seed=config.optimiser.seed)
    tokenizer = bases.load_tokenizer(config.model.base, config.model.revision)
    lora = LoraConfig(
        r=config.lora.rank,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=list(config.lora.target_modules),
        task_type=TaskType.FEATURE_EXTRACTION,
    )
    trunk = get_peft_model(model.model, lora)
    head = CausalEmotionHead(trunk, model.config.hidden_size, config.lora.dropout)
    inner = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    inner.enable_truncation(config.tokens_max)
    inner.no_padding()
    return Trainee(head, inner, int(tokenizer.pad_token_id))


def run(path: Path, config: HeadConfig, data: Mixture, tests: tuple[Row, ...]) -> SetScores:
    """Trains into a new run folder, saves adapter and head there, and scores the balanced mix (or a part of it)."""
    folder = RunFolder(path)
    folder.create(config.model_dump(mode="json"), mixture.digest(data.train), config.optimiser.seed, resume=False)
    torch.set_num_threads(config.optimiser.threads)
    trainee = build(config)
    train.fit(trainee, data, config.data, config.optimiser, folder)
    save(trainee, folder.adapter)
    held_out = data.held_out[: config.test_rows_max]
    fitted = calibrate.fit(_logits(trainee, held_out), held_out)
    mix = mixture.balanced_mix(tests)
    mix = mix[:: math.ceil(len(mix) / config.test_rows_max)]
    probabilities = metrics.softmax(_logits(trainee, mix), fitted.temperature)
    scores = evaluate.score(f"balanced mix, {len(mix)} rows", mix, probabilities, fitted.threshold)
    folder.record(status="finished", balanced_mix_accuracy=round(scores.accuracy.value, 4), test_rows=len(mix))
    return scores


def save(trainee: Trainee, folder: Path) -> None:
    """The adapter in PEFT's format, the head beside it (head.pt) and the tokenizer."""
    cast("Any", trainee.model.encoder).save_pretrained(folder)
    torch.save(trainee.model.head.state_dict(), folder / "head.pt")
    trainee.tokenizer.save(str(folder / "tokenizer.json"))


def _logits(trainee: Trainee, rows: tuple[Row, ...]) -> NDArray[np.float32]:
    examples = train.tokenise(rows, trainee.tokenizer, [1.0] * len(rows))
    return train.logits_of(trainee.model, examples, trainee.pad_id)
