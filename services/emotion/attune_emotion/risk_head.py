"""The semantic risk head: an affine map or a small MLP on the pooled vector, in numpy. Loaded by `app`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from attune_contracts.emotion_manifest import RiskHeadManifest

from attune_emotion.calibration import sigmoid
from attune_emotion.model_files import ModelRefused
from attune_emotion.ports import Floats


@dataclass(frozen=True, slots=True)
class RiskHead:
    """Layers as (weights, bias), ReLU between them, one logit at the end."""

    layers: tuple[tuple[Floats, Floats], ...]
    temperature: float

    def probabilities(self, pooled: Floats) -> list[float]:
        """One probability a row of pooled vectors (texts × pooled size)."""
        values = pooled
        for index, (weights, bias) in enumerate(self.layers):
            values = values @ weights + bias
            if index + 1 < len(self.layers):
                values = np.maximum(values, 0.0)
        return [sigmoid(float(value), self.temperature) for value in values[:, 0]]


def load_risk_head(folder: Path, manifest: RiskHeadManifest, pooled_size: int) -> RiskHead:
    """Reads the npz. Raises ModelRefused when its arrays do not fit each other or the encoder."""
    try:
        with np.load(folder / manifest.file, allow_pickle=False) as arrays:
            count = sum(name.startswith("w") for name in arrays.files)
            layers = tuple(
                (arrays[f"w{index}"].astype(np.float32), arrays[f"b{index}"].astype(np.float32))
                for index in range(count)
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelRefused(f"the risk head {manifest.file} cannot be read ({type(error).__name__})") from error
    sizes = [pooled_size, *(weights.shape[1] for weights, _ in layers)]
    fits = all(
        weights.shape[0] == sizes[index] and bias.shape == (weights.shape[1],)
        for index, (weights, bias) in enumerate(layers)
    )
    if not layers or not fits or sizes[-1] != 1:
        raise ModelRefused(f"the risk head {manifest.file} does not fit an encoder of {pooled_size} values")
    return RiskHead(layers, manifest.temperature)
