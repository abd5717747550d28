"""What the service needs from an encoder. Implemented by `encoders.onnx` and `encoders.transformers`."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Emotion logits (texts × 5, in the manifest's order) and pooled vectors (texts × pooled size)."""

    logits: Floats
    pooled: Floats


class Encoder(Protocol):
    """Reads texts. Blocking and not thread-safe: only the batching thread calls it."""

    def read(self, texts: list[str]) -> Encoded:
        """One forward pass over 1 to 64 texts."""
        ...
