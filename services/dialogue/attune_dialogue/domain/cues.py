"""Finds what a message plainly says: a greeting, a yes, a thank-you, good news. Patterns are data, a file a language.

Cues steer the conversation only. Danger is read by attune_safety alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Cue(StrEnum):
    """Everything that policy can notice in the words themselves. Names are the keys of lexicon/*.yaml."""

    IDENTITY = "identity"
    GREETING = "greeting"
    GOODBYE = "goodbye"
    THANKS = "thanks"
    YES = "yes"
    NO = "no"
    SKIP = "skip"
    BACK = "back"
    PAUSE = "pause"
    RESUME = "resume"
    LEAVE = "leave"
    UNSURE = "unsure"
    MISSED = "missed"
    GOOD_NEWS = "good_news"
    MASKED = "masked"
    ADVICE = "advice"
    GRIEF = "grief"
    SLEEP = "sleep"
    WORRY = "worry"
    PANIC = "panic"
    SELF_CRITICISM = "self_criticism"
    LOW_ENERGY = "low_energy"
    PROBLEM = "problem"
    SUMMARY = "summary"
    EXERCISE = "exercise"
    SUPPORTED = "supported"
    NO_QUESTIONS = "no_questions"
    PLAYFUL = "playful"
    CONFUSED = "confused"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Compiled patterns. `whole` ones must match the entire message, `anywhere` ones a part of it."""

    whole: Mapping[Cue, re.Pattern[str]]
    anywhere: Mapping[Cue, re.Pattern[str]]


ARABIC_MARKS = re.compile(r"[\u064b-\u0652\u0670\u0640]")
ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'"})
SPACE = re.compile(r"\s+")
EDGE = re.compile(r"^[\s.,!?؟،…~]+|[\s.,!?؟،…~]+$")


def plain(text: str) -> str:
    """Lower case, one space, straight apostrophes, Arabic without marks and with one form a letter."""
    text = ARABIC_MARKS.sub("", text.lower().translate(APOSTROPHES)).translate(ARABIC_LETTERS)
    return EDGE.sub("", SPACE.sub(" ", text))


def parse_lexicon(raw: Mapping[str, Mapping[str, Sequence[str]]]) -> Lexicon:
    """Compiles a lexicon file's `whole` and `anywhere` maps. Raises ValueError for an unknown cue or a bad pattern."""
    return Lexicon(
        whole={Cue(name): union(patterns, r"^(?:{})$") for name, patterns in raw.get("whole", {}).items()},
        anywhere={Cue(name): union(patterns, r"(?<!\w)(?:{})(?!\w)") for name, patterns in raw["anywhere"].items()},
    )


def union(patterns: Sequence[str], frame: str) -> re.Pattern[str]:
    """One pattern of many, with Arabic letters folded as `plain` folds them."""
    try:
        return re.compile(frame.format("|".join(pattern.translate(ARABIC_LETTERS) for pattern in patterns)))
    except re.error as error:
        raise ValueError(f"bad pattern among {patterns[0]!r}…: {error}") from error


def find_cues(text: str, lexicons: Sequence[Lexicon]) -> frozenset[Cue]:
    """Every cue of a message in any of the lexicons: people mix languages."""
    folded = plain(text)
    found: set[Cue] = set()
    for lexicon in lexicons:
        found |= {cue for cue, pattern in lexicon.whole.items() if pattern.match(folded)}
        found |= {cue for cue, pattern in lexicon.anywhere.items() if pattern.search(folded)}
    return frozenset(found)


ARABIC = re.compile(r"[\u0600-\u06ff]")
LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f]")
ENGLISH = re.compile(r"(?<!\w)(?:the|and|is|am|i'm|my|you|to|of|it|not|what|yes|no|ok|okay|skip|stop|feel|but)(?!\w)")
ENGLISH_WORDS_MIN = 2


def language_of(text: str, locale_language: str, known: Sequence[str]) -> str:
    """The language to answer in: the script that the person writes, then the locale, then English.

    Latin letters under an Arabic locale are Arabizi unless common English words appear.
    """
    arabic, latin = len(ARABIC.findall(text)), len(LATIN.findall(text))
    if arabic > latin:
        return "ar"
    if locale_language == "ar" and (not latin or not ENGLISH.search(plain(text))):
        return "ar"
    if locale_language == "ar":
        return "en"
    return locale_language if locale_language in known else "en"


def writes_english(text: str) -> bool:
    """Whether two common English words stand in the text: one alone (`no`, `me`) may be any language."""
    return len(set(ENGLISH.findall(plain(text)))) >= ENGLISH_WORDS_MIN
