"""The rules of all languages as data, read once from rules/*.yaml. Called by screen.

Each file holds slots (named word lists), spellings, context words and rules. A rule gives a signal to the patterns
it lists; grading turns the signals of a message into a tier.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from attune_safety.arabic_words import arabic_stem
from attune_safety.lexicon import Lexicon
from attune_safety.lookalikes import fold
from attune_safety.patterns import Automaton, Phrase, phrases_of

LANGUAGES = ("en", "ar", "es", "fr", "hi")


class Signal(StrEnum):
    """What a pattern says. Grading gives each its tier; the names in the rule files are these."""

    IDIOM = "idiom"
    INTENT = "intent"
    ACTIVE = "active"
    WISH = "wish"
    PASSIVE = "passive"
    HEAVY = "heavy"
    LOW = "low"
    PLAN = "plan"
    MEANS = "means"
    IN_HAND = "in_hand"
    METHOD_QUESTION = "method_question"
    DO_IT = "do_it"
    SOON = "soon"
    NOW = "now"
    ACT = "act"
    FAREWELL = "farewell"
    MENTION = "mention"
    PAST = "past"
    SELF_HARM = "self_harm"
    SELF_HARM_NOW = "self_harm_now"
    OTHER = "other"
    OTHER_VEILED = "other_veiled"
    OTHER_NOW = "other_now"
    LOSS = "loss"
    HARM_INTENT = "harm_intent"
    HARM_BY_OTHER = "harm_by_other"
    HARM_BY_OTHER_NOW = "harm_by_other_now"
    AFRAID_OF = "afraid_of"
    MEDICAL = "medical"
    TOLD_TO = "told_to"
    DENIAL = "denial"
    ARRANGING = "arranging"
    BYE = "bye"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule file.

    `by_subject` rules ask the words before the match who is meant. `plain` rules look at no negation and no past.
    `hyperbole` rules are said in fun too: a laugh or a trivial cause lowers them. `near_first` rules need an I or a
    me within a few words.
    """

    id: str
    language: str
    signal: Signal
    by_subject: bool
    plain: bool
    hyperbole: bool
    near_first: bool


@dataclass(frozen=True, slots=True)
class Context:
    """Words of one language that change what a rule means. Every set holds single rule-spelled words.

    `conjoining` words make a conjunction of the negator behind them (Arabic `after that` is written `after not`).
    """

    negators: frozenset[str]
    negation_fillers: frozenset[str]
    not_yet: frozenset[str]
    first: frozenset[str]
    known_others: frozenset[str]
    others: frozenset[str]
    second: frozenset[str]
    generic: frozenset[str]
    resets: frozenset[str]
    connectors: frozenset[str]
    present: frozenset[str]
    turns: frozenset[str]
    inner_negators: frozenset[str]
    clause_starts: frozenset[str]
    own_voice: frozenset[str]
    conjoining: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, the automaton that finds them, and the markers (past, frame, laugh, …) found by the same pass."""

    rules: tuple[Rule, ...]
    automaton: Automaton
    markers: Mapping[int, tuple[str, str]]
    contexts: Mapping[str, Context]
    lexicon: Lexicon
    answers: Mapping[str, frozenset[str]]


@cache
def load_rulebook() -> Rulebook:
    """Reads the rule files. Raises KeyError or ValueError for a rule that names an unknown slot or signal."""
    raws = {language: _raw(language) for language in LANGUAGES}
    accented = _accented(raws.values())
    canonical = _canonical_of(_spellings(raws.values()), accented)
    automaton = Automaton(canonical)
    rules: list[Rule] = []
    markers: list[tuple[str, str]] = []
    pending: list[tuple[str, str, str, Mapping[str, tuple[Phrase, ...]]]] = []
    for language, raw in raws.items():
        slots: dict[str, tuple[Phrase, ...]] = {}
        for name, entries in raw.get("slots", {}).items():
            slots[name] = _slot(entries, slots)
        for entry in raw["rules"]:
            rules.append(_rule(entry, language))
            for pattern in entry["patterns"]:
                automaton.add(pattern, slots, len(rules) - 1)
        pending += [
            (language, name, pattern, slots)
            for name, patterns in raw.get("markers", {}).items()
            for pattern in patterns
        ]
    owners: dict[tuple[str, str], int] = {}
    for language, name, pattern, slots_of in pending:
        if (language, name) not in owners:
            owners[language, name] = len(rules) + len(markers)
            markers.append((language, name))
        automaton.add(pattern, slots_of, owners[language, name])
    contexts = {language: _context(raw["context"], canonical) for language, raw in raws.items()}
    answers = _answers(raws.values(), canonical)
    return Rulebook(
        rules=tuple(rules),
        automaton=automaton,
        markers={number: marker for marker, number in owners.items()},
        contexts=contexts,
        lexicon=_lexicon(raws, automaton, contexts.values(), answers, canonical, accented),
        answers=answers,
    )


def _spellings(raws: Collection[Mapping[str, Any]]) -> dict[str, Phrase]:
    """Variant to canonical words, of all languages together: a text does not say which language a word is in."""
    spellings: dict[str, Phrase] = {}
    for raw in raws:
        for canonical, variants in raw.get("spellings", {}).items():
            for variant in variants:
                spellings.setdefault(_plain(str(variant)), tuple(_plain(word) for word in str(canonical).split()))
    for raw in raws:
        _add_stems(spellings, raw)
    return spellings


_AND_WORD_MIN = 4
_ARABIC_WORD = re.compile("[\u0621-\u064a]+")


def _add_stems(spellings: dict[str, Phrase], raw: Mapping[str, Any]) -> None:
    """Makes one word of an Arabic rule word with and without its tense or preposition, in the rules and in texts."""
    if "unstemmed" not in raw:
        return
    told = " ".join(_texts([raw["slots"], raw["rules"], raw["markers"]]))
    words = {fold(word) for word in _ARABIC_WORD.findall(told)} - spellings.keys()
    left = _words(raw["unstemmed"]) | _words(raw.get("ordinary"))
    stems = {
        word: stem for word in words - left if (stem := arabic_stem(word, words.__contains__)) and stem not in left
    }
    for word, stem in stems.items():
        stems[word] = stems.get(stem, stem)
    for variant, canonical in spellings.items():
        spellings[variant] = tuple(stems.get(word, word) for word in canonical)
    spellings.update((word, (stem,)) for word, stem in stems.items())
    for word in words - left - stems.keys():
        rest = word.removeprefix("و")
        if rest != word and len(rest) >= _AND_WORD_MIN and rest in words - left:
            spellings[word] = ("و", stems.get(rest, rest))


def _texts(entry: Any) -> Iterable[str]:  # noqa: ANN401 - YAML
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, Mapping) else entry:
            yield from _texts(part)


def _accented(raws: Iterable[Mapping[str, Any]]) -> dict[str, Phrase]:
    """Words whose accent makes them another word (Spanish `él` is no article), to the rule words they are read as."""
    return {
        str(variant): tuple(_plain(word) for word in str(canonical).split())
        for raw in raws
        for canonical, variants in raw.get("accented", {}).items()
        for variant in variants
    }


def _plain(word: str) -> str:
    return word if word.isascii() else fold(word)


def _canonical_of(spellings: Mapping[str, Phrase], accented: Mapping[str, Phrase]) -> Callable[[str], Phrase]:
    # The rules spell a few thousand words some hundred thousand times.
    @cache
    def canonical(word: str) -> Phrase:
        if word in accented:
            return accented[word]
        plain = _plain(word)
        return spellings.get(plain, (plain,))

    return canonical


def _raw(language: str) -> dict[str, Any]:
    text = files("attune_safety").joinpath("rules", f"{language}.yaml").read_text(encoding="utf-8")
    # The base loader leaves every scalar a string, so that the words no, on and yes stay words.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    loaded: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - it builds strings, lists and dicts only
    return loaded


def _slot(entries: Iterable[str], slots: Mapping[str, tuple[Phrase, ...]]) -> tuple[Phrase, ...]:
    phrases: list[Phrase] = []
    for entry in entries:
        phrases += phrases_of(str(entry), slots)
    return tuple(dict.fromkeys(phrases))


def _rule(entry: Mapping[str, Any], language: str) -> Rule:
    unknown = set(entry) - {"id", "signal", "patterns", "by_subject", "plain", "hyperbole", "near_first"}
    if unknown:
        raise ValueError(f"rule {entry['id']}: unknown keys {sorted(unknown)}")
    return Rule(
        id=f"{language}.{entry['id']}",
        language=language,
        signal=Signal(entry["signal"]),
        by_subject=entry.get("by_subject") == "true",
        plain=entry.get("plain") == "true",
        hyperbole=entry.get("hyperbole") == "true",
        near_first=entry.get("near_first") == "true",
    )


def _words(entries: Any, canonical: Callable[[str], Phrase] | None = None) -> frozenset[str]:  # noqa: ANN401 - YAML
    """A YAML list of words or phrases, each as the normaliser would leave it."""
    words: set[str] = set()
    for entry in entries or ():
        parts = str(entry).split()
        spelled = [part for word in parts for part in (canonical(word) if canonical else (_plain(word),))]
        words.add(" ".join(spelled))
    return frozenset(words)


def _context(raw: Mapping[str, Any], canonical: Callable[[str], Phrase]) -> Context:
    return Context(**{name: _words(raw.get(name), canonical) for name in Context.__dataclass_fields__})


def _answers(raws: Iterable[Mapping[str, Any]], canonical: Callable[[str], Phrase]) -> dict[str, frozenset[str]]:
    merged: dict[str, frozenset[str]] = {}
    for raw in raws:
        for name, entries in raw.get("answers", {}).items():
            merged[name] = merged.get(name, frozenset()) | _words(entries, canonical)
    return merged


def _lexicon(
    raws: Mapping[str, Mapping[str, Any]],
    automaton: Automaton,
    contexts: Iterable[Context],
    answers: Mapping[str, frozenset[str]],
    canonical: Callable[[str], Phrase],
    accented: Mapping[str, Phrase],
) -> Lexicon:
    words = set(automaton.words)
    for context in contexts:
        for name in Context.__dataclass_fields__:
            words |= getattr(context, name)
    words |= {word for entries in answers.values() for entry in entries for word in entry.split()}
    spellings = _spellings(raws.values())
    for variant in spellings:
        words.discard(variant)
    targets: set[str] = set()
    ordinary: set[str] = set()
    arabizi: dict[str, str] = {}
    roots: list[str] = []
    for raw in raws.values():
        targets |= _words(raw.get("typo_targets"))
        ordinary |= _words(raw.get("ordinary"))
        roots += raw.get("glue_roots", [])
        for arabic, variants in raw.get("arabizi", {}).items():
            spelled = " ".join(part for word in str(arabic).split() for part in canonical(word))
            arabizi.update((str(variant), spelled) for variant in variants)
    return Lexicon(
        words=frozenset(words),
        spellings=spellings,
        accented=accented,
        typo_targets=frozenset(targets),
        ordinary=frozenset(ordinary),
        arabizi=arabizi,
        glue_roots=re.compile("|".join(roots)),
    )
