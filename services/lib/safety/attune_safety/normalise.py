"""Text to words as the rules spell them, each with its place in the original text. Called by screen.

Undoes case, look-alike letters, leet, hidden characters, spaced-out, repeated and glued letters, Arabizi and
single typing slips on risk words. Words that no rule knows pass through and only fill gaps.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from attune_safety.arabic_words import with_arabic_letters
from attune_safety.arabizi import latin_sounds
from attune_safety.lexicon import Lexicon, resolve, segment, skeleton, undotted
from attune_safety.lookalikes import EMOJI_WORDS, INVISIBLE, LEET, MARKS, fold

_LETTER = rf"\w{INVISIBLE}{MARKS}"
_TOKEN = re.compile(
    rf"((?:[$@€](?=\w))?[{_LETTER}]+(?:['’`ʼ´!|@$*+#€£]+[{_LETTER}]+)*\*?)"
    rf"|([{''.join(EMOJI_WORDS)}])"
    r"|([,،:()—–]+)"
    r"|([.!?؟।;\n…]+)"
)
_WORD, _EMOJI, _COMMA, _STOP = 1, 2, 3, 4  # the groups of _TOKEN
_SYMBOLS = re.compile(r"[!|@$*+#€£]")
_DOTTED = re.compile(r"[ء-ي]+(?:[.\-*~·•]+[ء-ي]+)+")
_FRAGMENT_WORDS = 3  # "I. want. to. die." is emphasis: a stop after fewer words than this ends no sentence
_ARABIZI_WORD_MIN = 4
_BROKEN_CHARS_MAX = 2  # characters between the halves of a broken word
_SPACED_CHARS_MAX = 3  # characters between the letters of a spaced-out word


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
    plain = _DOTTED.sub(lambda dotted: undotted(dotted[0], lexicon), text.replace("_", " ").replace("’", "'"))
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
        words = (letters,) if lexicon.knows(letters) else segment(letters, lexicon) or resolve(letters, lexicon)
    if words:
        expanded = [part for word in words for part in lexicon.spellings.get(word, (word,))]
        reading.add(expanded, singles[0][1], singles[-1][2])
        reading.known += 1
    else:
        for raw, start, end in singles:
            low = raw.lower()
            reading.add(lexicon.spellings.get(low) or (low if low.isascii() else fold(low),), start, end)
    singles.clear()
