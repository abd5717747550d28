"""The crisis conversation as data: what must be said on which turn, by kind and tier.

A beat is up to two paragraphs of elements; the last element of the last paragraph asks. Elements are those of
attune_safety.phrases, and a few of our own wording (`crisis.*`). Two beats in a row never name the same help.
The order follows safety.md 2.1: question, plan, intent, means, time; line, professional and trusted person;
willingness, barriers; grounding; safety plan; then the re-check.
"""

from attune_contracts.risk import RiskKind, RiskTier

Beat = tuple[tuple[str, ...], ...]

SELF_ELEVATED: tuple[Beat, ...] = (
    (("thank_for_answer",), ("ask_intent",)),
    (("thank_for_answer", "grounding_now"), ("ask_means",)),
    (("thank_for_answer", "line"), ("ask_time",)),
    (("empathy", "not_monitored"), ("professional_and_trusted", "willingness")),
    (("thank_for_answer",), ("barriers",)),
    (("line",), ("offer_safety_plan",)),
)
SELF_IMMINENT: tuple[Beat, ...] = (
    (("empathy", "someone_with_you"), ("barriers",)),
    (("emergency_first", "distance_from_means"), ("willingness",)),
    (("not_monitored", "line"), ("keep_talking",)),
    (("someone_with_you", "emergency_first"), ("ask_means",)),
    (("grounding_now", "professional_and_trusted"), ("barriers",)),
    (("line", "distance_from_means"), ("keep_talking",)),
)
SELF_HARM: tuple[Beat, ...] = (
    (("thank_for_answer", "grounding_now"), ("ask_means",)),
    (("empathy", "line"), ("professional_and_trusted", "willingness")),
    (("thank_for_answer",), ("barriers",)),
    (("not_monitored",), ("offer_safety_plan",)),
)
OTHER: tuple[Beat, ...] = (
    (("thank_for_answer", "other_stay"), ("crisis.other_now",)),
    (("other_line", "other_tell"), ("crisis.other_support",)),
    (("other_ask",), ("not_monitored", "crisis.other_you")),
)
OTHER_IMMINENT: tuple[Beat, ...] = (
    (("other_stay",), ("crisis.other_now",)),
    (("other_emergency", "other_tell"), ("crisis.other_support",)),
    (("other_line", "other_stay"), ("crisis.other_you",)),
)
HARM_BY_OTHER: tuple[Beat, ...] = (
    (("harm_by_other_emergency",), ("crisis.harm_trusted",)),
    (("harm_by_other_line",), ("crisis.harm_needs",)),
    (("harm_by_other_named", "not_monitored"), ("crisis.harm_next",)),
)
MEDICAL: tuple[Beat, ...] = (
    (("medical_until_help",), ("crisis.medical_called",)),
    (("medical_emergency",), ("crisis.medical_with_you",)),
    (("medical_until_help", "not_monitored"), ("crisis.medical_called",)),
)
SCRIPTS: dict[str, tuple[Beat, ...]] = {
    "self.elevated": SELF_ELEVATED,
    "self.imminent": SELF_IMMINENT,
    "self_harm": SELF_HARM,
    "other": OTHER,
    "other.imminent": OTHER_IMMINENT,
    "harm_by_other": HARM_BY_OTHER,
    "medical": MEDICAL,
}
# The two questions of the re-check by kind; the others have those of the person themselves.
RECHECKS: dict[RiskKind, tuple[str, str]] = {
    RiskKind.OTHER: ("other_recheck_danger", "other_recheck_safe"),
    RiskKind.HARM_BY_OTHER: ("harm_recheck_danger", "recheck_safety_now"),
}
RECHECK = ("recheck_question", "recheck_safety_now")
# Said between two re-checks that did not give an all-clear.
SUPPORT: tuple[Beat, ...] = (
    (("empathy", "line"), ("professional_and_trusted", "willingness")),
    (("grounding_now",), ("barriers",)),
)
SUPPORTS: dict[RiskKind, tuple[Beat, ...]] = {
    RiskKind.OTHER: (
        (("other_line",), ("crisis.other_support",)),
        (("other_stay", "other_tell"), ("crisis.other_you",)),
    ),
    RiskKind.HARM_BY_OTHER: (
        (("harm_by_other_line",), ("crisis.harm_needs",)),
        (("harm_by_other_named",), ("crisis.harm_next",)),
    ),
    RiskKind.MEDICAL: MEDICAL,
}
# Said when somebody is at hand, or help is on its way.
SUPPORTED: dict[str, Beat] = {
    "self.imminent": (("crisis.supported",), ("crisis.together",)),
    "medical": (("crisis.help_coming",), ("crisis.medical_with_you",)),
}
# Said as soon as the country is known that was missing.
AT_LAST: dict[str, Beat] = {
    "self.imminent": (("emergency_first", "line"), ("barriers",)),
    "other": (("other_line",), ("crisis.other_now",)),
    "other.imminent": (("other_emergency", "other_line"), ("crisis.other_now",)),
    "harm_by_other": (("harm_by_other_emergency", "harm_by_other_line"), ("crisis.harm_trusted",)),
    "medical": (("medical_emergency",), ("crisis.medical_called",)),
}


def script_of(kind: RiskKind, tier: RiskTier) -> str:
    """The script of a crisis."""
    imminent = tier is RiskTier.IMMINENT
    if kind is RiskKind.OTHER:
        return "other.imminent" if imminent else "other"
    if kind in (RiskKind.HARM_BY_OTHER, RiskKind.MEDICAL):
        return kind.value
    if kind is RiskKind.SELF_HARM and not imminent:
        return "self_harm"
    return "self.imminent" if imminent else "self.elevated"
