"""The vectors that the risk head reads, from the encoders as they ship. Called by `study` and `report`."""

from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest
from attune_emotion.sentences import VECTOR_SIZE, SentenceEncoder
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attune_training.emotion import export

Floats = NDArray[np.float32]
_BATCH_ROWS = 32


class Encoder:
    """The shipped emotion encoder of a model folder, and the sentence encoder of the emotion service."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.manifest = EmotionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.manifest.tokens_max)
        self._session = export.session(folder / "model.onnx", threads)
        self._sentences = SentenceEncoder(threads=threads)

    def vectors(self, texts: list[str]) -> Floats:
        """Texts × (pooled size + sentence vector size), in the order of the texts."""
        if not texts:
            return np.zeros((0, self.manifest.pooled_size + VECTOR_SIZE), dtype=np.float32)
        # Sorted by length, so that a batch is not padded to one long row.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        ordered = [texts[index] for index in order]
        _, pooled = export.run(self._session, self._tokenizer, self.manifest.pad_id, ordered, _BATCH_ROWS)
        batches = (ordered[start : start + _BATCH_ROWS] for start in range(0, len(ordered), _BATCH_ROWS))
        sentences = np.concatenate([self._sentences.read(batch) for batch in batches])
        return np.asarray(np.concatenate([pooled, sentences], axis=1)[np.argsort(order)], dtype=np.float32)
