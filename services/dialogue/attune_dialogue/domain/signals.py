"""What policy knows about a message: its cues, its emotion, its risk, and how it relates to earlier ones. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from attune_contracts.emotion import Emotion, EmotionReading
from attune_contracts.risk import RiskAssessment

from attune_dialogue.domain.cues import Cue, plain
from attune_dialogue.domain.replies import Subject

WORD = re.compile(r"\w{4,}")
LOOP_OVERLAP = 0.5
LOOP_TIMES = 2
# When the emotion service is down or unsure, plain words still tell something.
FELT_FROM_CUES = (
    (Cue.PANIC, Emotion.ANXIOUS),
    (Cue.GRIEF, Emotion.SAD),
    (Cue.GOOD_NEWS, Emotion.HAPPY),
    (Cue.SELF_CRITICISM, Emotion.SAD),
    (Cue.WORRY, Emotion.ANXIOUS),
    (Cue.LOW_ENERGY, Emotion.SAD),
    (Cue.SLEEP, Emotion.ANXIOUS),
)


@dataclass(frozen=True, slots=True)
class Signals:
    """One message and what was read from it. `reading` is None when the emotion service is down."""

    text: str
    language: str
    cues: frozenset[Cue]
    suggestion_id: str | None
    assessment: RiskAssessment
    reading: EmotionReading | None
    now: datetime
    subject: Subject | None = None
    near: tuple[str, ...] = ()

    def with_reading(self, reading: EmotionReading | None) -> "Signals":
        """The same signals with the emotion that was read."""
        return replace(self, reading=reading)

    @property
    def felt(self) -> Emotion:
        """The emotion to answer: that of a situation plainly told, the model's when it is sure, else what words say."""
        told = self._told
        if told is not None:
            return told
        if self.reading is not None and not self.reading.abstained:
            return self.reading.label
        return next((emotion for cue, emotion in FELT_FROM_CUES if cue in self.cues), Emotion.NEUTRAL)

    @property
    def _told(self) -> Emotion | None:
        """What the situation tells: the reading's label where both agree, else the situation's first feeling."""
        if self.subject is None or self.subject.kept:
            return None
        feels, reading = self.subject.situation.feels, self.reading
        if reading is not None and not reading.abstained and reading.label in feels:
            return reading.label
        unread = reading is None or reading.abstained or reading.label is Emotion.NEUTRAL
        return feels[0] if self.subject.sure or unread else None

    @property
    def plainly_told(self) -> bool:
        """Whether the situation is near enough to be sure of it."""
        return self.subject is not None and self.subject.sure

    @property
    def unclear(self) -> bool:
        """Whether the emotion was read and is not sure, and the words give no hint either."""
        return self.reading is not None and self.reading.abstained and self.felt is Emotion.NEUTRAL

    @property
    def words(self) -> int:
        """How many words the message has."""
        return len(self.text.split())

    def has(self, *cues: Cue) -> bool:
        """Whether any of the cues is there."""
        return not self.cues.isdisjoint(cues)


def content_words(text: str) -> frozenset[str]:
    """The longer words of a text, folded: what it is about."""
    return frozenset(WORD.findall(plain(text)))


def times_said(text: str, earlier: Sequence[str]) -> int:
    """How many earlier messages are about the same thing, by overlap of content words (Jaccard on the smaller set)."""
    words = content_words(text)
    if len(words) < 2:
        return 0
    count = 0
    for other in map(content_words, earlier):
        smaller = min(len(words), len(other))
        count += smaller >= 2 and len(words & other) / smaller >= LOOP_OVERLAP
    return count


def is_loop(text: str, earlier: Sequence[str]) -> bool:
    """Whether the same worry now comes for the third time or more."""
    return times_said(text, earlier) >= LOOP_TIMES
