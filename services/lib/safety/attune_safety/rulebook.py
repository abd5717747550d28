"""The rules of all languages as data, read once from rules/*.yaml. Called by screen.

Each file holds slots (named word lists), spellings, context words and rules. A rule gives a signal to the patterns
it lists; grading turns the signals of a message into a tier.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from attune_safety.normalise import Lexicon
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
    PLAN = "plan"
    MEANS = "means"
    METHOD_QUESTION = "method_question"
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


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a rule file.

    `by_subject` rules ask the words before the match who is meant. `plain` rules look at no negation and no past.
    `hyperbole` rules are said in fun too: a laugh or a trivial cause lowers them.
    """

    id: str
    language: str
    signal: Signal
    by_subject: bool
    plain: bool
    hyperbole: bool


@dataclass(frozen=True, slots=True)
class Context:
    """Words of one language that change what a rule means. Every set holds single rule-spelled words."""

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
    automaton = Automaton()
    rules: list[Rule] = []
    markers: dict[int, tuple[str, str]] = {}
    raws = {language: _raw(language) for language in LANGUAGES}
    slots: dict[str, tuple[Phrase, ...]] = {}
    for language, raw in raws.items():
        own = dict(slots)
        for name, entries in raw.get("slots", {}).items():
            own[name] = _slot(entries, own)
        for entry in raw["rules"]:
            rules.append(_rule(entry, language))
            for pattern in entry["patterns"]:
                automaton.add(pattern, own, len(rules) - 1)
    owner = len(rules)
    for language, raw in raws.items():
        own = {}
        for name, entries in raw.get("slots", {}).items():
            own[name] = _slot(entries, own)
        for name, patterns in raw.get("markers", {}).items():
            markers[owner] = (language, name)
            for pattern in patterns:
                automaton.add(pattern, own, owner)
            owner += 1
    contexts = {language: _context(raw["context"]) for language, raw in raws.items()}
    answers = _answers(raws.values())
    return Rulebook(
        tuple(rules), automaton, markers, contexts, _lexicon(raws, automaton, contexts.values(), answers), answers
    )


def _raw(language: str) -> dict[str, Any]:
    text = files("attune_safety").joinpath("rules", f"{language}.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - both loaders are the safe one
    return loaded


def _slot(entries: Iterable[str], slots: Mapping[str, tuple[Phrase, ...]]) -> tuple[Phrase, ...]:
    phrases: list[Phrase] = []
    for entry in entries:
        phrases += phrases_of(str(entry), slots)
    return tuple(dict.fromkeys(phrases))


def _rule(entry: Mapping[str, Any], language: str) -> Rule:
    unknown = set(entry) - {"id", "signal", "patterns", "by_subject", "plain", "hyperbole"}
    if unknown:
        raise ValueError(f"rule {entry['id']}: unknown keys {sorted(unknown)}")
    return Rule(
        id=f"{language}.{entry['id']}",
        language=language,
        signal=Signal(entry["signal"]),
        by_subject=bool(entry.get("by_subject", False)),
        plain=bool(entry.get("plain", False)),
        hyperbole=bool(entry.get("hyperbole", False)),
    )


def _words(entries: Any) -> frozenset[str]:  # noqa: ANN401 - a list of YAML scalars
    return frozenset(str(entry) for entry in entries or ())


def _context(raw: Mapping[str, Any]) -> Context:
    return Context(**{name: _words(raw.get(name)) for name in Context.__dataclass_fields__})


def _answers(raws: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    merged: dict[str, frozenset[str]] = {}
    for raw in raws:
        for name, entries in raw.get("answers", {}).items():
            merged[name] = merged.get(name, frozenset()) | _words(entries)
    return merged


def _lexicon(
    raws: Mapping[str, Mapping[str, Any]],
    automaton: Automaton,
    contexts: Iterable[Context],
    answers: Mapping[str, frozenset[str]],
) -> Lexicon:
    words = set(automaton.words)
    for context in contexts:
        for name in Context.__dataclass_fields__:
            words |= getattr(context, name)
    words |= {word for entries in answers.values() for entry in entries for word in entry.split()}
    spellings: dict[str, tuple[str, ...]] = {}
    targets: set[str] = set()
    ordinary: set[str] = set()
    arabizi: dict[str, str] = {}
    roots: list[str] = []
    for raw in raws.values():
        for canonical, variants in raw.get("spellings", {}).items():
            for variant in variants:
                spellings[str(variant)] = tuple(str(canonical).split())
        targets |= _words(raw.get("typo_targets"))
        ordinary |= _words(raw.get("ordinary"))
        roots += raw.get("glue_roots", [])
        for arabic, variants in raw.get("arabizi", {}).items():
            for variant in variants:
                arabizi[str(variant)] = str(arabic)
    for variant in spellings:
        words.discard(variant)
    return Lexicon(
        words=frozenset(words),
        spellings=spellings,
        typo_targets=frozenset(targets),
        ordinary=frozenset(ordinary),
        arabizi=arabizi,
        glue_roots=re.compile("|".join(roots)),
    )
