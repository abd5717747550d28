"""Questions about somebody or something that a message names."""

from importlib.resources import files

import pytest
from attune_contracts.emotion import Emotion
from attune_dialogue.adapters.content import load_content
from attune_dialogue.domain.mention import parse_mentions, questions
from attune_dialogue.domain.sentences import split
from attune_safety.reply_lint import LintContext, lint_sentence, lint_template
from pydantic import ValidationError

MENTIONS = load_content().mentions


@pytest.mark.parametrize(
    ("text", "felt", "part"),
    [
        ("my older sister hasn't called since the summer", Emotion.SAD, "your sister"),
        ("My best friend said I talk too much", Emotion.SAD, "your best friend"),
        ("the interview is with my boss", Emotion.ANXIOUS, "the interview"),
        ("tomorrow is the interview", Emotion.ANXIOUS, "tomorrow"),
        ("the landlord and my boss, both", Emotion.ANGRY, "your boss"),
        ("my mother-in-law rearranged the kitchen", Emotion.ANGRY, "your mother-in-law"),
    ],
)
def test_a_question_is_about_what_was_named(text: str, felt: Emotion, part: str) -> None:
    found = questions(MENTIONS["en"], text, felt)
    assert found
    assert all(part in one for one in found)


@pytest.mark.parametrize(
    "text",
    ["somebody at work was rude", "my sister told my brother", "mother nature", "I moved the bosses' chairs", ""],
)
def test_nothing_and_several_people_give_no_question(text: str) -> None:
    assert questions(MENTIONS["en"], text, Emotion.SAD) == ()


def test_arabic_says_back_whose_it_is() -> None:
    found = questions(MENTIONS["ar"], "أختي لم تتصل منذ الصيف", Emotion.SAD)
    assert found
    assert all("أختك" in one for one in found)
    assert questions(MENTIONS["ar"], "الإيجار غدا", Emotion.ANXIOUS)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_question_passes_the_linter(language: str) -> None:
    for kind in MENTIONS[language]:
        name = next(iter(kind.names.values()))
        for ask in (text for texts in kind.asks.values() for text in texts):
            text = ask.format(name=name)
            assert lint_template(text, language).ok, text
            assert len(split(text)) == 1, text
            assert lint_sentence(text, LintContext(language=language)).ok, text


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(ValidationError, match="names"):
        parse_mentions({"person": {"said": "my {}", "asks": {}}})


def test_both_languages_have_a_file() -> None:
    folder = files("attune_dialogue").joinpath("mentions")
    assert sorted(path.name for path in folder.iterdir()) == ["ar.yaml", "en.yaml"]
