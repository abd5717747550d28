"""Character tables of the normaliser: look-alike letters, leet, emoji, Arabic forms and Devanagari sounds."""

import re
import unicodedata
from typing import Final

# Zero-width and formatting characters that split a word without being seen.
INVISIBLE: Final = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufe0e\ufe0f\ufeff"
MARKS: Final = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u097f"

_CYRILLIC: Final = {ord(look): latin for look, latin in zip(
    "абвдезікмнорстухуѕјԁһӏԛԝёєпгьл", "a6bdezikmhopctyxysjdhlqweenrbl", strict=True
)}  # fmt: skip
_GREEK: Final = {ord(look): latin for look, latin in zip(
    "αβγδεζηικλμνοπρστυχω", "abydeznikluvoprstuxw", strict=True
)}  # fmt: skip
_SMALL_CAPITALS: Final = {ord(look): latin for look, latin in zip(
    "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢıɑɡɩ", "abcdeghijklmnoprtuvwyziagi", strict=True
)}  # fmt: skip
_ARABIC: Final = {ord(form): plain for form, plain in zip("أإآٱىةؤئکیگھہۃ", "اااايهويكيكههه", strict=True)}

EMOJI_WORDS: Final = {
    "💊": "pills", "🔫": "gun", "🔪": "knife", "🗡": "knife", "🪢": "rope", "🪒": "razor", "🌉": "bridge",
    "😂": "lol", "🤣": "lol", "😆": "lol", "😹": "lol", "😅": "lol", "💀": "skull", "☠": "skull",
    "⚰": "coffin", "🪦": "coffin", "🩸": "blood",
}  # fmt: skip

LEET: Final = str.maketrans("01345789$@!|+€£", "oieastbgsailtel")
LEET_L: Final = str.maketrans("01345789$@!|+€£", "oleastbgsalltel")

_CONSONANTS: Final = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळऩऱ",
        re.split(" ", "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h l n r"),
        strict=True,
    )
)
_MATRAS: Final = dict(zip("ािीुूृेैोौॉॅ", re.split(" ", "a i i u u ri e ai o au o e"), strict=True))
_VOWELS: Final = dict(zip("अआइईउऊऋएऐओऔऑ", re.split(" ", "a a i i u u ri e ai o au o"), strict=True))
# Words that would become another one: mother (not mind), new (not no), after (not English bad).
_HINDI_WORDS: Final = {"माँ": "maa", "मां": "maa", "नई": "nayi", "बाद": "baad"}
# Roots whose long vowel tells them from another verb: to kill from to die, to cut from to be cut, loss from each.
_LONG_ROOTS: Final = {"मार": "maar", "काट": "kaat", "हार": "haar"}
_NASALS: Final = "ंँ"
_VIRAMA: Final = "्"
_SCHWA: Final = "ə"


def fold(word: str) -> str:
    """Lower-cases a non-ASCII word, removes what cannot be seen and maps look-alikes, accents and letter forms."""
    word = unicodedata.normalize("NFKC", word).casefold()
    word = "".join(_squared(letter) for letter in word if letter not in INVISIBLE)
    if any("\u0600" <= letter <= "\u06ff" for letter in word):
        return (
            "".join(letter for letter in word if not unicodedata.combining(letter)).replace("ـ", "").translate(_ARABIC)
        )
    if any("\u0900" <= letter <= "\u097f" for letter in word):
        return devanagari_to_latin(word)
    word = word.translate(_CYRILLIC).translate(_GREEK).translate(_SMALL_CAPITALS)
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("œ", "oe")


def _squared(letter: str) -> str:
    """Negative circled and squared capitals and regional indicators, which NFKC leaves alone."""
    code = ord(letter)
    for first in (0x1F150, 0x1F170, 0x1F1E6):
        if first <= code < first + 26:
            return chr(ord("a") + code - first)
    return letter


def devanagari_to_latin(word: str) -> str:
    """Hinglish spelling of a Hindi word: inherent vowels are dropped at the end and between V C _ C V."""
    known = _HINDI_WORDS.get(word)
    if known:
        return known
    for root, latin in _LONG_ROOTS.items():
        if word.startswith(root):
            return latin + devanagari_to_latin(word.removeprefix(root)) if word != root else latin
    sounds = _sounds(unicodedata.normalize("NFD", word))
    if len(sounds) > 2 and sounds[-1] == _SCHWA:
        sounds.pop()
    out: list[str] = []
    for index, sound in enumerate(sounds):
        if sound != _SCHWA:
            out.append(sound)
        elif not _droppable(sounds, index, out):
            out.append("a")
    return "".join(out)


def _sounds(word: str) -> list[str]:
    sounds: list[str] = []
    for letter in word:
        if letter in _CONSONANTS:
            sounds += [_CONSONANTS[letter], _SCHWA]
        elif letter in _MATRAS or letter == _VIRAMA:
            if sounds and sounds[-1] == _SCHWA:
                sounds.pop()
            if letter != _VIRAMA:
                sounds.append(_MATRAS[letter])
        elif letter in _VOWELS:
            sounds.append(_VOWELS[letter])
        elif letter in _NASALS:
            if sounds and sounds[-1] == _SCHWA:
                sounds[-1] = "a"
            sounds.append("n")
    return sounds


def _droppable(sounds: list[str], index: int, out: list[str]) -> bool:
    vowels = "aeiou"
    before = len(out) >= 2 and out[-1][0] not in vowels and out[-2][-1] in vowels
    after = index + 2 < len(sounds) and sounds[index + 1][0] not in vowels
    return before and after and (sounds[index + 2][0] in vowels or sounds[index + 2] == _SCHWA)
