"""Text to words as the rules spell them, each with its place in the original text. Called by screen.

Undoes case, look-alike letters, leet, hidden characters, spaced-out, repeated and glued letters, Arabizi and
single typing slips on risk words. Words that no rule knows pass through and only fill gaps.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from attune_safety.arabic_words import arabic_form, is_arabic, unknown_stem, with_arabic_letters
from attune_safety.arabizi import latin_sounds, sound_index
from attune_safety.lookalikes import EMOJI_WORDS, INVISIBLE, LEET, LEET_L, MARKS, fold

_LETTER = rf"\w{INVISIBLE}{MARKS}"
_TOKEN = re.compile(
    rf"((?:[$@€](?=\w))?[{_LETTER}]+(?:['’`ʼ´!|@$*+#€£]+[{_LETTER}]+)*\*?)"
    rf"|([{''.join(EMOJI_WORDS)}])"
    r"|([,،:()—–]+)"
    r"|([.!?؟।;\n…]+)"
)
_WORD, _EMOJI, _COMMA, _STOP = 1, 2, 3, 4  # the groups of _TOKEN
_SYMBOLS = re.compile(r"[!|@$*+#€£]")
_APOSTROPHES = re.compile(r"['’`ʼ´]")
_LAUGH = re.compile(r"(?:a?(?:ha|he|ja|hi){2,}h?a*|ه{3,}|خ{3,}|l+o+l+|lmf?ao+|rofl+|mdr+|ptdr+|x+d+|kk+k+)")
_REPEAT = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")
_ELISIONS = frozenset({"j", "d", "l", "m", "n", "s", "qu", "t", "c", "lorsqu", "puisqu", "jusqu"})
_DOTTED = re.compile(r"[ء-ي]+(?:[.\-*~·•]+[ء-ي]+)+")
_SEPARATORS = re.compile(r"[.\-*~·•]")
_FRAGMENT_WORDS = 3  # "I. want. to. die." is emphasis: a stop after fewer words than this ends no sentence
_TYPO_LENGTH_MIN = 4
_ARABIZI_WORD_MIN = 4
_BROKEN_CHARS_MAX = 2  # characters between the halves of a broken word
_SPACED_CHARS_MAX = 3  # characters between the letters of a spaced-out word


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


@dataclass(slots=True)
class Reading:
    """Words of a text in order. `starts` and `ends` are offsets into the original.

    `breaks` and `commas` are the numbers of the words that begin a sentence and that follow a comma.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]
    breaks: frozenset[int]
    commas: frozenset[int] = frozenset()
    known: int = 0

    def add(self, words: Iterable[str], start: int, end: int) -> None:
        """Appends words that all stand for the same stretch of text."""
        for word in words:
            self.words.append(word)
            self.starts.append(start)
            self.ends.append(end)


def normalise(text: str, lexicon: Lexicon) -> Reading:
    """Reads a text. Linear in its length; a word costs at most a few dozen dictionary look-ups."""
    reading = Reading([], [], [], frozenset())
    words, starts, ends = reading.words, reading.starts, reading.ends
    known, tails = lexicon.words, lexicon.tails
    breaks, commas, since_break = set[int](), set[int](), 0
    singles: list[tuple[str, int, int]] = []
    plain = _DOTTED.sub(lambda dotted: _undotted(dotted[0], lexicon), text.replace("_", " ").replace("’", "'"))
    for match in _TOKEN.finditer(plain):
        start, end = match.span()
        kind = match.lastindex
        if kind == _STOP:
            if len(words) - since_break >= _FRAGMENT_WORDS:
                since_break = len(words)
                breaks.add(since_break)
            continue
        if kind == _COMMA:
            commas.add(len(words))
            continue
        raw = match[0]
        if end - start == 1 and kind == _WORD:
            if singles and start - singles[-1][2] > _SPACED_CHARS_MAX:
                _flush(singles, reading, lexicon)
            singles.append((raw, start, end))
            continue
        if singles:
            _flush(singles, reading, lexicon)
        low = raw.lower() if raw.isascii() or raw.isalpha() else with_arabic_letters(raw.lower())
        if low in tails and words and start - ends[-1] <= _BROKEN_CHARS_MAX:
            joined = _joined(raw, low, text, reading, lexicon)
            if joined:
                words[-1:] = joined
                ends[-1] = end
                continue
        if low in known:
            words.append(low)
            starts.append(start)
            ends.append(end)
            reading.known += 1
        else:
            _add_unknown(kind, raw, low, start, end, reading, lexicon)
    if singles:
        _flush(singles, reading, lexicon)
    reading.breaks = frozenset(breaks)
    reading.commas = frozenset(commas)
    return reading


def _undotted(word: str, lexicon: Lexicon) -> str:
    """`ان.تح.ار` as one word of the same length when it is a risk word; a dot between two words stays a stop."""
    joined = fold(_SEPARATORS.sub("", word))
    risky = joined in lexicon.typo_targets or (resolve(joined, lexicon) or ("",))[0] in lexicon.typo_targets
    return _SEPARATORS.sub("\u200b", word) if risky else word


def _add_unknown(
    kind: int | None, raw: str, low: str, start: int, end: int, reading: Reading, lexicon: Lexicon
) -> None:
    """An emoji as its word, or a word that the lexicon does not hold as it is written."""
    if kind == _EMOJI:
        reading.add((EMOJI_WORDS[raw],), start, end)
    else:
        _add_word(raw, low, start, end, reading, lexicon)


def arabic_reading(reading: Reading, lexicon: Lexicon) -> Reading | None:
    """The same words with Arabizi turned into Arabic, or None when fewer than two words look like Arabizi."""
    if not any(_shows_arabizi(word, lexicon) for word in reading.words):
        return None
    words = [_from_arabizi(word, lexicon) for word in reading.words]
    changed = [old for new, old in zip(words, reading.words, strict=True) if new != old]
    if len(changed) < 2 or max(map(len, changed)) < _ARABIZI_WORD_MIN:
        return None
    split = Reading([], [], [], frozenset())
    position: dict[int, int] = {}
    for index, word in enumerate(words):
        position[index] = len(split.words)
        split.add(word.split(), reading.starts[index], reading.ends[index])
    split.breaks = frozenset(position[index] for index in reading.breaks if index in position)
    return split


_ARABIZI_DIGIT = re.compile(r"[a-z][235789]|[235789][a-z]")


@lru_cache(maxsize=32_768)
def _shows_arabizi(word: str, lexicon: Lexicon) -> bool:
    """Whether a word is Arabizi on its face: a digit for a letter, or a listed word of four letters or more."""
    if not word.isascii() or len(word) < _ARABIZI_WORD_MIN:
        return False
    if word in lexicon.arabizi or _ARABIZI_DIGIT.search(word):
        return True
    return len(word) > _ARABIZI_WORD_MIN and not lexicon.knows(word) and skeleton(word) in lexicon.arabizi_skeletons


@lru_cache(maxsize=32_768)
def _from_arabizi(word: str, lexicon: Lexicon) -> str:
    if not word.isascii():
        return word
    arabic = lexicon.arabizi.get(word) or lexicon.arabizi_skeletons.get(skeleton(word))
    if arabic is None:
        by_sound = (lexicon.arabic_by_sound.get(sounds) for sounds in latin_sounds(word))
        arabic = next((found for found in by_sound if found), None)
    if arabic is None:
        return word
    return " ".join(part for piece in arabic.split() for part in lexicon.spellings.get(piece, (piece,)))


def skeleton(word: str) -> str:
    """An Arabizi spelling with its freedoms removed: long and short vowels, doubled letters, q/9/2, kh/5, gh."""
    for digraph, letter in (("kh", "5"), ("gh", "8"), ("sh", "4"), ("ch", "4"), ("ou", "u"), ("oo", "u"), ("ee", "i")):
        word = word.replace(digraph, letter)
    word = word.translate(_VOWEL_FREEDOM)
    return _DOUBLE.sub(r"\1", word).removesuffix("h")


_VOWEL_FREEDOM = str.maketrans("oeyw9", "uiiuq", "2'")


def _add_word(raw: str, low: str, start: int, end: int, reading: Reading, lexicon: Lexicon) -> None:
    if "I" in raw[1:] and not raw.isupper() and lexicon.knows(tall := raw.replace("I", "l").lower()):
        low = tall  # a capital I that stands for a small l
    words = resolve(low, lexicon)
    if words is not None:
        reading.known += 1
        reading.add(words, start, end)
        return
    if _SYMBOLS.search(low):
        offset = start
        for piece in re.split(f"({_SYMBOLS.pattern})", raw):
            if piece and not _SYMBOLS.fullmatch(piece):
                _add_word(piece, piece.lower(), offset, offset + len(piece), reading, lexicon)
            offset += len(piece)
        return
    reading.add((low if low.isascii() else fold(low),), start, end)


def _joined(raw: str, low: str, text: str, reading: Reading, lexicon: Lexicon) -> tuple[str, ...] | None:
    """`sui cide`, `un-aliving`, `الان تحار`: two broken pieces that make one risk word."""
    before = text[reading.starts[-1] : reading.ends[-1]].lower()
    joined = fold(before + low) if not raw.isascii() else before + low
    if joined in lexicon.typo_targets:
        return lexicon.spellings.get(joined, (joined,))
    words = lexicon.spellings.get(joined, ())
    return words if len(words) == 1 and words[0] in lexicon.typo_targets else None


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
        return _segment(word, lexicon)
    return None


def _beyond_ascii(low: str, folded: str, lexicon: Lexicon) -> tuple[str, ...] | None:
    """A word whose accent counts, one that is known without its accents, or an Arabic one without its prefixes."""
    if accented := lexicon.accented.get(unicodedata.normalize("NFC", low)):
        return accented
    if lexicon.knows(folded):
        return lexicon.spellings.get(folded, (folded,))
    return _arabic(folded, lexicon)


_GLUED_MIN, _GLUED_MAX = 8, 60


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


def _flush(singles: list[tuple[str, int, int]], reading: Reading, lexicon: Lexicon) -> None:
    """A run of single letters: `k i l l`, `k.m.s`, or the ordinary words `I` and `a`."""
    if len(singles) == 1:
        raw, start, end = singles.pop()
        low = raw.lower()
        reading.add(lexicon.spellings.get(low) or (low if low.isascii() else fold(low),), start, end)
        return
    letters = "".join(fold(raw.lower()) for raw, _, _ in singles).translate(LEET)
    words = None
    if len(singles) >= 3:
        words = (letters,) if lexicon.knows(letters) else _segment(letters, lexicon) or resolve(letters, lexicon)
    if words:
        expanded = [part for word in words for part in lexicon.spellings.get(word, (word,))]
        reading.add(expanded, singles[0][1], singles[-1][2])
        reading.known += 1
    else:
        for raw, start, end in singles:
            low = raw.lower()
            reading.add(lexicon.spellings.get(low) or (low if low.isascii() else fold(low),), start, end)
    singles.clear()


def _segment(word: str, lexicon: Lexicon) -> tuple[str, ...] | None:
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
