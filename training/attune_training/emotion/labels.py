"""Maps the labels of the public sets onto the five emotions; what does not fit is dropped, never forced."""

from collections.abc import Iterable
from typing import Final

from attune_contracts.emotion import Emotion

EMOTIONS: Final = tuple(Emotion)
_BY_EMOTION: Final[dict[Emotion, str]] = {
    Emotion.HAPPY: "joy amusement excitement gratitude love optimism pride relief",
    Emotion.SAD: "sadness grief disappointment remorse",
    Emotion.ANXIOUS: "fear nervousness",
    Emotion.ANGRY: "anger annoyance",
    Emotion.NEUTRAL: "neutral",
}
GOEMOTIONS: Final[dict[str, Emotion]] = {
    name: emotion for emotion, names in _BY_EMOTION.items() for name in names.split()
}
BRIGHTER: Final[dict[str, Emotion | None]] = {
    "anger": Emotion.ANGRY,
    "disgust": None,
    "fear": Emotion.ANXIOUS,
    "joy": Emotion.HAPPY,
    "sadness": Emotion.SAD,
    "surprise": None,
}
XED: Final[dict[int, Emotion]] = {1: Emotion.ANGRY, 4: Emotion.ANXIOUS, 5: Emotion.HAPPY, 6: Emotion.SAD}


def agreed(labels: Iterable[Emotion | None]) -> Emotion | None:
    """The one emotion that every label maps to, or None when one label does not fit or two disagree."""
    distinct = set(labels)
    return distinct.pop() if len(distinct) == 1 else None
