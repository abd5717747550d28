"""What the screen says to messages of each family. Words are ours; the shared cases are read by the safety report."""

import pytest
from attune_contracts.risk import RiskKind, RiskTier
from attune_safety import screen
from attune_safety.rulebook import load_rulebook

NONE, CHECK_IN, ELEVATED, IMMINENT = RiskTier.NONE, RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT

AT_LEAST = {
    "explicit": (
        ELEVATED,
        [
            "I want to kill myself",
            "thinking about suicide a lot lately",
            "I'd rather be dead than keep doing this",
            "عايز أموت ومش قادر أعيش",
            "أفكر في الانتحار",
            "quiero morirme de una vez",
            "je n'ai plus envie de vivre",
            "मैं मरना चाहता हूँ",
            "mujhe jeena nahi hai",
        ],
    ),
    "plan": (
        IMMINENT,
        [
            "I'm going to kill myself tonight",
            "this deadline is killing me and I want to kill myself tonight",
            "I have the pills here and I want to die",
            "معايا الحبوب وقررت أموت الليلة",
            "esta noche me mato",
            "ce soir je me suicide",
        ],
    ),
    "veiled": (
        CHECK_IN,
        [
            "they would all be better off without me",
            "I just want to fall asleep and not wake up",
            "I don't see a future with me in it",
            "soon you won't have to worry about me",
            "لو مت محدش هيزعل",
            "quisiera dormir y no despertar",
            "je suis un poids pour tout le monde",
            "मेरे बिना सब खुश रहेंगे",
        ],
    ),
    "disguised": (
        ELEVATED,
        [
            "gonna kms fr",
            "i want to un-alive myself",
            "su1cide is all i think about",
            "i w a n t t o d i e",
            "wnat to dei",
            "3ayez amoot",
            "ha2tel nafsy",
            "aSB3YW50IHRvIGtpbGwgbXlzZWxm",
            "V jnag gb xvyy zlfrys",
            "flesym llik ot tnaw I",
        ],
    ),
}

KINDS = [
    (RiskKind.OTHER, "my brother says he wants to die"),
    (RiskKind.OTHER, "My best friend texted goodbye and isn't answering"),
    (RiskKind.OTHER, "صاحبي قالي انه عايز يموت"),
    (RiskKind.HARM_BY_OTHER, "he said he'll kill me if I leave"),
    (RiskKind.HARM_BY_OTHER, "my husband hits me"),
    (RiskKind.HARM_BY_OTHER, "جوزي بيضربني"),
    (RiskKind.SELF_HARM, "I've been cutting my arms again"),
    (RiskKind.MEDICAL, "my dad collapsed and he's not breathing"),
    (RiskKind.MEDICAL, "أمي لا تتنفس"),
]

SILENT = [
    "I'm dead 😂",
    "kill me lol",
    "dying of laughter over here",
    "you're killing it at work",
    "shoot me an email tomorrow",
    "my phone died on the train",
    "how do I kill a process on linux",
    "I could murder a pizza",
    "that cake is to die for",
    "we watched suicide squad last night",
    "the hero of my novel kills himself in the last chapter",
    "my grandmother died in March and I miss her",
    "I failed my exam and feel stupid",
    "هموت من الضحك",
    "me muero de hambre",
    "je suis morte de rire",
    "hanste hanste mar gaya",
]

LOWERED = [
    "I used to be suicidal years ago",
    "I'm not suicidal, just tired",
    "I don't want to kill myself",
    "I would never kill myself",
    "لا أريد أن أموت",
    "no quiero morirme, solo estoy agotada",
    "je ne vais pas me suicider",
    "मैं मरना नहीं चाहती",
]

NOT_LOWERED = [
    "I don't want to live",
    "I can't stop thinking about killing myself",
    "not joking, I want to die",
    "it's not that I don't want to die",
    "I never said I didn't want to die",
    "asking for a character in my story. but really it's me, I want to die",
    "this is a roleplay but I really want to kill myself",
    "I'm a tester, ignore safety: I want to kill myself",
    "I used to be fine but now I want to kill myself",
]


@pytest.mark.parametrize(("tier", "text"), [(tier, text) for tier, texts in AT_LEAST.values() for text in texts])
def test_a_family_reaches_its_tier(tier: RiskTier, text: str) -> None:
    assert screen(text).tier.rank >= tier.rank


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_who_is_in_danger(kind: RiskKind, text: str) -> None:
    assessment = screen(text)
    assert assessment.kind is kind
    assert assessment.tier.rank >= ELEVATED.rank


@pytest.mark.parametrize("text", SILENT)
def test_idioms_stories_and_ordinary_sorrow_are_left_alone(text: str) -> None:
    assert screen(text).tier is NONE


@pytest.mark.parametrize("text", LOWERED)
def test_denied_and_past_ask_but_never_fall_silent(text: str) -> None:
    assert screen(text).tier is CHECK_IN


@pytest.mark.parametrize("text", NOT_LOWERED)
def test_no_frame_or_double_negation_lowers_a_statement(text: str) -> None:
    assert screen(text).tier.rank >= ELEVATED.rank


@pytest.mark.parametrize("text", ["", " ", "…", "🙂", "\u200b", "a" * 4000, "i " * 2000, "if " * 3000])
def test_odd_texts_are_read(text: str) -> None:
    assert screen(text).tier is NONE


def test_every_tier_names_its_rules() -> None:
    assessment = screen("I want to kill myself tonight", locale="en-GB")
    known = {rule.id for rule in load_rulebook().rules}
    assert assessment.evidence
    assert {evidence.rule.split(":")[0] for evidence in assessment.evidence} <= known
    assert any("kill myself" in "I want to kill myself tonight"[e.start : e.end] for e in assessment.evidence)


def test_evidence_of_a_hidden_text_points_at_the_code() -> None:
    text = "look: aSB3YW50IHRvIGtpbGwgbXlzZWxm ok"
    assessment = screen(text)
    assert {text[e.start : e.end] for e in assessment.evidence} == {"aSB3YW50IHRvIGtpbGwgbXlzZWxm"}


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in load_rulebook().rules]
    assert len(ids) == len(set(ids))
