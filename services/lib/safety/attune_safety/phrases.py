"""Crisis wordings by element and language, from `phrases/*.yaml`. `first_reply` and the crisis machine speak with them.

English and Arabic hold at least five wordings of each element, the others two. Any other language gets English.
"""

from functools import cache
from importlib.resources import files

import yaml

LANGUAGES = ("en", "ar", "es", "fr", "hi")
FALLBACK = "en"


@cache
def load_phrases(language: str) -> dict[str, tuple[str, ...]]:
    """Element → its wordings. A language without a file gets the English ones. Raises ValueError for a broken file."""
    name = language if language in LANGUAGES else FALLBACK
    raw = yaml.safe_load(files("attune_safety").joinpath("phrases", f"{name}.yaml").read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or not all(isinstance(texts, list) and texts for texts in raw.values()):
        raise ValueError(f"phrases/{name}.yaml must map each element to a list of wordings")
    return {str(element): tuple(str(text) for text in texts) for element, texts in raw.items()}


def elements() -> tuple[str, ...]:
    """The names of all elements."""
    return tuple(load_phrases(FALLBACK))


def count(element: str, language: str) -> int:
    """How many wordings the element has, so that a caller can rotate. Raises KeyError for an unknown element."""
    return len(load_phrases(language)[element])


def wording(element: str, language: str, pick: int, **slots: str) -> str:
    """One wording, `pick` taken modulo their number: counting up repeats none until all are used.

    Slots are `line`, `emergency` and `directory`. Raises KeyError for an unknown element or a missing slot.
    """
    texts = load_phrases(language)[element]
    return texts[pick % len(texts)].format(**slots)
