"""The manifest beside an emotion model: training writes it, the emotion service reads and verifies it at start."""

import unicodedata

from attune_contracts.base import Input
from attune_contracts.emotion import Emotion

_LETTERS_SAMPLED = 400


class RiskHeadManifest(Input):
    """A second small file that reads vectors of a text: sigmoid of an affine map or of a one-layer MLP.

    `file` is an npz with float32 arrays `w0` (size × n), `b0` (n) and, for an MLP with ReLU, `w1` (n × 1), `b1` (1).
    It reads the pooled vector and, when `sentence_encoder_sha256` names that model file, the sentence vector after it.
    A probability at or above a `*_min` votes for that tier.
    """

    file: str
    sentence_encoder_sha256: str | None = None
    temperature: float
    check_in_min: float
    elevated_min: float
    imminent_min: float


class EmotionManifest(Input):
    """What the service needs to know about the model files beside it, and what a person wants to know.

    `labels` is the order of the logits. `temperature` divides them before the softmax. A confidence below `threshold`
    abstains. A reading is mixed when its two strongest emotions other than neutral both reach `mixed_min` and lie
    within `mixed_gap`. A text is read only when at least `readable_min` of its letters belong to `scripts` (first
    words of Unicode character names). `files` maps a file name to its SHA-256 in hex; `scores` are plain figures,
    each named with its test set.
    """

    schema_version: int
    name: str
    base: str
    base_licence: str
    labels: tuple[Emotion, ...]
    languages: tuple[str, ...]
    scripts: tuple[str, ...]
    readable_min: float
    tokens_max: int
    pad_id: int
    pooled_size: int
    temperature: float
    threshold: float
    mixed_min: float
    mixed_gap: float
    risk_head: RiskHeadManifest | None
    data_sha256: str
    data_licences: tuple[str, ...]
    seed: int
    created_at: str
    scores: dict[str, float]
    files: dict[str, str]

    def can_read(self, text: str) -> bool:
        """Whether the model knows the script of enough letters; an emoji or "..." has no letters and is readable."""
        letters = [char for char in text if char.isalpha()][:_LETTERS_SAMPLED]
        known = sum(unicodedata.name(char, "").split(" ", 1)[0] in self.scripts for char in letters)
        return not letters or known / len(letters) >= self.readable_min
