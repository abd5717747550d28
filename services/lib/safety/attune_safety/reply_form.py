"""The form of a reply sentence: length, questions, language, echo and broken text. Called by reply_lint."""

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

_WORD = re.compile(r"[\w\u0900-\u097f\u064b-\u0652']+")
_ROLE = re.compile(
    r"(?:^|\n|\s)(?:user|assistant|system|human|ai|bot|attune|person|client|seeker|supporter)\s*:|<\|?[a-z_/]+\|?>|\[/?inst\]|###|</?s>",
    re.IGNORECASE,
)
_LIST = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+|\*\*|^#{1,6}\s|`{1,3}|\|.*\|", re.MULTILINE)
_REPEATED_CHARACTER = re.compile(r"(.)\1{5,}")
_BROKEN = re.compile(r"\ufffd|Ã.|â€|[^\W\d_]{30,}|(?:\b\w\b\s){6,}")
_CONSONANTS = re.compile(r"\b[bcdfghjklmnpqrstvwxz]{6,}\b", re.IGNORECASE)
_SCRIPTS = {"ar": re.compile(r"[\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff]"), "hi": re.compile(r"[\u0900-\u097f]")}
_OTHER_SCRIPT = re.compile(
    r"[\u0400-\u04ff\u0590-\u05ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f\u0370-\u03ff]"
)
_LATIN = re.compile(r"[a-zA-ZÀ-ÿ]")
_SCRIPT_SHARE_MIN = 0.6
_VOTES_MIN = 3
_OPENING_WORDS = 4
_ECHO_GRAM = 4
_ECHO_SHARE_MAX = 0.5
_ECHO_RUN_MAX = 7
_OWN_WORDS_MIN = 6
_SAME_SHARE = 0.85


class Echo(StrEnum):
    """Whether a sentence says back what the person just said in their own order of words."""

    FRESH = "fresh"
    PARROT = "parrot"


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower().replace("’", "'"))


def word_count(text: str) -> int:
    """How many words a text has."""
    return len(words_of(text))


def is_question(sentence: str) -> bool:
    """Whether a sentence asks."""
    return "?" in sentence or "؟" in sentence


def same_sentence(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words of two sentences, four or more, are the same but for a word or two."""
    if one == other:
        return bool(one)
    shorter, longer = sorted((len(one), len(other)))
    # Two sentences share no more words than the shorter one has.
    if shorter < max(_OPENING_WORDS, _SAME_SHARE * longer):
        return False
    return sum((Counter(one) & Counter(other)).values()) >= _SAME_SHARE * longer


def same_opening(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the words of two sentences begin with the same four."""
    return len(one) >= _OPENING_WORDS and one[:_OPENING_WORDS] == other[:_OPENING_WORDS]


def echoes_user(sentence: str, user_text: str) -> Echo:
    """Parroting: half of the sentence's four-word runs are the person's, or seven of their words stand in a row.

    I and you are taken as one, since a parrot turns them round.
    """
    mine, theirs = _turned(words_of(sentence)), _turned(words_of(user_text))
    grams = _grams(mine, _ECHO_GRAM)
    if len(mine) < _OWN_WORDS_MIN or not grams:
        return Echo.FRESH
    known = set(_grams(theirs, _ECHO_GRAM))
    share = sum(gram in known for gram in grams) / len(grams)
    runs = set(_grams(theirs, _ECHO_RUN_MAX))
    if share > _ECHO_SHARE_MAX or any(run in runs for run in _grams(mine, _ECHO_RUN_MAX)):
        return Echo.PARROT
    return Echo.FRESH


_TURNS = {"you": "i", "your": "my", "yours": "mine", "yourself": "myself", "you're": "i'm", "me": "i", "are": "am",
          "you've": "i've", "you'd": "i'd", "you'll": "i'll", "were": "was"}  # fmt: skip


def _turned(words: list[str]) -> list[str]:
    return [_TURNS.get(word, word) for word in words]


def _grams(words: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[index : index + size]) for index in range(len(words) - size + 1)]


def language_mismatch(text: str, language: str) -> bool:
    """Whether a sentence is plainly in another language than asked. Short and unclear sentences pass."""
    if len(_OTHER_SCRIPT.findall(text)) >= 2:
        return True
    latin = len(_LATIN.findall(text))
    scripts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    own = _SCRIPTS.get(language)
    if own is not None:
        inside = scripts[language]
        hinglish = language == "hi" and inside == 0
        return not hinglish and latin + inside > 0 and inside < _SCRIPT_SHARE_MIN * (latin + inside)
    if sum(scripts.values()) > latin * (1 - _SCRIPT_SHARE_MIN):
        return sum(scripts.values()) > 0
    return language in _stopwords() and _votes_against(words_of(text), language)


@cache
def _stopwords() -> Mapping[str, frozenset[str]]:
    raw = yaml.safe_load(files("attune_safety").joinpath("rules", "stop_words.yaml").read_text(encoding="utf-8"))
    return {language: frozenset(text.split()) for language, text in raw.items()}


def _votes_against(words: list[str], language: str) -> bool:
    votes = {name: sum(word in stop for word in words) for name, stop in _stopwords().items()}
    own = votes.pop(language)
    best = max(votes.values())
    return best >= _VOTES_MIN and best >= 2 * own + 1


def degenerate(text: str) -> bool:
    """Broken model text: loops, role markers, lists, mangled bytes, or nothing to read at all."""
    if not any(letter.isalpha() for letter in text):
        return True
    if any(pattern.search(text) for pattern in (_ROLE, _LIST, _REPEATED_CHARACTER, _BROKEN, _CONSONANTS)):
        return True
    words = words_of(text)
    pairs = Counter(itertools.pairwise(words))
    triples = Counter(_grams(words, 3))
    return (
        any(one == two == three for one, two, three in zip(words, words[1:], words[2:], strict=False))
        or any(count >= 3 for count in pairs.values())
        or any(count >= 2 for count in triples.values())
    )
