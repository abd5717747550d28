"""The semantic risk head: an affine map or a small MLP on vectors of a text, in numpy. Loaded by `app`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import EmotionManifest, RiskHeadManifest

from attune_emotion.calibration import sigmoid
from attune_emotion.model_files import ModelRefused
from attune_emotion.ports import Floats
from attune_emotion.sentences import MODEL_SHA256, VECTOR_SIZE, SentenceEncoder


@dataclass(frozen=True, slots=True)
class RiskHead:
    """Layers as (weights, bias), ReLU between them, one logit at the end."""

    layers: tuple[tuple[Floats, Floats], ...]
    temperature: float

    def probabilities(self, vectors: Floats) -> list[float]:
        """One probability a row (texts × the size that the head was made for)."""
        values = vectors
        for index, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if index + 1 < len(self.layers):
                values = np.maximum(values, 0.0)
        return [sigmoid(float(value), self.temperature) for value in values[:, 0]]


def load_risk_head(folder: Path, manifest: RiskHeadManifest, pooled_size: int) -> RiskHead:
    """Reads the npz. Raises ModelRefused when its arrays do not fit each other or the encoders."""
    size = pooled_size
    if manifest.sentence_encoder_sha256 is not None:
        if manifest.sentence_encoder_sha256 != MODEL_SHA256:
            raise ModelRefused(f"the risk head {manifest.file} was fitted on another sentence encoder")
        size += VECTOR_SIZE
    try:
        with np.load(folder / manifest.file, allow_pickle=False) as arrays:
            count = sum(name.startswith("w") for name in arrays.files)
            layers = tuple(
                (arrays[f"w{index}"].astype(np.float32), arrays[f"b{index}"].astype(np.float32))
                for index in range(count)
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelRefused(f"the risk head {manifest.file} cannot be read ({type(error).__name__})") from error
    sizes = [size, *(weights.shape[1] for weights, _ in layers)]
    fits = all(
        weights.shape[0] == sizes[index] and bias.shape == (weights.shape[1],)
        for index, (weights, bias) in enumerate(layers)
    )
    if not layers or not fits or sizes[-1] != 1:
        raise ModelRefused(f"the risk head {manifest.file} does not fit vectors of {size} values")
    return RiskHead(layers, manifest.temperature)


class RiskReader:
    """The head with the encoders it reads from. Blocking; only the batching thread calls it."""

    def __init__(self, head: RiskHead, sentences: SentenceEncoder | None) -> None:
        self._head = head
        self._sentences = sentences

    def probabilities(self, texts: list[str], pooled: Floats) -> list[float]:
        """One probability a text; `pooled` holds the emotion encoder's vectors of the same texts."""
        if self._sentences is None:
            return self._head.probabilities(pooled)
        return self._head.probabilities(np.concatenate([pooled, self._sentences.read(texts)], axis=1))


def open_risk_reader(folder: Path, manifest: EmotionManifest, *, threads: int) -> RiskReader | None:
    """The reader of a model folder, None when the model has no risk head. Raises ModelRefused for files that differ."""
    if manifest.risk_head is None:
        return None
    head = load_risk_head(folder, manifest.risk_head, manifest.pooled_size)
    named = manifest.risk_head.sentence_encoder_sha256 is not None
    return RiskReader(head, SentenceEncoder(threads=threads) if named else None)
