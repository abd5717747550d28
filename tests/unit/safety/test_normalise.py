"""Disguised words are read as the rules spell them, and point back to where they stand in the original."""

import pytest
from attune_safety.lexicon import Lexicon, one_slip
from attune_safety.lookalikes import devanagari_to_latin, fold
from attune_safety.normalise import normalise
from attune_safety.rulebook import load_rulebook
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_rulebook().lexicon


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("KILL MYSELF", "kill myself"),
        ("k i l l  m y s e l f", "kill myself"),
        ("k.i.l.l myself", "kill myself"),
        ("killlll myselfff", "kill myself"),
        ("k1ll mys3lf", "kill myself"),
        ("k!ll my$elf", "kill myself"),
        ("k*ll myself", "kill myself"),
        ("kiII myself", "kill myself"),
        ("kll myslef", "kill myself"),
        ("ki\u200bll my\u200dself", "kill myself"),
        ("кill mуself", "kill myself"),
        ("𝓴𝓲𝓵𝓵 𝓶𝔂𝓼𝓮𝓵𝓯", "kill myself"),
        ("ｋｉｌｌ ｍｙｓｅｌｆ", "kill myself"),
        ("killmyself", "kill myself"),
        ("s-u-i-c-i-d-e", "suicide"),
        ("sewerslide", "suicide"),
        ("su1cidal", "suicidal"),
        ("i'm", "i am"),
        ("I’m", "i am"),
    ],
)
def test_disguises_are_read(written: str, read: str, lexicon: Lexicon) -> None:
    assert " ".join(normalise(written, lexicon).words) == read


@pytest.mark.parametrize("word", ["bill", "fill", "skill", "will", "lives", "livid", "bridges", "wishing", "dyed"])
def test_ordinary_words_stay_themselves(word: str, lexicon: Lexicon) -> None:
    assert normalise(word, lexicon).words == [word]


def test_arabic_forms_are_one(lexicon: Lexicon) -> None:
    assert normalise("أُريدُ", lexicon).words == normalise("اريد", lexicon).words
    assert normalise("أنتحــــر", lexicon).words == normalise("انتحر", lexicon).words


def test_devanagari_is_read_as_hinglish() -> None:
    assert devanagari_to_latin("मरना") == "marna"
    assert devanagari_to_latin("चाहता") == "chahta"
    assert devanagari_to_latin("खुदकुशी") == "khudkushi"


def test_fold_drops_accents() -> None:
    assert fold("décidé") == "decide"


def test_one_slip_is_one() -> None:
    assert one_slip("suicde", "suicide")
    assert one_slip("sucidie", "suicide") is False
    assert one_slip("myslef", "myself")


@given(st.text(max_size=300))
def test_offsets_lie_in_the_text(text: str) -> None:
    reading = normalise(text, load_rulebook().lexicon)
    assert len(reading.words) == len(reading.starts) == len(reading.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(reading.starts, reading.ends, strict=True))
