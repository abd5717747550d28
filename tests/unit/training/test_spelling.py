"""GLEU against worked values, and what the spelling step changes and leaves."""

import pytest
from attune_training.data.jfleg import gleu

SOURCE = ["the cat sat at mat today"]


def test_gleu_is_one_for_the_reference_itself():
    assert gleu(SOURCE, ["the cat sat on the mat today"], [["the cat sat on the mat today"]]) == pytest.approx(1.0)


def test_gleu_punishes_what_was_left_uncorrected():
    reference = [["the cat sat on the mat today"]]
    fixed, left = ["the cat sat on the mat now"], ["the cat sat at the mat today"]
    assert gleu(SOURCE, left, reference) < gleu(SOURCE, fixed, reference)


def test_gleu_averages_over_references():
    one, other = ["the cat sat on the mat today"], ["today the cat sat on the mat"]
    both = gleu(SOURCE, one, [one, other])
    assert both == pytest.approx((gleu(SOURCE, one, [one]) + gleu(SOURCE, one, [other])) / 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i dont beleive it", "I don't believe it"),
        ("she could of gone", "she could have gone"),
        ("it happend yesterday", "it happened yesterday"),
        ("the the end", "the end"),
        ("I met Nadja at Tesco", "I met Nadja at Tesco"),
        ("gonna call mum, idk", "gonna call mum, idk"),
        ("see @someone or user_name99", "see @someone or user_name99"),
    ],
)
def test_correction(text, expected):
    pytest.importorskip("symspellpy")
    from attune_training.data.spelling import correct

    assert correct(text) == expected
