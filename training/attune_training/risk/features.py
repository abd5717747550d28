"""The vectors that the risk head reads, from the encoders as they ship. Called by `study` and `report`."""

from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest
from attune_emotion.sentences import MODEL_SHA256, VECTOR_SIZE, SentenceEncoder
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attune_training.emotion import export

Floats = NDArray[np.float32]
_BATCH_ROWS = 32


class Encoder:
    """The shipped emotion encoder of a model folder, and the sentence encoder of the emotion service.

    Reading all material takes ten minutes on two cores and a fit one, so vectors are kept in `cache`, a file that is
    read only when both encoders are still the same. `keep` writes it.
    """

    def __init__(self, folder: Path, threads: int, cache: Path) -> None:
        self.manifest = EmotionManifest.model_validate_json((folder / "manifest.json").read_text(encoding="utf-8"))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self.manifest.tokens_max)
        self._session = export.session(folder / "model.onnx", threads)
        self._sentences = SentenceEncoder(threads=threads)
        self._cache = cache
        self._made_by = f"{self.manifest.files['model.onnx']} {MODEL_SHA256}"
        self._known: dict[str, Floats] = self._load()

    def vectors(self, texts: list[str]) -> Floats:
        """Texts × (pooled size + sentence vector size), in the order of the texts."""
        if not texts:
            return np.zeros((0, self.manifest.pooled_size + VECTOR_SIZE), dtype=np.float32)
        # Sorted by length, so that a batch is not padded to one long row.
        new = sorted({text for text in texts if text not in self._known}, key=len)
        for start in range(0, len(new), _BATCH_ROWS):
            batch = new[start : start + _BATCH_ROWS]
            _, pooled = export.run(self._session, self._tokenizer, self.manifest.pad_id, batch, _BATCH_ROWS)
            self._known |= zip(batch, np.concatenate([pooled, self._sentences.read(batch)], axis=1), strict=True)
        return np.stack([self._known[text] for text in texts]).astype(np.float32)

    def keep(self) -> None:
        """Writes everything that was read."""
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        vectors = np.stack(list(self._known.values())).astype(np.float16)
        np.savez(self._cache, made_by=self._made_by, texts=np.array(list(self._known)), vectors=vectors)

    def _load(self) -> dict[str, Floats]:
        if not self._cache.is_file():
            return {}
        with np.load(self._cache, allow_pickle=False) as stored:
            if str(stored["made_by"]) != self._made_by:
                return {}
            return dict(zip(stored["texts"].tolist(), stored["vectors"].astype(np.float32), strict=True))
