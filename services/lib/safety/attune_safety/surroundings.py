"""What stands around a match: sentences, quotes and markers of one reading. Built and asked by context."""

import re
from collections.abc import Iterable

from attune_safety.normalise import Reading
from attune_safety.patterns import Span
from attune_safety.rulebook import Rulebook

_QUOTED = re.compile(r"[\"“«„”]([^\"“”«»„]{2,300})[\"”»“]|(?<!\w)['‘]([^'‘’]{6,300})['’](?!\w)")


class Surroundings:
    """The words, sentences, quotes and markers of one reading, asked once for every match."""

    def __init__(self, text: str, reading: Reading, book: Rulebook, spans: Iterable[Span]) -> None:
        self.reading = reading
        self.book = book
        self.text = text
        self.markers: dict[str, list[Span]] = {}
        self.spans: list[Span] = []
        for span in spans:
            marker = book.markers.get(span.owner)
            if marker:
                self.markers.setdefault(marker[1], []).append(span)
            else:
                self.spans.append(span)
        if "bypass" in self.markers:
            # Who asks that nobody warn, or calls it only a song, gets no story's discount.
            for discount in ("frame", "laugh", "trivial", "leisure"):
                self.markers.pop(discount, None)
        self.breaks = sorted(reading.breaks)
        quoted = _QUOTED.finditer(text) if any(mark in text for mark in "\"“«„'‘") else ()
        self.quotes = [match.span() for match in quoted]

    def sentence_of(self, token: int) -> int:
        """The number of the sentence that a word is in."""
        number = 0
        for first in self.breaks:
            if first > token:
                break
            number += 1
        return number

    def sentence_start(self, token: int) -> int:
        """The first word of the sentence that a word is in."""
        start = 0
        for first in self.breaks:
            if first > token:
                break
            start = first
        return start

    def sentence_end(self, token: int) -> int:
        """One past the last word of the sentence that a word is in."""
        return next((first for first in self.breaks if first > token), len(self.reading.words))

    def marked(self, name: str, first: int, last: int) -> Span | None:
        """The first marker of this name that lies within words [first, last)."""
        return next((span for span in self.markers.get(name, ()) if first <= span.first and span.last < last), None)

    def quoted(self, start: int, end: int) -> tuple[int, int] | None:
        """The quote that holds the offsets, if any."""
        return next(((a, b) for a, b in self.quotes if a <= start and end <= b), None)
