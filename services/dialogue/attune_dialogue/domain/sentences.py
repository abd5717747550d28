"""Cuts a stream of tokens into whole sentences, in English and Arabic. Pure; used while a reply streams."""

import re

TERMINATORS = ".!?؟…。"
ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "prof", "st", "vs", "etc", "e.g", "i.e", "a.m", "p.m", "approx"))
# A sentence ends at a terminator (with closing quotes) that whitespace follows, or at a line break.
BOUNDARY = re.compile(rf"([{TERMINATORS}]+[\"'”’»)\]]*)(?=\s)|\n+")


class SentenceBuffer:
    """Feed it pieces; it gives back sentences as soon as the start of the next one proves that they ended."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that are complete now, stripped."""
        self._text += piece
        found: list[str] = []
        start = 0
        for match in BOUNDARY.finditer(self._text):
            if match.group(1) and not ends_sentence(self._text[start : match.end()]):
                continue
            if sentence := self._text[start : match.end()].strip():
                found.append(sentence)
            start = match.end()
        self._text = self._text[start:]
        return found

    def rest(self) -> str:
        """What is left when the stream has ended. It may lack its full stop."""
        text, self._text = self._text.strip(), ""
        return text


def ends_sentence(text: str) -> bool:
    """Whether a text that ends in a terminator is a whole sentence: not an abbreviation, an initial or "1."."""
    if not text.endswith("."):
        return True
    last = text.rsplit(maxsplit=1)[-1].rstrip(".").lstrip("\"'“‘(").lower()
    return not (last in ABBREVIATIONS or last.isdigit() or (len(last) == 1 and last.isalpha() and last != "i"))


def split(text: str) -> list[str]:
    """All sentences of a whole text."""
    buffer = SentenceBuffer()
    sentences = buffer.feed(text)
    rest = buffer.rest()
    return [*sentences, rest] if rest else sentences


def is_question(sentence: str) -> bool:
    """Whether a sentence asks."""
    return "?" in sentence or "؟" in sentence


def is_whole(sentence: str) -> bool:
    """Whether a sentence ends as one: a reply that was cut off does not."""
    return bool(sentence) and sentence.rstrip("\"'”’»)]")[-1:] in TERMINATORS
