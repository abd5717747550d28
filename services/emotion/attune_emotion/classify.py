"""From a model's numbers to readings: label, abstention, mixture, risk vote. Pure; called on the batch thread."""

from collections.abc import Sequence

import numpy as np
from attune_contracts.emotion import Emotion, EmotionReading
from attune_contracts.emotion_manifest import EmotionManifest, RiskHeadManifest
from attune_contracts.risk import RiskReading, RiskTier

from attune_emotion.calibration import Probabilities, calibrated_softmax
from attune_emotion.ports import Encoded

_DECIMALS = 4


def readings(
    manifest: EmotionManifest, texts: Sequence[str], encoded: Encoded, risks: Sequence[float] | None
) -> tuple[EmotionReading, ...]:
    """One reading a text. `risks` are the risk head's probabilities, None when the model has no such head."""
    probabilities = calibrated_softmax(encoded.logits, manifest.temperature)
    return tuple(
        reading(manifest, text, row, None if risks is None else risks[index])
        for index, (text, row) in enumerate(zip(texts, probabilities, strict=True))
    )


def reading(manifest: EmotionManifest, text: str, row: Probabilities, risk: float | None) -> EmotionReading:
    """The reading of one text. When it abstains its label is neutral and the probabilities still tell why."""
    readable = manifest.can_read(text)
    if not readable:
        row = np.full(len(manifest.labels), 1 / len(manifest.labels))
    named = {label: round(float(value), _DECIMALS) for label, value in zip(manifest.labels, row, strict=True)}
    best = manifest.labels[int(row.argmax())]
    confidence = named[best]
    abstained = not readable or confidence < manifest.threshold
    head = manifest.risk_head
    return EmotionReading(
        probabilities=named,
        label=Emotion.NEUTRAL if abstained else best,
        confidence=confidence,
        abstained=abstained,
        mixed=readable and is_mixed(named, manifest.mixed_min, manifest.mixed_gap),
        risk=risk_reading(head, risk) if head is not None and risk is not None and readable else None,
        model=manifest.name,
    )


def is_mixed(probabilities: dict[Emotion, float], strong_min: float, gap_max: float) -> bool:
    """Whether the two strongest emotions other than neutral are both strong and close."""
    felt = (value for name, value in probabilities.items() if name != Emotion.NEUTRAL)
    first, second, *_ = sorted(felt, reverse=True)
    return second >= strong_min and first - second <= gap_max


def risk_reading(head: RiskHeadManifest, probability: float) -> RiskReading:
    """The tier that a probability votes for: the highest whose minimum it reaches."""
    steps = (
        (head.imminent_min, RiskTier.IMMINENT),
        (head.elevated_min, RiskTier.ELEVATED),
        (head.check_in_min, RiskTier.CHECK_IN),
    )
    tier = next((tier for least, tier in steps if probability >= least), RiskTier.NONE)
    return RiskReading(probability=round(probability, _DECIMALS), tier=tier)
