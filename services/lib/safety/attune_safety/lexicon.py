"""The words that the rules know, and what a single token of a text stands for. Called by normalise and rulebook."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from attune_safety.arabic_words import arabic_form, is_arabic, unknown_stem
from attune_safety.arabizi import sound_index
from attune_safety.lookalikes import LEET, LEET_L, fold

_APOSTROPHES = re.compile(r"['’`ʼ´]")
_LAUGH = re.compile(r"(?:a?(?:ha|he|ja|hi){2,}h?a*|ه{3,}|خ{3,}|l+o+l+|lmf?ao+|rofl+|mdr+|ptdr+|x+d+|kk+k+)")
_REPEAT = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")
_ELISIONS = frozenset({"j", "d", "l", "m", "n", "s", "qu", "t", "c", "lorsqu", "puisqu", "jusqu"})
_SEPARATORS = re.compile(r"[.\-*~·•]")
_TYPO_LENGTH_MIN = 4
_VOWEL_FREEDOM = str.maketrans("oeyw9", "uiiuq", "2'")
_GLUED_MIN, _GLUED_MAX = 8, 60


@dataclass(frozen=True, eq=False)
class Lexicon:
    """What the rules of all languages know about single words."""

    words: frozenset[str]
    spellings: Mapping[str, tuple[str, ...]]
    typo_targets: frozenset[str]
    ordinary: frozenset[str]
    arabizi: Mapping[str, str]
    glue_roots: re.Pattern[str]
    accented: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def deletions(self) -> Mapping[str, tuple[str, ...]]:
        """Every risk word and every form of it with one letter missing, to the words it may stand for."""
        index: dict[str, set[str]] = {}
        for word in self.typo_targets:
            for form in (word, *_without_one(word)):
                index.setdefault(form, set()).add(word)
        return {form: tuple(sorted(words)) for form, words in index.items()}

    @cached_property
    def tails(self) -> frozenset[str]:
        """What may follow when a risk word is broken in two (`sui cide`)."""
        whole = {*self.typo_targets, *(variant for variant, words in self.spellings.items() if len(words) == 1)}
        return frozenset(word[index:] for word in whole for index in range(2, len(word) - 1)) - self.words

    @cached_property
    def arabizi_skeletons(self) -> Mapping[str, str]:
        """Arabizi words without the freedom of their vowels, to Arabic."""
        return {skeleton(latin): arabic for latin, arabic in self.arabizi.items()}

    @cached_property
    def arabic_by_sound(self) -> Mapping[str, str]:
        """Arabic rule words by their consonants."""
        return sound_index((*self.words, *self.spellings))

    def knows(self, word: str) -> bool:
        """Whether any rule or spelling list has the word."""
        return word in self.words or word in self.spellings


def undotted(word: str, lexicon: Lexicon) -> str:
    """`ان.تح.ار` as one word of the same length when it is a risk word; a dot between two words stays a stop."""
    joined = fold(_SEPARATORS.sub("", word))
    risky = joined in lexicon.typo_targets or (resolve(joined, lexicon) or ("",))[0] in lexicon.typo_targets
    return _SEPARATORS.sub("\u200b", word) if risky else word


def skeleton(word: str) -> str:
    """An Arabizi spelling with its freedoms removed: long and short vowels, doubled letters, q/9/2, kh/5, gh."""
    for digraph, letter in (("kh", "5"), ("gh", "8"), ("sh", "4"), ("ch", "4"), ("ou", "u"), ("oo", "u"), ("ee", "i")):
        word = word.replace(digraph, letter)
    word = word.translate(_VOWEL_FREEDOM)
    return _DOUBLE.sub(r"\1", word).removesuffix("h")


@lru_cache(maxsize=32_768)
def resolve(low: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    """The rule words that a lower-case token stands for, or None when it is an ordinary word."""
    if low in lexicon.words:
        return (low,)
    if low in lexicon.spellings:
        return lexicon.spellings[low]
    word = low
    if not low.isascii():
        word = fold(low)
        if found := _beyond_ascii(low, word, lexicon):
            return found
    if _APOSTROPHES.search(word):
        return _elided(word, lexicon)
    if lexicon.knows(word):
        return lexicon.spellings.get(word, (word,))
    if word in lexicon.ordinary:
        return None
    if _LAUGH.fullmatch(word):
        return ("lol",)
    plain = _plain(word, lexicon)
    if plain:
        return lexicon.spellings.get(plain, (plain,))
    if _GLUED_MIN <= len(word) <= _GLUED_MAX and word.isascii() and lexicon.glue_roots.search(word):
        return segment(word, lexicon)
    return None


def _beyond_ascii(low: str, folded: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    """A word whose accent counts, one that is known without its accents, or an Arabic one without its prefixes."""
    if accented := lexicon.accented.get(unicodedata.normalize("NFC", low)):
        return accented
    if lexicon.knows(folded):
        return lexicon.spellings.get(folded, (folded,))
    return _arabic(folded, lexicon)


def _elided(word: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    parts = [part for part in _APOSTROPHES.split(word) if part]
    if len(parts) > 1 and parts[0] in _ELISIONS:
        # Before the glued form: m'a is no mother. The rules' own words are read through the spellings, so j' is too.
        rest = "".join(parts[1:])
        return (*lexicon.spellings.get(parts[0], (parts[0],)), *(resolve(rest, lexicon) or (rest,)))
    if len(parts) == 2 and parts[1] == "s" and lexicon.knows(parts[0]):
        return lexicon.spellings.get(parts[0], (parts[0],))
    bare = "".join(parts)
    if not bare.isalpha():
        bare = bare.translate(LEET)
    if lexicon.knows(bare):
        return lexicon.spellings.get(bare, (bare,))
    if len(parts) == 2 and parts[1] == "s":
        return resolve(parts[0], lexicon) or (parts[0],)
    return None


def _plain(word: str, lexicon: Lexicon) -> str | None:
    """Leet, stars, repeated letters and one typing slip, in this order."""
    if not word.isalpha():
        if "*" in word or "#" in word:
            return _starred(word, lexicon)
        for table in (LEET, LEET_L):
            read = word.translate(table)
            if lexicon.knows(read):
                return read
            if read in lexicon.ordinary:
                return None
        word = word.translate(LEET)
        if not word.isalpha():
            return None
    if _REPEAT.search(word):
        for form in (_REPEAT.sub(r"\1\1", word), _REPEAT.sub(r"\1", word)):
            if lexicon.knows(form):
                return form
    squeezed = _DOUBLE.sub(r"\1", word)
    if squeezed != word and len(squeezed) >= 2 and lexicon.knows(squeezed):
        return squeezed
    return _typo(word, lexicon)


def _starred(word: str, lexicon: Lexicon) -> str | None:
    if word.count("*") + word.count("#") > 3 or len(word) < 3:
        return None
    shape = re.compile(re.sub(r"[*#]+", lambda stars: rf"[^\W\d_]{{1,{len(stars.group()) + 1}}}", word))
    return next((target for target in sorted(lexicon.typo_targets) if shape.fullmatch(target)), None)


def _typo(word: str, lexicon: Lexicon) -> str | None:
    if not _TYPO_LENGTH_MIN <= len(word) <= 14:
        return None
    deletions = lexicon.deletions
    for form in (word, *_without_one(word)):
        for target in deletions.get(form, ()):
            if (len(target) >= 6 or target[0] == word[0]) and one_slip(word, target):
                return target
    return None


def _without_one(word: str) -> list[str]:
    return [word[:index] + word[index + 1 :] for index in range(len(word))]


def one_slip(word: str, target: str) -> bool:
    """Whether one letter is missing, added, changed or swapped with its neighbour."""
    if len(word) == len(target):
        wrong = [index for index, letter in enumerate(word) if letter != target[index]]
        if len(wrong) == 1:
            return True
        return (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and word[wrong[0]] == target[wrong[1]]
            and word[wrong[1]] == target[wrong[0]]
        )
    shorter, longer = sorted((word, target), key=len)
    return len(longer) - len(shorter) == 1 and shorter in _without_one(longer)


def _arabic(word: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    if not is_arabic(word):
        return None
    if _LAUGH.fullmatch(word):
        return ("lol",)
    for form in (_DOUBLE.sub(r"\1", word), _REPEAT.sub(r"\1", word)):
        if words := arabic_form(form, lexicon.knows):
            return tuple(part for known in words for part in lexicon.spellings.get(known, (known,)))
    if word in lexicon.ordinary:
        return None
    found = unknown_stem(_REPEAT.sub(r"\1", word), lexicon.knows) or _typo(word, lexicon)
    return lexicon.spellings.get(found, (found,)) if found else None


def segment(word: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    """Splits glued words (`iwanttodie`) into the fewest known words, or None."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 12), end):
            before, piece = best[start], word[start:end]
            if before is None or not (lexicon.knows(piece) and (len(piece) > 1 or piece == "i")):
                continue
            current = best[end]
            if current is None or len(before) + 1 < len(current):
                best[end] = (*before, piece)
    whole = best[-1]
    if whole is None:
        return None
    return tuple(part for piece in whole for part in lexicon.spellings.get(piece, (piece,)))
