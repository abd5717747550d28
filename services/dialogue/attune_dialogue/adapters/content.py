"""Reads the packaged YAML files into Content. Called once by the composition root; a fault names its file."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import parse_lexicon
from attune_dialogue.domain.exercise import Exercise, Exercises
from attune_dialogue.domain.notices import NoticePolicy
from attune_dialogue.domain.voice import LANGUAGES


def read_yaml(path: Traversable) -> Any:  # noqa: ANN401  the caller validates what it reads
    """One YAML file, with safe tags only."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def load_content() -> Content:
    """All of the package's content. Raises ValueError or pydantic's ValidationError for a file that is not right."""
    root = files("attune_dialogue")
    return Content(
        wording={language: read_yaml(root.joinpath("wording", f"{language}.yaml")) for language in LANGUAGES},
        templates={language: load_templates(root, language) for language in LANGUAGES},
        lexicons={
            language: parse_lexicon(read_yaml(root.joinpath("lexicon", f"{language}.yaml"))) for language in LANGUAGES
        },
        exercises=load_exercises(root),
        notices=NoticePolicy.model_validate(read_yaml(root.joinpath("notices.yaml"))),
    )


def load_templates(root: Traversable, language: str) -> dict[Emotion, dict[Move, tuple[str, ...]]]:
    """templates/<language>.yaml: emotion → move → variants."""
    path = root.joinpath("templates", f"{language}.yaml")
    raw = read_yaml(path) if path.is_file() else {}
    return {
        Emotion(emotion): {Move(move): tuple(variants) for move, variants in moves.items()}
        for emotion, moves in raw.items()
    }


def load_exercises(root: Traversable) -> Exercises:
    """Every file of exercises/, by id."""
    found: dict[str, Exercise] = {}
    for path in sorted(root.joinpath("exercises").iterdir(), key=lambda path: path.name):
        if path.name.endswith(".yaml"):
            exercise = Exercise.model_validate(read_yaml(path))
            if f"{exercise.id}.yaml" != path.name:
                raise ValueError(f"{path.name} holds the exercise {exercise.id}: the names must agree")
            found[exercise.id] = exercise
    return found
