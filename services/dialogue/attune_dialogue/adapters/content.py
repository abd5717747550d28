"""Reads the packaged YAML files into Content. Called once by the composition root; a fault names its file."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from attune_contracts.dialogue import Move
from attune_contracts.emotion import Emotion

from attune_dialogue.domain.content import Content
from attune_dialogue.domain.cues import parse_lexicon
from attune_dialogue.domain.exercise import Exercise, Exercises
from attune_dialogue.domain.mention import parse_mentions
from attune_dialogue.domain.notices import NoticePolicy
from attune_dialogue.domain.replies import Exchange, Replies, Situation
from attune_dialogue.domain.voice import LANGUAGES

# The C loader is ten times faster, which counts at start; some builds of PyYAML lack it.
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Traversable) -> Any:  # noqa: ANN401  the caller validates what it reads
    """One YAML file, with safe tags only."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=SAFE_LOADER)  # noqa: S506  both loaders are safe


def load_content() -> Content:
    """All of the package's content. Raises ValueError or pydantic's ValidationError for a file that is not right."""
    root = files("attune_dialogue")
    return Content(
        wording={language: read_yaml(root.joinpath("wording", f"{language}.yaml")) for language in LANGUAGES},
        templates={language: load_templates(root, language) for language in LANGUAGES},
        lexicons={
            language: parse_lexicon(read_yaml(root.joinpath("lexicon", f"{language}.yaml"))) for language in LANGUAGES
        },
        mentions={
            language: parse_mentions(read_yaml(root.joinpath("mentions", f"{language}.yaml"))) for language in LANGUAGES
        },
        exercises=load_exercises(root),
        notices=NoticePolicy.model_validate(read_yaml(root.joinpath("notices.yaml"))),
        replies=Replies(
            situations={language: load_situations(root, language) for language in LANGUAGES},
            exchanges=load_exchanges(root),
        ),
    )


def load_templates(root: Traversable, language: str) -> dict[Move, dict[Emotion, tuple[str, ...]]]:
    """templates/<language>.yaml holds move → emotion → variants; those under `any` suit every emotion."""
    raw = read_yaml(root.joinpath("templates", f"{language}.yaml"))
    if raw["language"] != language:
        raise ValueError(f"templates/{language}.yaml states the language {raw['language']}")
    return {
        Move(move): {emotion: (*emotions.get(emotion.value, ()), *emotions.get("any", ())) for emotion in Emotion}
        for move, emotions in raw["moves"].items()
    }


def load_situations(root: Traversable, language: str) -> dict[str, Situation]:
    """replies/<language>/*.yaml: name → feels, says, asks; `like` holds the examples that training makes vectors of."""
    found: dict[str, Situation] = {}
    for path in sorted(root.joinpath("replies", language).iterdir(), key=lambda path: path.name):
        for name, raw in read_yaml(path).items():
            if name in found:
                raise ValueError(f"{path.name} holds {name} a second time")
            feels = tuple(Emotion(feeling) for feeling in raw["feels"])
            found[name] = Situation(name, feels, tuple(raw["says"]), tuple(raw["asks"]))
    return found


def load_exchanges(root: Traversable) -> dict[str, Exchange]:
    """replies/exchanges.jsonl, written by training: the replies of its train split by id."""
    lines = root.joinpath("replies", "exchanges.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["id"]: Exchange(Emotion(row["emotion"]), row["reply"]) for row in rows}


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
