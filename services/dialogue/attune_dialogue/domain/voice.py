"""Chooses among variants so that nobody reads the same sentence twice soon. Pure: randomness is passed in."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_dialogue.domain.sentences import split

LANGUAGES = ("en", "ar")
OPENING_WORDS = 4
ASKING = frozenset({Move.EXPLORE, Move.DEEPEN, Move.CELEBRATE})
Pick = Callable[[Sequence[str]], str]
Wording = Mapping[str, Mapping[str, Sequence[str]]]
Templates = Mapping[str, Mapping[Move, Mapping[Emotion, Sequence[str]]]]


def mark(sentence: str) -> str:
    """A short digest by which a session remembers that a sentence was said."""
    return hashlib.blake2s(sentence.strip().encode(), digest_size=5).hexdigest()


def marks(text: str) -> tuple[str, ...]:
    """The digests of all sentences of a text, and of its first words, so that no opening comes back soon either."""
    opening = " ".join(text.lower().split()[:OPENING_WORDS])
    return (*(mark(sentence) for sentence in split(text)), mark(f"{opening} …"))


@dataclass(frozen=True, slots=True)
class Voice:
    """One turn's voice: a language, the fixed wording, the templates, and what was said before."""

    language: str
    wording: Wording
    templates: Templates
    said: tuple[str, ...]
    pick: Pick

    def say(self, key: str, **slots: object) -> str:
        """A variant of a wording key. Raises KeyError for an unknown key."""
        text = self.choose(self.wording[self.language][key])
        return text.format(**slots) if slots else text

    def choose(self, variants: Sequence[str]) -> str:
        """A variant that was not said yet, else one whose sentences lie back the furthest."""
        if len(variants) == 1:
            return variants[0]
        latest = {digest: index for index, digest in enumerate(self.said)}
        ages = [max((latest.get(digest, -1) for digest in marks(variant)), default=-1) for variant in variants]
        oldest = min(ages)
        return self.pick([variant for variant, age in zip(variants, ages, strict=True) if age == oldest])

    def unsaid(self, variants: Sequence[str]) -> tuple[str, ...]:
        """The variants of which no sentence was said yet."""
        said = set(self.said)
        return tuple(variant for variant in variants if said.isdisjoint(marks(variant)))

    def variants(self, emotion: Emotion, move: Move) -> Sequence[str]:
        """The authored replies by emotion and move."""
        return self.templates[self.language].get(move, {}).get(emotion, ())

    def told(self, emotion: Emotion) -> Sequence[str]:
        """Lines that say what happened, for a message that they are very near to."""
        return self.wording[self.language].get(f"told.{emotion.value}", ())

    def questions(self, emotion: Emotion) -> Sequence[str]:
        """Questions that can follow any reply to the emotion."""
        return self.wording[self.language][f"ask.{emotion.value}"]

    def template(self, emotion: Emotion, move: Move) -> str:
        """An authored reply by emotion and move; plain words of the wording when that pair has none."""
        if variants := self.variants(emotion, move):
            return self.choose(variants)
        received = self.say(f"receive.{emotion.value}")
        return f"{received} {self.say(f'ask.{emotion.value}')}" if move in ASKING else received
