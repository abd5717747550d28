"""The crisis conversation (first form): the tier's first reply, before any other rule. Pure."""

from attune_contracts.dialogue import ReplySource
from attune_safety.first_reply import first_reply

from attune_dialogue.domain.plan import Plan
from attune_dialogue.domain.policy import Turn
from attune_dialogue.domain.risk import is_risk


def decide(turn: Turn) -> Plan | None:
    """The plan of a message with risk, else None."""
    assessment = turn.signals.assessment
    if not is_risk(assessment):
        return None
    language = turn.signals.language
    lead = first_reply(assessment, turn.session.country, language, turn.voice.pick)
    return Plan("crisis", None, language, lead, turn.session, ReplySource.CRISIS)
