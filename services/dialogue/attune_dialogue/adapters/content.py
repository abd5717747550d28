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
    """templates/<language>.yaml: move → emotion → variants; those under `any` come after each emotion's own.

    Raises ValueError for an unknown move or emotion, and for a file of another language.
    """
    raw = read_yaml(root.joinpath("templates", f"{language}.yaml"))
    if raw["language"] != language:
        raise ValueError(f"templates/{language}.yaml states language {raw['language']!r}")
    moves = {Move(move): dict(by_emotion) for move, by_emotion in raw["moves"].items()}
    shared = {move: by_emotion.pop("any", []) for move, by_emotion in moves.items()}
    own = {move: {Emotion(name): texts for name, texts in by_emotion.items()} for move, by_emotion in moves.items()}
    return {emotion: {move: (*own[move].get(emotion, ()), *shared[move]) for move in moves} for emotion in Emotion}


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
