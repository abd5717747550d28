"""Cleaning steps, each an option. A step takes a conversation and returns it changed, or None to drop it. Pure.

Lower-casing and dropping emoji are the paper's; they remove cues of sarcasm, so each can be left out and measured.
"""

import re
import unicodedata
from collections.abc import Callable

from attune_training.data.personal import mask_personal
from attune_training.data.rows import Dialogue, Turn

Step = Callable[[Dialogue], Dialogue | None]

URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Symbols, pictographs, flags, skin tones, joiners and variation selectors.
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0e\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+")
METADATA = re.compile(r"</?[a-z][^>]{0,80}>|&(?:nbsp|amp|gt|lt|quot|#\d+);|\[(?:deleted|removed)\]", re.IGNORECASE)
METADATA_HINT = re.compile("[<&\\[]")
URL_HINT = re.compile("[hHwW][tTwW][tTwW]")
SPECIAL = re.compile(r"[^\w\s.,!?;:'\"()%/&$€£@+\-–—…]|_", re.UNICODE)
# The same for plain ASCII, at the speed of a table.
SPECIAL_ASCII = {code: " " for code in range(128) if SPECIAL.match(chr(code))}
QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "`": "'", "´": "'", "–": "-", "—": "-", "…": "..."})
REPEATED = re.compile(r"([!?.,])\1{1,}")
ELLIPSIS = re.compile(r"\.{3,}")
SPACE_BEFORE = re.compile(r"\s+([.,!?;:])")
WORDS_MIN, WORDS_MAX = 2, 1_500
LETTERS_SHARE_MIN = 0.55


def over_turns(change: Callable[[str], str]) -> Step:
    """A step that changes every turn's text."""

    def step(dialogue: Dialogue) -> Dialogue:
        return dialogue._replace(turns=tuple(Turn(turn.role, change(turn.text)) for turn in dialogue.turns))

    return step


def tidy(text: str) -> str:
    """White space collapsed."""
    return " ".join(text.split())


def drop_metadata(text: str) -> str:
    """Mark-up, entities, `[deleted]`, and the escaped commas of EmpatheticDialogues."""
    text = text.replace("_comma_", ",")
    return tidy(METADATA.sub(" ", text) if METADATA_HINT.search(text) else text)


def drop_urls(text: str) -> str:
    """Web addresses."""
    return tidy(URL.sub(" ", text)) if URL_HINT.search(text) else text


def drop_emoji(text: str) -> str:
    """Emoji and pictographs."""
    return text if text.isascii() else tidy(EMOJI.sub(" ", text))


def lower_case(text: str) -> str:
    """Lower case."""
    return text.lower()


def drop_special(text: str) -> str:
    """Characters that are neither letters, digits nor usual punctuation. Emoji survive unless dropped before."""
    if text.isascii():
        return tidy(text.translate(SPECIAL_ASCII))
    return tidy("".join(part if EMOJI.fullmatch(part) else SPECIAL.sub(" ", part) for part in split_emoji(text)))


def split_emoji(text: str) -> list[str]:
    """Text cut into runs with and without emoji."""
    if not EMOJI.search(text):
        return [text]
    return re.split(f"({EMOJI.pattern})", text)


def standard_punctuation(text: str) -> str:
    """Straight quotes and dashes, one mark instead of several (an ellipsis stays three dots), none after a space."""
    text = text.replace("`", "'") if text.isascii() else unicodedata.normalize("NFC", text).translate(QUOTES)
    text = ELLIPSIS.sub("\u2026", text)
    text = REPEATED.sub(r"\1", text).replace("\u2026", "...")
    return SPACE_BEFORE.sub(r"\1", tidy(text))


def drop_incomplete(dialogue: Dialogue) -> Dialogue | None:
    """Ends at the last reply that answers someone; drops conversations without one, and those with an empty turn."""
    turns = dialogue.turns
    while turns and turns[-1].role != "assistant":
        turns = turns[:-1]
    complete = len(turns) >= 2 and turns[0].role == "user" and all(turn.text.strip() for turn in turns)
    return dialogue._replace(turns=turns) if complete else None


def drop_low_quality(dialogue: Dialogue) -> Dialogue | None:
    """Drops what is too short or long, mostly not letters, one word over and over, or a reply equal to its prompt."""
    text = dialogue.text()
    words = text.split()
    if not WORDS_MIN * len(dialogue.turns) <= len(words) <= WORDS_MAX:
        return None
    dense = "".join(words)
    if sum(map(str.isalpha, dense)) < LETTERS_SHARE_MIN * len(dense):
        return None
    if len(words) > 12 and len({word.lower() for word in words}) < len(words) / 6:
        return None
    if dialogue.turns[-1].text.casefold() == dialogue.turns[-2].text.casefold():
        return None
    return dialogue


STEPS: dict[str, Step] = {
    "metadata": over_turns(drop_metadata),
    "urls": over_turns(drop_urls),
    "emoji": over_turns(drop_emoji),
    "personal": over_turns(mask_personal),
    "lower_case": over_turns(lower_case),
    "special_characters": over_turns(drop_special),
    "punctuation": over_turns(standard_punctuation),
    "incomplete": drop_incomplete,
    "quality": drop_low_quality,
}
