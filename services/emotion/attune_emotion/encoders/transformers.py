"""The optional encoder: a fine-tuned LLM with the paper's head, as a transformers folder on this disk.

Needs the extra `attune-emotion[transformers]`. Built by `app` when ATTUNE_EMOTION_ENCODER=transformers.
"""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest

from attune_emotion.model_files import ModelRefused
from attune_emotion.ports import Encoded


class TransformersEncoder:
    """Reads texts with torch on a GPU when there is one. A long text keeps its first `tokens_max` tokens.

    The folder holds a saved sequence classifier, or a PEFT adapter of one whose `base_model_name_or_path` is a
    folder beside it. Nothing is fetched from a hub.
    """

    def __init__(self, folder: Path, manifest: EmotionManifest, *, threads: int) -> None:
        # By name, so that neither the shipped service nor its type check needs these two installed.
        self._torch: Any = importlib.import_module("torch")
        library: Any = importlib.import_module("transformers")
        self._torch.set_num_threads(threads)
        self._device = "cuda" if self._torch.cuda.is_available() else "cpu"
        self._tokens_max = manifest.tokens_max
        self._tokenizer = library.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        model = _load(library, folder, len(manifest.labels))
        model.config.pad_token_id = self._tokenizer.pad_token_id
        self._model = model.eval().to(self._device)

    def read(self, texts: list[str]) -> Encoded:
        """Logits, and the mean over the tokens of the last hidden layer, one row a text."""
        batch = self._tokenizer(
            texts, padding=True, truncation=True, max_length=self._tokens_max, return_tensors="pt"
        ).to(self._device)
        with self._torch.inference_mode():
            output = self._model(**batch, output_hidden_states=True)
            mask = batch["attention_mask"].unsqueeze(-1)
            pooled = (output.hidden_states[-1] * mask).sum(dim=1) / mask.sum(dim=1)
        return Encoded(
            np.asarray(output.logits.float().cpu().numpy(), dtype=np.float32),
            np.asarray(pooled.float().cpu().numpy(), dtype=np.float32),
        )


def _load(library: Any, folder: Path, labels: int) -> Any:  # noqa: ANN401 - the library is imported by name
    adapter = folder / "adapter_config.json"
    if not adapter.exists():
        return library.AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=labels, local_files_only=True
        )
    base = folder.parent / Path(json.loads(adapter.read_text(encoding="utf-8"))["base_model_name_or_path"]).name
    if not base.is_dir():
        raise ModelRefused(f"the adapter's base model is expected at {base}")
    model = library.AutoModelForSequenceClassification.from_pretrained(base, num_labels=labels, local_files_only=True)
    return importlib.import_module("peft").PeftModel.from_pretrained(model, folder)
