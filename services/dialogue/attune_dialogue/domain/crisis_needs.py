"""What a person asks for in the middle of a crisis: a number, words for a friend, a way off the page, a pause. Pure.

Called by crisis.py before its script goes on, because a script that passes over a question is heard as a machine.
"""

import re
from enum import StrEnum

from attune_contracts.risk import RiskKind

from attune_dialogue.domain.crisis_scripts import Beat
from attune_dialogue.domain.crisis_state import CrisisState
from attune_dialogue.domain.cues import ARABIC_LETTERS, plain


class Need(StrEnum):
    """What is asked for, or refused."""

    LEAVE = "leave"
    SLEEP = "sleep"
    LINE = "line"
    REFUSAL = "refusal"
    WORDS = "words"
    PLAN = "plan"
    TOPIC = "topic"


_PATTERNS: dict[Need, tuple[str, ...]] = {
    Need.LEAVE: (
        r"(?:close|hide|leave|exit|get off) (?:this|the (?:page|chat|site|window|tab))",
        r"(?:checks?|checking|goes through|reads|sees) my (?:phone|messages|history|screen)",
        r"(?:اقفل|اخفي|اخرج من) (?:الصفحه|الشاشه|ده|دي)|بيفتش (?:موبايلي|تليفوني)|يفتش هاتفي",
        r"cerrar (?:esto|la página)|revisa mi (?:teléfono|móvil|celular)|fermer (?:la page|ça)|fouille mon téléphone",
    ),
    Need.SLEEP: (
        r"(?:just |can i |i'll |go(?:ing)? to |want to |fall(?:ing)? )+(?:a?sleep|lie down)",
        r"(?:so|very|getting|and) sleepy",
        r"(?:انام|هنام|نعسان|نعسانه|عايز انام)|dormir|tengo sueño|j'ai sommeil|neend",
    ),
    Need.LINE: (
        (
            r"(?:is there|what(?:'s| is)|give me|do you have|got|send me|know) (?:a |the |any |some )*"
            r"(?:phone |crisis |help )*(?:numbers?|line|hot ?line|help ?line)"
        ),
        r"who (?:can|could|do|should) i (?:call|ring|phone|text|talk to|contact)|number (?:i can|to) call",
        r"(?:ايه|اديني|فيه|هل يوجد|ما هو|عايز|عايزه) (?:رقم|خط)|اكلم مين|بمن اتصل|اتصل بمين",
        r"(?:hay|cuál es) (?:un |el )?(?:número|teléfono)|a quién (?:puedo )?llam|(?:un|quel) numéro",
        r"qui (?:puis-je )?appeler",
        r"number (?:hai|do|batao)|kisko call|नंबर",
    ),
    Need.REFUSAL: (
        (
            r"(?:i )?(?:don't|do not|won't|will not|can't|cannot|not going to|never) (?:want to |wanna )?"
            r"(?:call|calling|ring|phone|text|talk to|tell|contact|see|go to) \w+"
        ),
        r"not (?:ready|able) to (?:call|talk|tell)|no (?:calls|police|ambulance|hospital|doctors?)",
        r"(?:they|she|he|it)(?:'ll| will|'d| would) (?:just |only )?(?:lock me|put me|send me|tell my|hate me|judge)",
        r"(?:they|she|he|it)(?:'ll| will|'d| would) (?:just |only )?(?:think i'?m|be (?:angry|mad)|laugh)",
        r"(?:مش|ما) ?(?:عايز|عايزه|هقدر|اقدر|بدي|ابي|اريد) ?(?:اكلم|اتصل|اقلق|احكي)\w*|لا اريد الاتصال",
        r"no (?:quiero|puedo) (?:llamar|hablar|decir)|je ne (?:veux|peux) pas (?:appeler|parler)|call nahi",
    ),
    Need.WORDS: (
        r"what (?:do|should|can|could) i (?:even )?(?:say|tell|write|do)",
        r"how (?:do|should|can) i (?:talk|say|help|answer)",
        r"(?:اقول|اعمل) (?:له|لها|ليه|ليها)? ?(?:ايه|ماذا)|ماذا (?:اقول|افعل)|اقوله ايه|اقولها ايه",
        r"qué le digo|qué hago|qu'est-ce que je (?:dis|fais)|que (?:dire|faire)|kya (?:bolu|kahu|karu)",
    ),
    Need.PLAN: (
        (
            r"(?:let's|let us|can we|could we|shall we) (?:do|make|write|start|try|fill in) (?:the|a|that|this|my) "
            r"(?:safety )?plan"
        ),
        r"(?:نعمل|نكتب|يلا) (?:ال)?خطه|hagamos (?:el|un) plan|faisons (?:le|un) plan|plan bana(?:te|o)",
    ),
    Need.TOPIC: (
        r"(?:can|could) we (?:please )?(?:talk|chat) about (?:something|anything) else|change the (?:subject|topic)",
        r"(?:نتكلم|نحكي) (?:في|عن) (?:حاجه|موضوع|شيء) (?:تانيه|تاني|اخر)|غير الموضوع",
        r"hablar de otra cosa|parler d'autre chose|kuch aur baat",
    ),
}
PATTERNS = {
    need: re.compile("(?<!\\w)(?:" + "|".join(patterns).translate(ARABIC_LETTERS) + ")(?!\\w)")
    for need, patterns in _PATTERNS.items()
}
REFUSALS_MET_MAX = 3
LINE_OF = {
    "other": "other_line",
    "other.imminent": "other_line",
    "harm_by_other": "harm_by_other_line",
    "medical": "medical_emergency",
}
ASK_AFTER = {
    "other": "crisis.other_now",
    "other.imminent": "crisis.other_now",
    "harm_by_other": "crisis.harm_needs",
    "medical": "crisis.medical_called",
}


def needs_of(text: str) -> frozenset[Need]:
    """Everything that a message asks for or refuses."""
    folded = plain(text)
    return frozenset(need for need, pattern in PATTERNS.items() if pattern.search(folded))


def answer_to(needs: frozenset[Need], state: CrisisState, before: CrisisState) -> Beat | None:
    """The beat that answers the most urgent need of this script, or None when the script may go on."""
    script = state.script
    for need in Need:
        if need in needs and (beat := _beat(need, script, state, before)) is not None:
            return beat
    return None


def _beat(need: Need, script: str, state: CrisisState, before: CrisisState) -> Beat | None:
    asked = before.awaiting or "willingness"
    own = script in ("self.elevated", "self_harm")
    met = state.told.get("crisis.refusal_met", 0)
    if need is Need.LEAVE and state.kind is RiskKind.HARM_BY_OTHER:
        return (("crisis.harm_leave",), ("crisis.harm_needs",))
    if need is Need.SLEEP and script == "medical":
        return (("crisis.medical_sleepy",), ("crisis.medical_with_you",))
    if need is Need.LINE:
        return ((LINE_OF.get(script, "line"),), (ASK_AFTER.get(script, asked),))
    if need is Need.REFUSAL and met < REFUSALS_MET_MAX:
        return _to_refusal(script)
    if need is Need.WORDS and state.kind is RiskKind.OTHER:
        return (("other_ask", "other_stay"), ("crisis.other_you",))
    if need is Need.PLAN and own and not state.told.get("offer_safety_plan"):
        return (("thank_for_answer",), ("offer_safety_plan",))
    if need is Need.TOPIC and own and not state.told.get("crisis.topic_first"):
        return (("crisis.topic_first",), (asked,))
    return None


def _to_refusal(script: str) -> Beat | None:
    """A fear is answered and a smaller step asked for: refusing is where the talk begins, not where it ends."""
    if script == "medical":
        return (("crisis.refusal_met", "medical_emergency"), ("crisis.medical_with_you",))
    if script == "self.imminent":
        return (("crisis.refusal_met", "someone_with_you"), ("crisis.smaller_step",))
    if script in ("other", "other.imminent"):
        return (("crisis.refusal_met", "other_tell"), ("crisis.other_support",))
    if script == "harm_by_other":
        return None
    return (("crisis.refusal_met",), ("crisis.smaller_step",))
