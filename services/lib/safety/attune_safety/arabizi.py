"""Arabizi (Arabic in Latin letters and digits) to Arabic words that the rules know, by their consonants.

Spelling is free in its vowels and loose in its consonants, so both scripts are reduced to the same sounds. Called by
the normaliser, and only for messages that already show an Arabizi word from the rule file.
"""

import re
from collections.abc import Iterable, Mapping

_DIGRAPHS = (
    ("7'", "x"), ("3'", "g"), ("kh", "x"), ("gh", "g"), ("sh", "c"), ("ch", "c"), ("th", "t"), ("dh", "z"),
)  # fmt: skip
_LATIN = str.maketrans("579q8jv4", "xhqqgjfc", "aeiouy'-`")
_ARABIC = str.maketrans("بتثجحخدذرزسشصضطظعغفقكلمنهةڤپچگ", "bttjhxdzrzscsdtz3gfqklmnhhfbcg", "اأإآىءئؤيوًٌٍَُِّْـ")
_DOUBLED = re.compile(r"(.)\1+")
_SOUNDS_MIN = 3


def latin_sounds(word: str) -> tuple[str, ...]:
    """The sounds of a Latin spelling; 2 is a qaf or a hamza, g a jim or a qaf, so that there may be several."""
    for digraph, sound in _DIGRAPHS:
        word = word.replace(digraph, sound)
    first, rest = word[:1], word[1:]
    # w and y are consonants at the head of a word and long vowels inside it.
    sounds = (first if first == "w" else "") + (first + rest if first != "w" else rest).translate(_LATIN).replace(
        "w", ""
    )
    forms = {sounds.replace("2", "q"), sounds.replace("2", "")}
    forms |= {form.replace("g", "j") for form in tuple(forms)}
    return tuple(sorted({_DOUBLED.sub(r"\1", form) for form in forms}))


def arabic_sounds(word: str) -> str:
    """The sounds of an Arabic word as the normaliser leaves it."""
    head = "w" if word[:1] == "و" else ""
    return _DOUBLED.sub(r"\1", head + word.translate(_ARABIC))


def sound_index(words: Iterable[str]) -> Mapping[str, str]:
    """Sounds to word, of all Arabic words with at least three consonants. The first of two alike wins."""
    index: dict[str, str] = {}
    for word in sorted(words):
        if word and "\u0600" <= word[0] <= "\u06ff":
            sounds = arabic_sounds(word)
            if len(sounds) >= _SOUNDS_MIN:
                index.setdefault(sounds, word)
    return index
