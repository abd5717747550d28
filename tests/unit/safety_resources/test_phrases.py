"""Crisis wordings are complete in every language and keep to the safe-messaging rules."""

import re
import string

import pytest
from attune_safety.phrases import LANGUAGES, count, elements, load_phrases, wording

FULL = ("en", "ar")
ASKED_FOR = {
    "gentle_naming", "direct_question", "empathy", "ask_plan", "ask_intent", "ask_means", "ask_time", "line_24_7",
    "line_unknown_country", "professional_and_trusted", "willingness", "barriers", "grounding_now",
    "offer_safety_plan", "emergency_first", "someone_with_you", "distance_from_means", "keep_talking", "other_person",
    "other_ask", "other_stay", "other_line", "other_tell", "harm_by_other_triage", "medical_emergency",
    "recheck_question", "recheck_safety_now", "thank_for_answer", "not_monitored", "denial_received", "self_harm_now",
    "closing_but_here", "ai_notice_start", "ai_notice_hourly", "ai_notice_return", "ai_notice_asked",
}  # fmt: skip
ALL = [(language, element) for language in LANGUAGES for element in elements()]
SENTENCE_END = re.compile(r"[.!?؟।](?=\s|$|['»”\"])")
FORBIDDEN = {
    # Safe messaging: no "commit", no success or failure of an attempt, no blame, no promise asked for, no secrecy.
    "en": r"\b(commit\w*|successful\w*|failed attempt|completed suicide|selfish|coward\w*|promise|secret between|"
          r"therap\w*|treatment|patients?|diagnos\w*|clinic\w*|I understand exactly|at least you|confidential)\b",
    "ar": r"(ارتكب|ناجحة|فاشلة|أناني|جبان|أوعدني|\bعدني|علاج|معالج|مريض|تشخيص|سري للغاية)",
    "es": r"\b(cometer|fallid[oa]|egoísta|cobarde|prométeme|terapia|terapeuta|tratamiento|paciente|diagnóstic\w+)\b",
    "fr": r"\b(commettre|ratée?|égoïste|lâche|promettez|promets|thérap\w+|traitement|patiente?|diagnosti\w+)\b",
    "hi": r"(कायर|स्वार्थी|वादा|थेरेपी|इलाज|मरीज़|निदान|असफल)",
}  # fmt: skip
NOTICE = {
    "en": (
        "an AI", "not a human", "(unable to|cannot) feel human emotion", "live", "not suitable for emergencies",
    ),
    "ar": ("ذكاء اصطناعي", "ليس إنسانًا", "بمشاعر البشر", "مباشرة", "غير مناسب للطوارئ"),
    "es": ("IA", "no un ser humano|no con un ser humano", "emociones humanas", "en directo", "emergencias"),
    "fr": ("IA", "pas un être humain", "d'émotions humaines", "en direct", "aux urgences"),
    "hi": ("AI", "इंसान नहीं|इंसान से नहीं", "इंसानी भावनाएँ", "लाइव", "आपात"),
}  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_element_is_there_in_every_language() -> None:
    assert set(elements()) >= ASKED_FOR
    for language in LANGUAGES:
        assert set(load_phrases(language)) == set(elements()), language


@pytest.mark.parametrize(("language", "element"), ALL)
def test_an_element_has_enough_distinct_wordings(language: str, element: str) -> None:
    texts = load_phrases(language)[element]
    floor = 5 if language in FULL and not element.startswith("ai_notice") else 2
    assert len(texts) >= floor
    assert len(set(texts)) == len(texts)
    assert len({text.split(maxsplit=3)[0:3].__str__() for text in texts}) >= min(len(texts), floor) - 1


@pytest.mark.parametrize(("language", "element"), ALL)
def test_a_wording_is_short_and_safe(language: str, element: str) -> None:
    slots = placeholders(load_phrases("en")[element][0])
    for text in load_phrases(language)[element]:
        assert placeholders(text) == slots, text
        assert len(SENTENCE_END.findall(text)) <= 2 or element.startswith(("ai_notice", "other_ask")), text
        assert len(text.split()) <= 45, text
        assert text.count("?") + text.count("؟") <= 1, text
        assert not re.search(FORBIDDEN[language], text, re.IGNORECASE), text
        assert not re.search(r"\d{3,}|https?:", text), f"numbers come from the registry: {text}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_asks(language: str) -> None:
    for element in ("direct_question", "ask_plan", "ask_intent", "ask_means", "recheck_question", "recheck_safety_now"):
        for text in load_phrases(language)[element]:
            assert "?" in text or "؟" in text, text


def test_the_direct_question_names_it_and_does_not_lead() -> None:
    for text in load_phrases("en")["direct_question"]:
        assert re.search(r"suicide|ending your life|killing yourself|not being alive", text)
        assert not re.search(r"\b(not thinking|aren't|don't you|right\?|you're not)\b", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ai_notice_says_all_of_it(language: str) -> None:
    for element in ("ai_notice_start", "ai_notice_hourly", "ai_notice_return", "ai_notice_asked"):
        for text in load_phrases(language)[element]:
            for part in NOTICE[language]:
                assert re.search(part, text), (part, text)


def test_denial_keeps_help_in_view() -> None:
    labels = {"ar": "مساعدة الآن"}
    for language in LANGUAGES:
        assert all(labels.get(language, "Get help now") in text for text in load_phrases(language)["denial_received"])


def test_counting_up_repeats_nothing_until_all_are_used() -> None:
    said = [wording("empathy", "en", pick) for pick in range(count("empathy", "en"))]
    assert len(set(said)) == len(said)
    assert wording("empathy", "en", count("empathy", "en")) == said[0]
    assert wording("empathy", "en", -1) == said[-1]


def test_an_unknown_language_hears_english() -> None:
    assert wording("empathy", "de", 0) == wording("empathy", "en", 0)
    assert wording("empathy", "../en", 0) == wording("empathy", "en", 0)


def test_a_missing_slot_or_element_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording("line_24_7", "en", 0)
    with pytest.raises(KeyError):
        wording("no_such_element", "en", 0)
    assert "116123" in wording("line_24_7", "en", 0, line="Samaritans (116123)")
