"""The pure half of the emotion service: softmax, abstention, mixture, readability, the risk vote."""

import math

import numpy as np
import pytest
from attune_contracts.emotion import Emotion
from attune_contracts.emotion_manifest import EmotionManifest, RiskHeadManifest
from attune_contracts.risk import RiskTier
from attune_emotion.calibration import calibrated_softmax, sigmoid
from attune_emotion.classify import is_mixed, readings, risk_reading
from attune_emotion.ports import Encoded
from hypothesis import given
from hypothesis import strategies as st

HEAD = RiskHeadManifest(
    file="risk.npz", temperature=1.0, check_in_min=0.3, elevated_min=0.6, imminent_min=0.9
)  # fmt: skip
MANIFEST = EmotionManifest(
    schema_version=1,
    name="test",
    base="none",
    base_licence="none",
    labels=tuple(Emotion),
    languages=("en",),
    scripts=("LATIN", "ARABIC"),
    readable_min=0.7,
    tokens_max=16,
    pad_id=0,
    pooled_size=4,
    temperature=1.0,
    threshold=0.5,
    mixed_min=0.25,
    mixed_gap=0.2,
    risk_head=None,
    data_sha256="",
    data_licences=(),
    seed=0,
    created_at="",
    scores={},
    files={},
)


def encoded(*rows: list[float]) -> Encoded:
    return Encoded(np.array(rows, dtype=np.float32), np.zeros((len(rows), 4), dtype=np.float32))


@given(st.lists(st.floats(-80, 80), min_size=5, max_size=5), st.floats(0.3, 3))
def test_probabilities_are_finite_ordered_and_sum_to_one(logits: list[float], temperature: float) -> None:
    row = calibrated_softmax(np.array([logits], dtype=np.float32), temperature)[0]
    assert math.isclose(row.sum(), 1.0, abs_tol=1e-9)
    # Two logits a hair apart may become equal: the largest stays among the largest.
    assert row[np.array(logits, dtype=np.float32).argmax()] == pytest.approx(row.max())


def test_a_higher_temperature_lowers_confidence_and_keeps_the_label() -> None:
    logits = np.array([[2.0, 0.5, 0.0, 0.0, 0.0]], dtype=np.float32)
    cool, warm = calibrated_softmax(logits, 0.5)[0], calibrated_softmax(logits, 2.0)[0]
    assert cool.max() > warm.max()
    assert cool.argmax() == warm.argmax() == 0


def test_a_confident_text_keeps_its_label() -> None:
    (result,) = readings(MANIFEST, ["I am so glad"], encoded([5, 0, 0, 0, 0]), None)
    assert (result.label, result.abstained, result.mixed, result.risk) == (Emotion.HAPPY, False, False, None)
    assert result.confidence == result.probabilities[Emotion.HAPPY]


def test_a_doubtful_text_abstains_to_neutral_and_keeps_its_probabilities() -> None:
    (result,) = readings(MANIFEST, ["hm"], encoded([0.1, 0.3, 0, 0, 0]), None)
    assert (result.label, result.abstained) == (Emotion.NEUTRAL, True)
    assert max(result.probabilities, key=lambda name: result.probabilities[name]) == Emotion.SAD


def test_an_unknown_script_abstains_with_even_probabilities_however_sure_the_model_is() -> None:
    (result,) = readings(MANIFEST, ["とても悲しいです"], encoded([0, 9, 0, 0, 0]), [0.99])
    assert result.abstained
    assert result.label == Emotion.NEUTRAL
    assert set(result.probabilities.values()) == {0.2}
    assert not result.mixed
    assert result.risk is None


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("I feel fine", True),
        ("أشعر بالوحدة", True),
        ("😭😭", True),
        ("...", True),
        ("42", True),
        ("мне грустно", False),
        ("I said 悲しい to her and she smiled at me", True),
    ],
)
def test_readability_goes_by_the_letters(text: str, readable: bool) -> None:
    assert MANIFEST.can_read(text) is readable


@pytest.mark.parametrize(
    ("values", "mixed"),
    [
        ((0.45, 0.40, 0.05, 0.05, 0.05), True),
        ((0.70, 0.26, 0.02, 0.01, 0.01), False),
        ((0.45, 0.02, 0.02, 0.02, 0.49), False),
        ((0.24, 0.24, 0.20, 0.16, 0.16), False),
    ],
)
def test_mixed_means_two_strong_emotions_that_are_close(values: tuple[float, ...], mixed: bool) -> None:
    named = dict(zip(Emotion, values, strict=True))
    assert is_mixed(named, MANIFEST.mixed_min, MANIFEST.mixed_gap) is mixed


@pytest.mark.parametrize(
    ("probability", "tier"),
    [
        (0.1, RiskTier.NONE),
        (0.3, RiskTier.CHECK_IN),
        (0.6, RiskTier.ELEVATED),
        (0.95, RiskTier.IMMINENT),
    ],
)
def test_the_risk_vote_is_the_highest_tier_that_is_reached(probability: float, tier: RiskTier) -> None:
    assert risk_reading(HEAD, probability).tier is tier


def test_a_model_with_a_risk_head_votes_on_every_readable_text() -> None:
    manifest = MANIFEST.model_copy(update={"risk_head": HEAD})
    results = readings(manifest, ["fine", "not fine"], encoded([3, 0, 0, 0, 0], [0, 3, 0, 0, 0]), [0.01, 0.7])
    assert [result.risk.tier for result in results if result.risk] == [RiskTier.NONE, RiskTier.ELEVATED]


@given(st.floats(-1e4, 1e4))
def test_the_sigmoid_never_overflows(logit: float) -> None:
    assert 0.0 <= sigmoid(logit, 0.5) <= 1.0
    assert math.isclose(sigmoid(logit, 1.0) + sigmoid(-logit, 1.0), 1.0, abs_tol=1e-9)
