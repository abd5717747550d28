"""Reads a yes or a no to a direct question of the crisis conversation, in five languages. Pure.

Anything that is not plainly one of them is unclear, since only a plain answer may lower a tier.
"""

import re

from attune_safety.rolling import Answer

from attune_dialogue.domain.cues import plain

YES_WORDS = (
    r"yes|yeah|yep|yup|yea|ya|y|sure|definitely|of course|ok|okay|absolutely",
    r"i am(?! (?!thinking|planning|going|having|suicidal|considering|and|but)\w)",
    r"i (?:do|have|did|will|can|would|could|think so|guess so)|i(?:'m| am) (?:safe|ok|okay|fine)",
    r"نعم|ايوه|ايوا|اه|اها|اكيد|طبعا|عندي|تمام|ماشي|حاضر|انا (?:بخير|كويس|كويسه|في امان|بامان)",
    r"si|sí|claro|por supuesto|estoy (?:bien|a salvo)",
    r"oui|ouais|bien s[uû]r|je suis en s[eé]curit[eé]",
    r"haan|haa|ha|ji|हाँ|हां|जी",
)
# `I don't want to call anyone` refuses help and denies nothing.
_REFUSED = (
    r"(?:know|care|see|feel|trust|need|believe|deserve|matter|tell|call|talk|sleep|eat|"
    r"(?:want|wanna)(?: to)? (?:call|talk|tell|go|answer|say|be|live|see|anyone|help|that|it))"
)
NO_WORDS = (
    r"no|nope|nah|never|none|n|gone|nothing|not (?:at all|really|now|any ?more|today|right now)",
    r"i(?:'m| am) not(?! (?:sure|ready|ok|okay|fine|safe|alone|calling|telling|going to (?:call|tell|talk)))",
    rf"i (?:don't|do not|haven't|have not|won't|wouldn't|didn't)(?! (?:even |really )?{_REFUSED})",
    r"it(?:'s not| isn't)|there(?:'s| is) (?:no|none)|they(?:'re| are) gone",
    r"لا|لاء|مفيش|ليس|ماعنديش|معنديش|مش|ابدا|خالص|لم|ولا|راحت",
    r"nunca|para nada|no tengo",
    r"non|pas du tout|jamais|aucun",
    r"nahi|nahin|nai|kabhi nahi|नहीं|कभी नहीं",
)
# A yes or no that goes on like this takes half of itself back.
HEDGE_WORDS = (
    r"but|maybe|i guess|kind of|sort of|not sure|don't know|dunno|idk|sometimes|almost|probably|though|although",
    r"بس|لكن|يمكن|ممكن|احيانا|مش عارف|مش عارفه|مش متاكد|تقريبا",
    r"pero|quiz[aá]s|a veces|no se",
    r"mais|peut-[eê]tre|parfois|je ne sais pas",
    r"lekin|shayad|kabhi kabhi|pata nahi|लेकिन|शायद|कभी कभी",
)
YES = re.compile(rf"^(?:{'|'.join(YES_WORDS)})(?!\w)")
NO = re.compile(rf"^(?:{'|'.join(NO_WORDS)})(?!\w)")
HEDGE = re.compile(rf"(?<!\w)(?:{'|'.join(HEDGE_WORDS)})(?!\w)")


def read_yes_no(text: str) -> Answer:
    """Yes, no, or unclear."""
    folded = plain(text)
    yes, no = YES.match(folded) is not None, NO.match(folded) is not None
    if yes == no or HEDGE.search(folded):
        return Answer.UNCLEAR
    return Answer.YES if yes else Answer.NO
