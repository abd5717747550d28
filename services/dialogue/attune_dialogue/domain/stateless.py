"""A crisis turn without a session, for the moment in which the storage is down. Pure."""

from attune_contracts.dialogue import AcceptedEvent, DeltaEvent, DoneEvent, ReplySource, TurnEvent, Why
from attune_contracts.risk import RiskAssessment
from attune_safety.first_reply import first_reply

from attune_dialogue.domain.cues import language_of
from attune_dialogue.domain.risk import risk_event
from attune_dialogue.domain.voice import LANGUAGES

UNSTORED_ID = "unstored"


def crisis_turn(assessment: RiskAssessment, text: str, pick: int) -> list[TurnEvent]:
    """The card and the first reply. The country is unknown without a session, so the card asks for it."""
    language = language_of(text, LANGUAGES[0], LANGUAGES)
    reply = first_reply(assessment, None, language, pick)
    why = Why(
        move=None,
        rule="crisis.stateless",
        sources=(ReplySource.CRISIS,),
        emotion=None,
        tier=assessment.tier,
        lint=(),
    )
    return [
        AcceptedEvent(type="accepted", message_id=UNSTORED_ID),
        risk_event(assessment, None),
        DeltaEvent(type="delta", text=reply),
        DoneEvent(type="done", message_id=UNSTORED_ID, text=reply, degraded=True, why=why, timings_ms={}),
    ]
