"""Keeps what an uncased tokenizer loses: emoji become tokens of their own and shouted words get a marker.

Everything is written into tokenizer.json, so that training and serving cannot differ. Called by `train`.
"""

import json
import unicodedata
from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, normalizers

SHOUT_TOKEN = "[caps]"  # noqa: S105 - a vocabulary entry, not a secret
# A space before three capitals or more: "I" and "SO" stay quiet, and so does a text's first word, because a
# pattern of zero width makes the tokenizers library (0.23) panic at the start of a text.
_SHOUT = Regex(r"\s+(?=[A-Z]{3,}(?![a-z]))")
EMOJI_ROWS_MIN = 2
_FREE_SLOT = "[unused"


def frequent_emoji(texts: Iterable[str], most: int) -> tuple[str, ...]:
    """The `most` frequent emoji of the texts, each seen at least twice; ties in code point order."""
    counts: dict[str, int] = {}
    for text in texts:
        for char in set(text):
            if is_emoji(char):
                counts[char] = counts.get(char, 0) + 1
    kept = [char for char, count in counts.items() if count >= EMOJI_ROWS_MIN]
    return tuple(sorted(kept, key=lambda char: (-counts[char], char))[:most])


def is_emoji(char: str) -> bool:
    """Whether a character is a pictograph: category So above the letter-like symbols, or a heart and its kin."""
    return unicodedata.category(char) == "So" and ord(char) >= 0x2600


def emoji_words(char: str) -> str:
    """The emoji's Unicode name in lower case, which gives its token a first meaning."""
    return unicodedata.name(char, "symbol").casefold().replace("-", " ")


def strip_emoji(text: str) -> str:
    """The text without pictographs, for the ablation; never empty unless the text was."""
    kept = "".join(char for char in text if not is_emoji(char) and char != "\ufe0f")
    return kept.strip() or text


def prepare(
    base: Tokenizer, *, emoji: tuple[str, ...], shout: bool, tokens_max: int
) -> tuple[Tokenizer, dict[int, str]]:
    """A WordPiece tokenizer whose unused slots hold the emoji and the shout marker.

    Returns it with {token id: words}, from which the training initialises the new embeddings.
    """
    definition = json.loads(base.to_str())
    vocabulary: dict[str, int] = definition["model"]["vocab"]
    slots = sorted((name for name in vocabulary if name.startswith(_FREE_SLOT)), key=lambda name: vocabulary[name])
    words = {char: emoji_words(char) for char in emoji} | ({SHOUT_TOKEN: "shouting loudly"} if shout else {})
    meanings: dict[int, str] = {}
    for slot, (token, meaning) in zip(slots, words.items(), strict=False):
        index = vocabulary.pop(slot)
        vocabulary[token] = index
        meanings[index] = meaning
    if len(meanings) < len(words):
        raise ValueError(f"the vocabulary has {len(slots)} free slots, {len(words)} are needed")
    tokenizer = Tokenizer.from_str(json.dumps(definition, ensure_ascii=False))
    tokenizer.add_tokens([AddedToken(token, normalized=token == SHOUT_TOKEN) for token in words])
    if shout:
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.Replace(_SHOUT, f" {SHOUT_TOKEN} "), tokenizer.normalizer]
        )
    tokenizer.enable_truncation(tokens_max)
    tokenizer.no_padding()
    return tokenizer, meanings
