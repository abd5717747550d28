"""Authored replies by situation, and how a message finds its own. Pure; read from replies/ by adapters/content.py.

A situation is a topic together with what happened in it (an exam ahead, an exam failed), because that is what a
feeling follows from. Each reply is true of every message in its situation and invents nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from attune_contracts.emotion import Emotion, EmotionReading
from attune_contracts.matching import Matches

from attune_dialogue.domain.session import Memory

# Cosines, steadied as matching_index does. Set by eye on messages written for the purpose, see training/results/fit.md.
NEAR = {"en": 0.47, "ar": 0.41}
SURE = {"en": 0.62, "ar": 0.5}
# Below this, a situation must also be that much nearer than the next: two that are as near are often both wrong.
CLEAR = {"en": 0.58, "ar": 0.0}
CLEARLY_NEARER = 0.03
# How much nearer a situation must be when the emotion that was read is not one of its own.
AGAINST_FEELING = 0.12
FEELING_CONFIDENCE_MIN = 0.6
EXCHANGE_NEAR = 0.8
# A situation stays the subject for this many of the person's messages after it was last named.
KEPT_TURNS = 2


@dataclass(frozen=True, slots=True)
class Situation:
    """`says` take the message in, without a question; `asks` are single questions. `feels` are likely, first first."""

    name: str
    feels: tuple[Emotion, ...]
    says: tuple[str, ...]
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A reply from the authored exchanges. It may name details, so it serves only a message that is nearly the same."""

    feels: Emotion
    reply: str


@dataclass(frozen=True, slots=True)
class Replies:
    """Situations by language and name, exchanges by name."""

    situations: Mapping[str, Mapping[str, Situation]]
    exchanges: Mapping[str, Exchange]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about. `sure`: near enough to tell the feeling too. `kept`: an earlier message named it.

    `doubtful`: another situation is as near, so that this one may tell the feeling but lends no replies.
    """

    situation: Situation
    sure: bool
    kept: bool = False
    doubtful: bool = False


def recognise(
    matches: Matches, reading: EmotionReading | None, bank: Mapping[str, Situation], language: str
) -> Subject | None:
    """The situation that is near enough and does not speak against a feeling that was read with confidence."""
    known = [(match.score, bank[match.name]) for match in matches.situations if match.name in bank]
    weighed = [(score - AGAINST_FEELING * speaks_against(one, reading), one) for score, one in known]
    if not weighed:
        return None
    (best, situation), *others = sorted(weighed, key=lambda pair: pair[0], reverse=True)
    rival = others[0][0] if others else 0.0
    if best < NEAR[language]:
        return None
    doubtful = best < CLEAR[language] and best - rival < CLEARLY_NEARER
    return Subject(situation, sure=best >= SURE[language], doubtful=doubtful)


def subject_of(
    results: Sequence[Matches], reading: EmotionReading | None, bank: Mapping[str, Situation], language: str
) -> Subject | None:
    """What the message names by itself, else what it names together with the one before."""
    alone, *together = results
    subject = recognise(alone, reading, bank, language)
    if subject is not None and not subject.doubtful:
        return subject
    found = recognise(together[0], reading, bank, language) if together else None
    return subject if found is None or found.doubtful else replace(found, sure=False, kept=True)


def speaks_against(situation: Situation, reading: EmotionReading | None) -> bool:
    """Whether a confident reading is none of the situation's feelings."""
    if reading is None or reading.abstained or reading.confidence < FEELING_CONFIDENCE_MIN:
        return False
    return reading.label is not Emotion.NEUTRAL and reading.label not in situation.feels


def near_exchanges(matches: Matches, exchanges: Mapping[str, Exchange], felt: Emotion) -> tuple[str, ...]:
    """Replies to messages that are nearly this one and feel the same."""
    found = (exchanges[match.name] for match in matches.exchanges if match.score >= EXCHANGE_NEAR
             and match.name in exchanges)  # fmt: skip
    return tuple(exchange.reply for exchange in found if exchange.feels is felt)


def kept(memory: Memory, turns: int, reading: EmotionReading | None, bank: Mapping[str, Situation]) -> Situation | None:
    """The situation that is still the subject although this message does not name it, unless the feeling changed."""
    fresh = turns + 1 - memory.situation_turn <= KEPT_TURNS
    situation = bank.get(memory.situation) if memory.situation is not None and fresh else None
    return None if situation is None or speaks_against(situation, reading) else situation


def steady(subject: Subject | None, memory: Memory) -> Subject | None:
    """Whatever names the first subject will do; a change of subject needs more evidence than going on with one."""
    if subject is None or memory.situation is None or subject.sure:
        return subject
    if subject.situation.name != memory.situation:
        return None
    return replace(subject, doubtful=False) if subject.doubtful else subject


def remembered(subject: Subject | None, turn: int) -> dict[str, object]:
    """What to store about the subject: a kept one ages, a named one starts anew; talk about the talk is none."""
    if subject is None or subject.kept or subject.doubtful or subject.situation.feels[0] is Emotion.NEUTRAL:
        return {}
    return {"situation": subject.situation.name, "situation_turn": turn}
