"""Wire models of the emotion service."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from attune_contracts.base import Input, Output
from attune_contracts.risk import RiskReading

TEXT_CHARS_MAX = 4000
TEXTS_MAX = 64


class Emotion(StrEnum):
    """The five emotions of the paper, in the order of every probability vector."""

    HAPPY = "happy"
    SAD = "sad"
    ANXIOUS = "anxious"
    ANGRY = "angry"
    NEUTRAL = "neutral"


Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]


class ClassifyRequest(Input):
    """1 to 64 texts of 1 to 4,000 characters each."""

    texts: Annotated[list[Text], Field(min_length=1, max_length=TEXTS_MAX)]


class EmotionReading(Output):
    """One text's emotion.

    `probabilities` is the calibrated softmax over the five emotions and sums to 1. `abstained` means that the
    confidence lies under the threshold of the model's manifest: treat the text as neutral and ask.
    `mixed` means that two emotions other than neutral are close. `risk` is null when the model has no risk head.
    """

    probabilities: dict[Emotion, float]
    label: Emotion
    confidence: float
    abstained: bool
    mixed: bool
    risk: RiskReading | None
    model: str


class ClassifyResponse(Output):
    """One reading a text, in the order of the request."""

    results: tuple[EmotionReading, ...]
