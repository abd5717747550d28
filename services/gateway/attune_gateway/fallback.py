"""What the edge says by itself when dialogue is unreachable, hangs, or dies in the middle of a reply. Pure.

A message that the screen flags always ends with a crisis card and a first reply, whatever has failed behind the edge.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from attune_contracts.dialogue import (
    AcceptedEvent,
    DeltaEvent,
    DoneEvent,
    ReplySource,
    RiskEvent,
    TurnEvent,
    Why,
)
from attune_contracts.risk import RiskAssessment, RiskTier
from attune_kit.sse import ServerSentEvent
from attune_safety.first_reply import first_reply
from attune_safety.resources import card_for

LANGUAGES = ("en", "ar", "es", "fr", "hi")

# Said when no word of a reply has been shown yet.
UNREACHABLE = {
    "en": "I can't reach the part of me that writes replies right now, so your message was not saved. "
    "It isn't anything you said. Please send it again in a minute.",
    "ar": "لا أستطيع الوصول الآن إلى الجزء الذي يكتب الردود، لذلك لم تُحفظ رسالتك. "
    "ليس السبب شيئًا قلته. أرسلها من جديد بعد دقيقة من فضلك.",
    "es": "Ahora mismo no llego a la parte de mí que escribe las respuestas, así que tu mensaje no se guardó. "
    "No es por nada que hayas dicho. Envíalo otra vez en un minuto, por favor.",
    "fr": "Je n'arrive pas à joindre la partie de moi qui écrit les réponses, donc ton message n'a pas été gardé. "
    "Ce n'est rien que tu aies dit. Renvoie-le dans une minute, s'il te plaît.",
    "hi": "अभी मैं जवाब लिखने वाले हिस्से तक नहीं पहुँच पा रहा हूँ, इसलिए आपका संदेश सहेजा नहीं गया। "
    "यह आपकी किसी बात की वजह से नहीं है। एक मिनट बाद इसे फिर भेजिए।",
}
# Said when the reply broke off.
INTERRUPTED = {
    "en": "I lost my thread there, and it isn't your fault. Please send that once more so that I can answer it fully.",
    "ar": "انقطع كلامي هنا، وليس هذا بسببك. أرسل رسالتك مرة أخرى من فضلك حتى أجيب عنها كاملة.",
    "es": "Se me cortó la respuesta, y no es culpa tuya. Envíalo una vez más, por favor, para contestarte bien.",
    "fr": "Ma réponse s'est coupée, et ce n'est pas ta faute. Renvoie ton message pour que je réponde en entier.",
    "hi": "मेरा जवाब बीच में रुक गया, और इसमें आपकी गलती नहीं है। कृपया इसे एक बार फिर भेजिए।",
}
SCRIPTS = (("ar", re.compile("[\u0600-\u06ff]")), ("hi", re.compile("[\u0900-\u097f]")))


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person is (ISO 3166 alpha-2, or None when unknown) and which language to answer in."""

    country: str | None
    language: str


@dataclass(slots=True)
class Seen:
    """What has been shown of a turn so far. `deltas` and `accepted` hold the events' JSON, read only when needed."""

    accepted: str | None = None
    risk: bool = False
    risk_data: str | None = None
    deltas: list[str] = field(default_factory=list)
    ended: bool = False

    def note(self, event: ServerSentEvent) -> None:
        """Takes note of one event."""
        if event.event == "delta":
            self.deltas.append(event.data)
        elif event.event == "accepted":
            self.accepted = event.data
        elif event.event == "risk":
            self.risk, self.risk_data = True, event.data
        elif event.event in {"done", "error"}:
            self.ended = True

    def message_id(self, otherwise: str) -> str:
        """The id that dialogue gave the message."""
        return str(json.loads(self.accepted).get("message_id", otherwise)) if self.accepted else otherwise

    def text(self) -> str:
        """The reply as far as it was shown."""
        return "".join(str(json.loads(data).get("text", "")) for data in self.deltas)


def place_of(text: str, assessment: RiskAssessment, country: str | None, accept_language: str | None) -> Place:
    """The language of the rule that fired, else of the script, else what the browser asks for, else English."""
    languages = [evidence.language for evidence in assessment.evidence]
    languages += [language for language, script in SCRIPTS if script.search(text)]
    asked = re.match(r"[a-z]{2}", (accept_language or "").lower())
    languages += [asked[0]] if asked else []
    return Place(country, next((language for language in languages if language in LANGUAGES), "en"))


def risk_event(assessment: RiskAssessment, place: Place) -> RiskEvent:
    """The card for a flagged message. An unknown country gets the card that asks for it."""
    return RiskEvent(
        type="risk",
        tier=assessment.tier,
        kind=assessment.kind,
        rules=tuple(dict.fromkeys(evidence.rule for evidence in assessment.evidence)),
        card=card_for(place.country, assessment.kind),
    )


def ending(
    seen: Seen, assessment: RiskAssessment, place: Place, *, reason: str, new_id: str, pick: int, elapsed_ms: float
) -> Sequence[TurnEvent]:
    """The events that bring a turn to a good end by the edge alone, after what has been seen of it.

    `reason` is a rule name such as "unreachable"; `pick` chooses among the wordings of a first reply.
    """
    flagged = assessment.tier is not RiskTier.NONE
    message_id, shown = seen.message_id(new_id), seen.text()
    events: list[TurnEvent] = []
    if seen.accepted is None:
        events.append(AcceptedEvent(type="accepted", message_id=message_id))
    if flagged and not seen.risk:
        events.append(risk_event(assessment, place))
    if flagged:
        words = first_reply(assessment, place.country, place.language, pick)
    else:
        words = (INTERRUPTED if shown or seen.accepted else UNREACHABLE)[place.language]
    piece = f"\n\n{words}" if shown else words
    why = Why(
        move=None,
        rule=f"edge.{reason}",
        sources=(ReplySource.CRISIS if flagged else ReplySource.TEMPLATE,),
        emotion=None,
        tier=assessment.tier,
        lint=(),
    )
    events.append(DeltaEvent(type="delta", text=piece))
    timings = {"total": round(elapsed_ms, 1)}
    done = DoneEvent(type="done", message_id=message_id, text=shown + piece, degraded=True, why=why, timings_ms=timings)
    return [*events, done]


def as_sse(event: TurnEvent) -> ServerSentEvent:
    """An event of the edge on the wire. It has no id: dialogue numbers a turn's events, and a resume asks it."""
    return ServerSentEvent(event.model_dump_json(), event.type)
