"""Finds text hidden in base64, rot13 or written backwards, so that an encoding is no way past the screen."""

import base64
import binascii
import codecs
import re
from typing import NamedTuple

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/_-]{12,}={0,2}")
_DECODED_CHARS_MAX = 4_000
_TOKENS_MAX = 8
_LETTERS_SHARE_MIN = 0.7
_CIPHER_CHARS_MIN = 8


class Hidden(NamedTuple):
    """A decoded text and the offsets of its encoded form in the original."""

    text: str
    start: int
    end: int


def base64_texts(text: str) -> list[Hidden]:
    """Readable UTF-8 behind base64-looking words. Ordinary long words do not decode to readable text."""
    found: list[Hidden] = []
    for match in list(_BASE64.finditer(text))[:_TOKENS_MAX]:
        raw = match.group()
        if raw.isalpha() and (raw.islower() or raw[1:].islower()):
            continue
        padded = raw.rstrip("=").replace("-", "+").replace("_", "/")
        padded += "=" * (-len(padded) % 4)
        try:
            plain = base64.b64decode(padded, validate=True)[:_DECODED_CHARS_MAX].decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if _readable(plain):
            found.append(Hidden(plain, match.start(), match.end()))
    return found


def ciphered_texts(text: str, known_words: int, words: int) -> list[Hidden]:
    """The text by rot13 and backwards, tried only when the rules know almost none of its words."""
    if len(text) < _CIPHER_CHARS_MIN or known_words * 4 > words:
        return []
    whole = text[:_DECODED_CHARS_MAX]
    variants = [whole[::-1]]
    if whole.isascii():
        variants.append(codecs.decode(whole, "rot13"))
    return [Hidden(variant, 0, len(text)) for variant in variants]


def _readable(plain: str) -> bool:
    letters = sum(letter.isalpha() or letter.isspace() for letter in plain)
    return len(plain) >= 6 and letters >= _LETTERS_SHARE_MIN * len(plain)
