"""Pooled vectors of texts, from the emotion model as it ships. Called by `study` and `report`."""

from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attune_training.emotion import export

Floats = NDArray[np.float32]
_BATCH_ROWS = 32


class Encoder:
    """The shipped encoder of a model folder."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.manifest = EmotionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.manifest.tokens_max)
        self._session = export.session(folder / "model.onnx", threads)

    def pooled(self, texts: list[str]) -> Floats:
        """Texts × pooled size, in the order of the texts."""
        if not texts:
            return np.zeros((0, self.manifest.pooled_size), dtype=np.float32)
        # Sorted by length, so that a batch is not padded to one long row.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        _, vectors = export.run(
            self._session, self._tokenizer, self.manifest.pad_id, [texts[index] for index in order], _BATCH_ROWS
        )
        return np.asarray(vectors[np.argsort(order)], dtype=np.float32)
