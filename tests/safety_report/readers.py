"""Who reads a message: the rules alone, or the rules and the emotion service's risk head. Votes count as in
dialogue: they raise a tier and never lower it, and alone they only ask.

The second reader is the shipped one, run in this process: the same encoder, head and thresholds as the service's.
"""

from collections.abc import Sequence
from functools import cache

from attune_contracts.chat import Message
from attune_contracts.risk import RiskTier
from attune_dialogue.domain.risk import with_vote
from attune_emotion.app import build_encoder
from attune_emotion.classify import readings
from attune_emotion.model_files import open_manifest
from attune_emotion.risk_head import open_risk_reader
from attune_emotion.settings import EmotionSettings
from attune_safety import screen

_BATCH = 32
_CHARS_MAX = 4000


def by_rules(text: str, language: str | None = None, history: Sequence[Message] = ()) -> RiskTier:
    """The tier that the rules give."""
    return screen(text, history, language).tier


def voted(tier: RiskTier, vote: RiskTier) -> RiskTier:
    """The tier of a message that stands alone, by its rules and the second reader's vote."""
    return with_vote(tier, vote)


class SecondReader:
    """The shipped risk head's votes. `present` is false when the shipped model has no such head."""

    def __init__(self) -> None:
        settings = EmotionSettings(threads=2)
        self._manifest = open_manifest(settings.model_dir)
        self.name = self._manifest.name
        self._encoder = build_encoder(settings, self._manifest)
        self._risk = open_risk_reader(settings.model_dir, self._manifest, threads=settings.threads)
        self.present = self._risk is not None

    def votes(self, texts: Sequence[str]) -> list[RiskTier]:
        """One vote a text; none for all when there is no head, and for a text in a script that it cannot read."""
        if self._risk is None:
            return [RiskTier.NONE] * len(texts)
        found: list[RiskTier] = []
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_CHARS_MAX] for text in texts[start : start + _BATCH]]
            encoded = self._encoder.read(batch)
            read = readings(self._manifest, batch, encoded, self._risk.probabilities(batch, encoded.pooled))
            found += [RiskTier.NONE if reading.risk is None else reading.risk.tier for reading in read]
        return found


@cache
def second_reader() -> SecondReader:
    """The one reader of this process."""
    return SecondReader()
