"""The AI notice, with a frozen clock: at the start, after an hour, after a week away, and whenever anybody asks."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attune_contracts.risk import RiskTier
from attune_dialogue.domain.cues import Cue, find_cues
from attune_dialogue.domain.notices import NoticeReason, notice_due, notice_text
from attune_dialogue.domain.session import Exchange, Session, add_turn

from tests.unit.dialogue.fakes import NOON, content, session

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "support" / "ai_questions.jsonl").read_text(encoding="utf-8").splitlines()
]
ASKED = [row for row in ROWS if row["asks"]]
NOT_ASKED = [row for row in ROWS if not row["asks"]]


def talked(at: timedelta) -> Session:
    exchange = Exchange("m1", "hello", "Hello.", None, RiskTier.NONE)
    return add_turn(session(), exchange, NOON + at)


def test_there_are_a_hundred_english_and_forty_arabic_ways() -> None:
    counts = {language: sum(row["language"] == language for row in ASKED) for language in ("en", "ar")}
    assert counts["en"] >= 100
    assert counts["ar"] >= 40


@pytest.mark.parametrize("row", ASKED, ids=lambda row: f"{row['language']}: {row['text']}")
def test_every_way_of_asking_gets_the_notice(row: dict[str, Any]) -> None:
    cues = find_cues(row["text"], tuple(content().lexicons.values()))
    assert Cue.IDENTITY in cues
    due = notice_due(content().notices, talked(timedelta()), NOON + timedelta(minutes=1), asked=True)
    assert due is NoticeReason.ASKED


@pytest.mark.parametrize("row", NOT_ASKED, ids=lambda row: f"{row['language']}: {row['text']}")
def test_other_words_do_not_get_it(row: dict[str, Any]) -> None:
    assert Cue.IDENTITY not in find_cues(row["text"], tuple(content().lexicons.values()))


@pytest.mark.parametrize(
    ("told_before", "written_before", "expected"),
    [
        (timedelta(minutes=59, seconds=59), timedelta(minutes=1), None),
        (timedelta(minutes=60), timedelta(minutes=1), NoticeReason.INTERVAL),
        (timedelta(days=6, hours=23), timedelta(days=6, hours=23), NoticeReason.INTERVAL),
        (timedelta(days=7), timedelta(days=7), NoticeReason.RETURN),
        (timedelta(days=400), timedelta(days=400), NoticeReason.RETURN),
    ],
)
def test_the_clock_alone_brings_it_back(
    told_before: timedelta, written_before: timedelta, expected: NoticeReason | None
) -> None:
    now = NOON + told_before
    state = talked(told_before - written_before).remember({"notice_at": NOON})
    assert notice_due(content().notices, state, now, asked=False) is expected


def test_a_new_session_is_told_at_once() -> None:
    fresh = session().remember({"notice_at": None})
    assert notice_due(content().notices, fresh, NOON, asked=False) is NoticeReason.START


@pytest.mark.parametrize("reason", list(NoticeReason))
@pytest.mark.parametrize("language", ["en", "ar", "es", "fr", "hi"])
def test_every_notice_names_the_ai_and_never_denies_it(reason: NoticeReason, language: str) -> None:
    names = {"en": "AI", "ar": "ذكاء", "es": "IA", "fr": "IA", "hi": "AI"}
    for turns in range(6):
        state = session(language).but(turns=turns)
        text = notice_text(reason, state, language)
        assert names[language] in text or "एआई" in text
        # "No, …" answers "is this a person?" and lies to "are you an AI?", and nobody can tell which was asked.
        assert not text.startswith(("No,", "No.", "Non,", "لا،", "Yes", "Oui", "Sí", "نعم", "नहीं", "हाँ"))
