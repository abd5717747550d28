"""Somebody or something that a message names, so that a question can be about just that. Pure.

For a message whose situation nobody wrote replies for: "How are things between you and your sister right now?" is
nearer to it than a question that suits everything. Patterns and questions are data, mentions/<language>.yaml.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attune_contracts.emotion import Emotion
from pydantic import BaseModel, ConfigDict

from attune_dialogue.domain.cues import ARABIC_LETTERS, plain


class MentionableFile(BaseModel):
    """One kind of thing in a mentions file. `said` is a pattern around `{}`, where the names go."""

    model_config = ConfigDict(extra="forbid")

    said: str
    names: dict[str, str]
    asks: dict[Emotion, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Mentionable:
    """One kind of thing: a pattern whose group is the folded name, how each is said back, and the questions."""

    pattern: re.Pattern[str]
    names: Mapping[str, str]
    asks: Mapping[Emotion, Sequence[str]]

    def named(self, text: str) -> str | None:
        """How the one thing that the text names is said back; None for none, and for several."""
        found = {self.names[match.group(1)] for match in self.pattern.finditer(plain(text))}
        return found.pop() if len(found) == 1 else None


Mentions = Sequence[Mentionable]


def parse_mentions(raw: Mapping[str, object]) -> tuple[Mentionable, ...]:
    """Compiles a mentions file. Raises pydantic's ValidationError for one that is not right."""
    return tuple(_compiled(MentionableFile.model_validate(one)) for one in raw.values())


def _compiled(kind: MentionableFile) -> Mentionable:
    names = {plain(name): back for name, back in kind.names.items()}
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    said = kind.said.translate(ARABIC_LETTERS).replace("{}", f"({longest_first})")
    return Mentionable(re.compile(rf"(?<!\w){said}(?!\w)"), names, kind.asks)


def questions(mentions: Mentions, text: str, felt: Emotion) -> tuple[str, ...]:
    """The questions about what the text names, of the first kind that names just one and has any for the feeling.

    Fear is about what comes, so that is looked for first; everything else is about people first.
    """
    for one in reversed(mentions) if felt is Emotion.ANXIOUS else mentions:
        name = one.named(text)
        if name is not None and one.asks.get(felt):
            return tuple(ask.format(name=name) for ask in one.asks[felt])
    return ()
