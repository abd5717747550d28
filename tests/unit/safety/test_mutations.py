"""However a clear message is dressed up, its tier does not fall."""

import pytest
from attune_contracts.risk import RiskTier
from attune_safety import screen
from hypothesis import given
from hypothesis import strategies as st

MESSAGES = (
    "i want to kill myself",
    "i am going to end my life tonight",
    "i don't want to be alive anymore",
    "thinking about suicide every day",
    "quiero suicidarme",
    "je veux mourir",
    "عايز اموت",
    "mujhe marna hai",
)
BENIGN_TAILS = (
    "my feet are killing me",
    "we watched suicide squad",
    "that joke slayed me",
    "dying to see the new film",
    "the battery died",
)
LEET = str.maketrans({"i": "1", "e": "3", "o": "0"})


@given(st.sampled_from(MESSAGES), st.integers(2, 4), st.randoms(use_true_random=False))
def test_repeated_letters(message: str, times: int, random: object) -> None:
    word = max(message.split(), key=len)
    index = random.randrange(len(word))  # type: ignore[attr-defined]
    longer = word[:index] + word[index] * (times + 1) + word[index + 1 :]
    assert screen(message.replace(word, longer, 1)).tier.rank >= RiskTier.ELEVATED.rank


@given(st.sampled_from(MESSAGES), st.sampled_from(["\u200b", "\u200d", "\u00ad", "\u2060"]), st.integers(1, 60))
def test_hidden_characters(message: str, hidden: str, place: int) -> None:
    cut = place % len(message)
    assert screen(message[:cut] + hidden + message[cut:]).tier.rank >= RiskTier.ELEVATED.rank


@given(st.sampled_from(MESSAGES), st.sampled_from([str.upper, str.title, str.capitalize, str.swapcase]))
def test_case(message: str, change: object) -> None:
    assert screen(change(message)).tier.rank >= RiskTier.ELEVATED.rank  # type: ignore[operator]


@given(st.sampled_from(MESSAGES), st.text(alphabet="🙃🥲💔😭✨", max_size=4), st.sampled_from(["", " ", "...", "!!"]))
def test_emoji_and_stops_around(message: str, emoji: str, stop: str) -> None:
    assert screen(f"{emoji} {message}{stop}{emoji}").tier.rank >= RiskTier.ELEVATED.rank


@given(st.sampled_from(MESSAGES), st.sampled_from(BENIGN_TAILS), st.booleans())
def test_a_benign_idiom_masks_only_itself(message: str, benign: str, first: bool) -> None:
    text = f"{benign} and {message}" if first else f"{message} and {benign}"
    assert screen(text).tier.rank >= RiskTier.ELEVATED.rank


@pytest.mark.parametrize("message", MESSAGES[:4])
def test_leet(message: str) -> None:
    assert screen(message.translate(LEET)).tier.rank >= RiskTier.ELEVATED.rank


@pytest.mark.parametrize("message", MESSAGES[:4])
def test_spaced_out_letters(message: str) -> None:
    spaced = "  ".join(" ".join(word.replace("'", "")) for word in message.split())
    assert screen(spaced).tier.rank >= RiskTier.ELEVATED.rank


@given(st.text(max_size=400))
def test_any_text_is_assessed_within_its_bounds(text: str) -> None:
    assessment = screen(text)
    assert all(0 <= evidence.start <= evidence.end <= len(text) for evidence in assessment.evidence)
    assert bool(assessment.evidence) is (assessment.tier is not RiskTier.NONE)
