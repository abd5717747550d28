"""Masks personal data: mail addresses, handles, phone, card and account numbers, names after "my name is"."""

import re

MASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("[email]", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("[handle]", re.compile(r"(?<![\w@/])(?:@|\bu/)[A-Za-z_]\w{2,30}\b")),
    ("[number]", re.compile(r"\b\d{3}-\d{2}-\d{4}\b|\b(?:\d[ -]?){13,19}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b")),
    # Seven digits or more that are grouped like a phone number; a year range or a price is neither.
    (
        "[phone]",
        re.compile(
            r"(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){2,4}(?!\w)|\b\d{9,12}\b"
        ),
    ),
    ("[address]", re.compile(r"\b\d{1,5} (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr)\b\.?")),
)
# Common words after "I'm" are not names, so only the unmistakable openings count, and only capitalised words.
NAME = re.compile(r"\b((?:[Mm]y name is|[Mm]y name's|[Cc]all me|I am called)) ([A-Z][a-z]+(?: [A-Z][a-z]+)?)")
NAME_HINT = re.compile("name|all me|called")
HINT = re.compile(r"[@\d]|u/")


def mask_personal(text: str) -> str:
    """The text with each find replaced by its kind in brackets."""
    if HINT.search(text):
        for mask, pattern in MASKS:
            text = pattern.sub(mask, text)
    return NAME.sub(r"\1 [name]", text) if NAME_HINT.search(text) else text
