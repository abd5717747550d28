"""Reads a reply sentence by sentence before a person does: model output in the stream, and our own templates.

`lint_sentence` judges one sentence in the light of the reply so far; `lint_template` the static wording.
"""

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from attune_safety.reply_form import (
    Echo,
    degenerate,
    echoes_user,
    is_question,
    language_mismatch,
    same_opening,
    same_sentence,
    word_count,
    words_of,
)

REPLY_WORDS_MAX = 60
REPLY_QUESTIONS_MAX = 1
_HASH_CHARS = 16


class LintReason(StrEnum):
    """Why a sentence was refused. The names of the wording reasons are those of rules/reply_lint.yaml."""

    CONTACT = "contact"
    METHOD = "method"
    STIGMA = "stigma"
    COERCION = "coercion"
    POSING = "posing"
    MONITORING = "monitoring"
    SECRECY = "secrecy"
    PROMISE = "promise"
    DIAGNOSIS = "diagnosis"
    MEDICATION = "medication"
    FLATTERY = "flattery"
    EMPTY_CHEER = "empty_cheer"
    PRODUCT_WORD = "product_word"
    UNSAFE_ADVICE = "unsafe_advice"
    REFUSAL = "refusal"
    PARROT = "parrot"
    REPEATED_OPENING = "repeated_opening"
    REPEATED_SENTENCE = "repeated_sentence"
    SECOND_QUESTION = "second_question"
    TOO_LONG = "too_long"
    WRONG_LANGUAGE = "wrong_language"
    DEGENERATE = "degenerate"


@dataclass(frozen=True, slots=True)
class LintContext:
    """What the reply answers. `reply` holds its sentences so far, `recent` those of the replies before it.

    `allowed` holds the phone numbers (digits, as dialled) and URLs that the registry has for this reply.
    """

    language: str = "en"
    user_text: str = ""
    reply: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    allowed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class LintResult:
    """`ok` with no reason, or not ok with the first reason found."""

    ok: bool
    reason: LintReason | None


PASSED = LintResult(ok=True, reason=None)

# Templates of the crisis path name medication and tell people what to do with what they have taken.
_TEMPLATE_EXEMPT = frozenset({LintReason.MEDICATION})
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|gov|edu|io|uk|de|fr|es|in|eg|app|help|care|chat)\b(?:/\S*)?"
)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.\w+")
_NUMBER = re.compile(r"\+?\d[\d\s().\-–]{1,18}\d")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९", "0123456789" * 3)
_PHONE_DIGITS_MIN = 3
_MASKED_PHONE = re.compile(r"\b1-?800-?[a-z]{3,}|\btext\s+[a-z]+\s+to\b|\bcall\s+(?:the\s+)?(?:number\s+)?\[")
_SPECIALS = re.compile(r"\[(?:name|number|phone|link|url|insert|your)[^\]]*\]|\{[a-z_]+\}")


def lint_sentence(sentence: str, context: LintContext) -> LintResult:
    """Judges `sentence` as the next one of a reply. Pure; the first reason in order of harm is given."""
    plain = plain_form(sentence)
    reason = (
        _wording(plain, frozenset())
        or _contact(plain, context.allowed)
        or _form(sentence, context)
        or _against_conversation(sentence, context)
    )
    return LintResult(ok=False, reason=reason) if reason else PASSED


def lint_template(text: str, language: str) -> LintResult:
    """Judges static wording: nothing that may never be said, no contact that the registry should fill in."""
    plain = plain_form(text)
    reason = _wording(plain, _TEMPLATE_EXEMPT) or _contact(plain, frozenset())
    if reason is None and language_mismatch(text, language):
        reason = LintReason.WRONG_LANGUAGE
    return LintResult(ok=False, reason=reason) if reason else PASSED


def plain_form(text: str) -> str:
    """Lower case, western digits, straight apostrophes, no accents and no Arabic vowel marks or letter forms."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("‘", "'")).casefold().translate(_DIGITS)
    text = "".join(letter for letter in text if not unicodedata.combining(letter) or "\u0900" <= letter <= "\u097f")
    return text.translate(_ARABIC_FORMS)


_ARABIC_FORMS = str.maketrans("أإآىة", "ااايه")


@cache
def _patterns() -> Mapping[LintReason, re.Pattern[str]]:
    raw = yaml.safe_load(files("attune_safety").joinpath("rules", "reply_lint.yaml").read_text(encoding="utf-8"))
    return {LintReason(name): re.compile("|".join(f"(?:{part})" for part in parts)) for name, parts in raw.items()}


@cache
def _method_hashes() -> frozenset[str]:
    lines = files("attune_safety").joinpath("rules", "method_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _names_means(plain: str) -> bool:
    words = words_of(plain)
    pairs = (f"{one} {two}" for one, two in itertools.pairwise(words))
    hashes = _method_hashes()
    return any(hashlib.sha256(term.encode()).hexdigest()[:_HASH_CHARS] in hashes for term in (*words, *pairs))


def _wording(plain: str, exempt: frozenset[LintReason]) -> LintReason | None:
    if _names_means(plain):
        return LintReason.METHOD
    return next(
        (reason for reason, pattern in _patterns().items() if reason not in exempt and pattern.search(plain)), None
    )


def _contact(plain: str, allowed: frozenset[str]) -> LintReason | None:
    if _EMAIL.search(plain) or _MASKED_PHONE.search(plain) or _SPECIALS.search(plain):
        return LintReason.CONTACT
    urls = {_bare_url(entry) for entry in allowed}
    if any(_bare_url(match.group()) not in urls for match in _URL.finditer(plain)):
        return LintReason.CONTACT
    digits = {re.sub(r"\D", "", entry) for entry in allowed} - {""}
    for match in _NUMBER.finditer(_URL.sub(" ", plain)):
        number = re.sub(r"\D", "", match.group())
        if len(number) >= _PHONE_DIGITS_MIN and number not in digits:
            return LintReason.CONTACT
    return None


def _bare_url(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.lower()).rstrip("/.,;:!?)")


def _form(sentence: str, context: LintContext) -> LintReason | None:
    if degenerate(sentence):
        return LintReason.DEGENERATE
    if language_mismatch(sentence, context.language):
        return LintReason.WRONG_LANGUAGE
    asked = sum(is_question(said) for said in context.reply)
    if is_question(sentence) and asked + sentence.count("?") + sentence.count("؟") > REPLY_QUESTIONS_MAX:
        return LintReason.SECOND_QUESTION
    if sum(word_count(said) for said in context.reply) + word_count(sentence) > REPLY_WORDS_MAX:
        return LintReason.TOO_LONG
    return None


def _against_conversation(sentence: str, context: LintContext) -> LintReason | None:
    words = words_of(sentence)
    said = [words_of(other) for other in (*context.recent, *context.reply)]
    if any(same_sentence(words, other) for other in said):
        return LintReason.REPEATED_SENTENCE
    if not context.reply and any(same_opening(words, other) for other in said):
        return LintReason.REPEATED_OPENING
    if context.user_text and echoes_user(sentence, context.user_text) is Echo.PARROT:
        return LintReason.PARROT
    return None
