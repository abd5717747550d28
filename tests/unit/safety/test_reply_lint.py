"""What no reply may say, sentence by sentence."""

import pytest
from attune_safety.reply_lint import LintContext, LintReason, lint_sentence, lint_template

CONTEXT = LintContext(
    user_text="I feel like nobody at work listens to me anymore",
    recent=("It sounds like the week has been long.",),
)

REFUSED = [
    (LintReason.CONTACT, "You can call 555 0199 any time."),
    (LintReason.CONTACT, "See www.example.org for more."),
    (LintReason.METHOD, "Here is the quickest way to end your life."),
    (LintReason.STIGMA, "Some people commit suicide in winter."),
    (LintReason.STIGMA, "After a failed attempt things feel raw."),
    (LintReason.COERCION, "Promise me you won't do it."),
    (LintReason.POSING, "I've been there too."),
    (LintReason.POSING, "As someone who lost a friend, I know."),
    (LintReason.POSING, "I'm a doctor, so trust this."),
    (LintReason.MONITORING, "Our team is watching this chat."),
    (LintReason.SECRECY, "This stays between us."),
    (LintReason.PROMISE, "I'll always be here for you."),
    (LintReason.DIAGNOSIS, "You clearly have depression."),
    (LintReason.MEDICATION, "You should stop your medication for a week."),
    (LintReason.FLATTERY, "You've got this!"),
    (LintReason.EMPTY_CHEER, "Everything happens for a reason."),
    (LintReason.EMPTY_CHEER, "At least you still have a job."),
    (LintReason.PRODUCT_WORD, "A therapist could help with this."),
    (LintReason.UNSAFE_ADVICE, "You should confront your husband tonight."),
    (LintReason.PARROT, "It sounds like you feel like nobody at work listens to you anymore."),
    (LintReason.REPEATED_OPENING, "It sounds like the noise never stops."),
    (LintReason.REPEATED_SENTENCE, "It sounds like the week has been long."),
    (LintReason.SECOND_QUESTION, "What happened? And what then?"),
    (LintReason.TOO_LONG, "word and thing " * 40),
    (LintReason.WRONG_LANGUAGE, "Te sientes muy solo y no sabes qué hacer con eso."),
    (LintReason.WRONG_LANGUAGE, "أنا هنا معك الآن"),
    (LintReason.DEGENERATE, "User: hello there"),
    (LintReason.DEGENERATE, "- first point"),
    (LintReason.DEGENERATE, "no no no no"),
    (LintReason.DEGENERATE, "..."),
]

PASSED = [
    "Being unheard all day wears a person down.",
    "What would make tomorrow a little lighter?",
    "You don't have to carry that alone.",
    "I'm an AI, not a person.",
    "Three breaths might be a place to start.",
]


@pytest.mark.parametrize(("reason", "sentence"), REFUSED)
def test_refused(reason: LintReason, sentence: str) -> None:
    result = lint_sentence(sentence, CONTEXT)
    assert not result.ok
    if reason != LintReason.TOO_LONG:
        assert result.reason is reason


@pytest.mark.parametrize("sentence", PASSED)
def test_passed(sentence: str) -> None:
    assert lint_sentence(sentence, CONTEXT).ok


def test_a_second_question_is_counted_over_the_reply() -> None:
    context = LintContext(reply=("What happened today?",))
    assert lint_sentence("Who was with you?", context).reason is LintReason.SECOND_QUESTION


def test_sixty_words_are_counted_over_the_reply() -> None:
    said = tuple(f"{'one two three four five six seven eight nine ten'} {index}" for index in range(5))
    assert lint_sentence("and then some more words come", LintContext(reply=said)).reason is LintReason.TOO_LONG


@pytest.mark.parametrize(
    "sentence", ["Call 01 23 45 now.", "Call 012345 now.", "Call ٠١٢٣٤٥ now.", "See help.example.org now."]
)
def test_the_registry_is_allowed(sentence: str) -> None:
    allowed = frozenset({"012345", "https://help.example.org/"})
    assert lint_sentence(sentence, LintContext(allowed=allowed)).ok
    assert not lint_sentence(sentence, LintContext()).ok


@pytest.mark.parametrize(
    ("sentence", "language", "ok"),
    [
        ("أنا هنا معك", "ar", True),
        ("I am here with you", "ar", False),
        ("मैं यहाँ आपके साथ हूँ", "hi", True),
        ("main yahan aapke saath hun", "hi", True),
        ("Estoy aquí contigo y no hay prisa", "es", True),
        ("Je suis là avec vous et il n'y a pas d'urgence", "fr", True),
        ("Je suis là avec vous et il n'y a pas d'urgence", "es", False),
    ],
)
def test_language(sentence: str, language: str, *, ok: bool) -> None:
    assert lint_sentence(sentence, LintContext(language=language)).ok is ok


def test_templates_hold_no_contact_of_their_own() -> None:
    assert lint_template("If you are in danger, call your local emergency number.", "en").ok
    assert lint_template("Call 112 now.", "en").reason is LintReason.CONTACT
    assert lint_template("Put some distance between you and anything you could use.", "en").ok


def test_naming_a_professional_is_not_posing_as_one() -> None:
    assert lint_sentence("A professional such as a doctor or counsellor can help you carry it.", CONTEXT).ok
