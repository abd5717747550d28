"""The figures of the report against cases whose answer is known by hand."""

import numpy as np
import pytest
from attune_contracts.emotion import Emotion
from attune_training.emotion import calibrate, metrics
from attune_training.emotion.corpora import Row
from attune_training.emotion.surface import SHOUT_TOKEN, emoji_words, frequent_emoji, prepare, strip_emoji
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

EVEN = np.full(4, 0.25)


def test_accuracy_macro_f1_and_confusion_by_hand() -> None:
    labels, predicted = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    assert metrics.accuracy(predicted, labels, EVEN) == 0.75
    assert metrics.confusion(predicted, labels, 2).tolist() == [[1, 1], [0, 2]]
    assert metrics.per_class(predicted, labels, EVEN, 2) == [
        (1.0, 0.5, pytest.approx(2 / 3)),
        (pytest.approx(2 / 3), 1.0, pytest.approx(0.8)),
    ]
    assert metrics.macro_f1(predicted, labels, EVEN, 3) == pytest.approx((2 / 3 + 0.8) / 2)


def test_calibration_error_is_the_gap_between_saying_and_being_right() -> None:
    probabilities = np.array([[0.9, 0.1]] * 4)
    assert metrics.calibration_error(probabilities, np.array([0, 0, 0, 1]), EVEN) == pytest.approx(0.15)


def test_coverage_keeps_the_most_confident() -> None:
    probabilities = np.array([[0.95, 0.05], [0.4, 0.6], [0.8, 0.2], [0.45, 0.55]])
    labels = np.array([0, 0, 0, 0])
    assert metrics.at_coverage(probabilities, labels, EVEN, 0.5) == (1.0, 0.8)
    assert metrics.at_coverage(probabilities, labels, EVEN, 1.0) == (0.5, 0.55)


@given(st.floats(0.3, 3))
def test_softmax_matches_its_definition(temperature: float) -> None:
    logits = np.array([[1.0, 2.0, -3.0]])
    expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    assert metrics.softmax(logits, temperature) == pytest.approx(expected)


def test_the_fit_cools_a_model_that_claims_too_much() -> None:
    random = np.random.default_rng(3)
    truth = random.integers(0, 5, 600)
    rows = tuple(Row(f"t{index}", tuple(Emotion)[label], "goemotions", "en") for index, label in enumerate(truth))
    # Unit noise around a shift of 1.5 makes softmax(1.5 × evidence) the true posterior.
    evidence = random.normal(size=(600, 5)).astype(np.float32)
    evidence[np.arange(600), truth] += 1.5
    logits = evidence * 1.5 * 2
    fitted = calibrate.fit(logits, rows)
    assert fitted.temperature == pytest.approx(2, rel=0.15)
    assert fitted.calibration_error < 0.08
    kept = (metrics.softmax(logits, fitted.temperature).max(axis=1) >= fitted.threshold).mean()
    assert kept == pytest.approx(calibrate.COVERAGE_TARGET, abs=0.06)


def test_sources_outside_the_mix_take_no_part_in_the_calibration() -> None:
    rows = (Row("a", Emotion.SAD, "goemotions", "en"), Row("b", Emotion.SAD, "xed-en", "en"))
    assert calibrate.weights(rows).tolist() == [1.0, 0.0]


@pytest.fixture
def base() -> Tokenizer:
    """A tiny WordPiece with free slots, as BERT's vocabulary has them."""
    words = ["[UNK]", "[unused0]", "[unused1]", "[unused2]", "so", "glad", "party", "popper"]
    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def test_emoji_and_shouting_become_tokens_that_survive_saving(base: Tokenizer) -> None:
    tokenizer, meanings = prepare(base, emoji=("🎉",), shout=True, tokens_max=16)
    again = Tokenizer.from_str(tokenizer.to_str())
    assert again.encode("so GLAD🎉🎉").tokens == ["so", SHOUT_TOKEN, "glad", "🎉", "🎉"]
    assert again.get_vocab_size() == base.get_vocab_size()
    assert meanings == {1: "party popper", 2: "shouting loudly"}


def test_a_full_vocabulary_is_refused(base: Tokenizer) -> None:
    with pytest.raises(ValueError, match="3 free slots"):
        prepare(base, emoji=("🎉", "😀", "😭"), shout=True, tokens_max=16)


def test_only_repeated_emoji_are_kept_most_frequent_first() -> None:
    assert frequent_emoji(["😭😭", "a 😭 🎉", "🎉", "🎉!", "🦔"], 5) == ("🎉", "😭")
    assert emoji_words("🎉") == "party popper"


def test_removing_emoji_never_empties_a_text() -> None:
    assert strip_emoji("well ❤️ done 🎉") == "well  done"
    assert strip_emoji("🎉") == "🎉"
