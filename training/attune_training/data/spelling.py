"""Rule-based spelling and grammar correction: SymSpell's dictionary (symspellpy), and a few safe rules of grammar.

Cautious on purpose: only words of lower case without digits are touched, names and slang stay as they are.
"""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from attune_training.data.steps import Step, over_turns

if TYPE_CHECKING:
    from symspellpy import SymSpell

WORD = re.compile(r"(?<![\w'’@#/.-])[a-z]{4,20}(?![\w'’@/-]|\.\w)")
# How often a correction must occur in the dictionary's web corpus: rarer words are wrong guesses more often than right.
FREQUENCY_MIN = 200_000
SLANG = frozenset(
    [
        "gonna",
        "wanna",
        "gotta",
        "kinda",
        "sorta",
        "dunno",
        "lemme",
        "gimme",
        "yeah",
        "haha",
        "hahaha",
        "okay",
        "omg",
        "idk",
        "tbh",
        "lol",
        "lmao",
        "ugh",
        "meds",
        "mum",
        "mums",
        "convo",
        "hmmm",
        "aww",
        "yall",
    ]
)
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bi\b(?!\.)"), "I"),
    (re.compile(r"\b(do|does|did|is|are|was|were|would|could|should|has|have|had|wo|ca)nt\b"), r"\1n't"),
    (re.compile(r"\b([Ii])m\b"), r"\1'm"),
    (re.compile(r"\b([Ii])ve\b"), r"\1've"),
    (re.compile(r"\bthats\b"), "that's"),
    (re.compile(r"\balot\b"), "a lot"),
    (re.compile(r"\b([Cc]ould|[Ss]hould|[Ww]ould) of\b"), r"\1 have"),
    (re.compile(r"\b(the|a|an|and|of|to|is|I|my)( \1)+\b"), r"\1"),
    (re.compile(r"\b([Aa]) (?=(?:[aeio]\w|u[^ns])\w*)(?!(?:one|once|us|eu|ewe)\w*)"), r"\1n "),
    (re.compile(r"\b([Aa])n (?=[bcdfgjklmnpqrstvwxyz]\w{2,})"), r"\1 "),
)


@cache
def dictionary() -> "SymSpell":
    """The English frequency dictionary that symspellpy carries (MIT), at one edit."""
    from symspellpy import SymSpell  # noqa: PLC0415 - loads 82,000 words

    found = SymSpell(max_dictionary_edit_distance=1, prefix_length=7)
    found.load_dictionary(str(files("symspellpy") / "frequency_dictionary_en_82_765.txt"), 0, 1)
    return found


@cache
def corrected(word: str) -> str:
    """A word, or the most frequent word at one edit from it when it is unknown itself.

    Candidates that keep the first and the last letter come first: people rarely mistype those ("happend").
    """
    from symspellpy import Verbosity  # noqa: PLC0415

    if word in SLANG:
        return word
    found = dictionary().lookup(word, Verbosity.CLOSEST, max_edit_distance=1, include_unknown=False)
    if not found or found[0].distance == 0:
        return word
    frequent = [one for one in found if one.count >= FREQUENCY_MIN]
    framed = [one for one in frequent if one.term[0] == word[0] and one.term[-1] == word[-1]]
    best = next(iter(framed or frequent), None)
    return str(best.term) if best else word


def correct(text: str) -> str:
    """The text with a few sure mistakes and unknown words corrected."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return WORD.sub(lambda match: corrected(match.group()), text)


def spelling_step() -> Step:
    """The step over all turns."""
    dictionary()
    return over_turns(correct)
