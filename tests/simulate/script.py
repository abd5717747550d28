"""A scripted person as data: people/*.yaml, one file a person. Read by person.py; other players may read them too."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).parent / "people"


class Part(BaseModel):
    """Base of everything in a person's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(Part):
    """Something the person says of their own accord. `good` marks good news, which nobody may steer elsewhere."""

    say: str
    good: bool = False


class Reaction(Part):
    """What the person answers when Attune's words match `when`; each answer is used once."""

    when: str
    say: tuple[str, ...]


class Offers(Part):
    """How the person takes an offer, and in which words; without words they tap the button."""

    answer: Literal["accept", "refuse", "alternate"]
    say_yes: tuple[str, ...] = ()
    say_no: tuple[str, ...] = ()


class Quirk(Part):
    """Something done inside an exercise instead of answering: `at` counts that person's exercise steps from 0."""

    at: int
    say: str


class Person(Part):
    """A whole person. `steps` maps "exercise.step" or a kind of input to answers; `lines` are told in order."""

    id: str
    about: str
    locale: str
    country: str | None
    offers: Offers
    lines: tuple[str | Line, ...] = Field(min_length=10)
    reactions: tuple[Reaction, ...] = ()
    steps: dict[str, tuple[str, ...]] = {}
    quirks: tuple[Quirk, ...] = ()
    taps: bool = True
    paused_turns: int = 2
    in_danger: bool = False

    def line(self, index: int) -> Line:
        """The line at a place; a person who has said everything starts over."""
        line = self.lines[index % len(self.lines)]
        return Line(say=line) if isinstance(line, str) else line


def load_people(names: Sequence[str] = ()) -> list[Person]:
    """All people, or those named. Raises ValueError when a file and its id disagree."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        person = Person.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        if person.id != path.stem:
            raise ValueError(f"{path.name} holds the person {person.id}: the names must agree")
        found.append(person)
    return [person for person in found if not names or person.id in names]
