"""The crisis screen: one message and the turns before it to a RiskAssessment. Called at every door of the product.

Deterministic, no model and no I/O after the rule files are read once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from attune_contracts.chat import Message
from attune_contracts.risk import Evidence, RiskAssessment, RiskKind, RiskTier

from attune_safety.context import Hit, read_hits
from attune_safety.conversation import (
    TURN_CHARS_MAX,
    USER_TURNS_MAX,
    answer_cues,
    builds_up,
    question_of,
    retracted,
    was_raised,
)
from attune_safety.encoded import Hidden, base64_texts, ciphered_texts
from attune_safety.grading import Cue, Grade, cue_of, dated, grade
from attune_safety.normalise import Reading, arabic_reading, normalise
from attune_safety.rulebook import LANGUAGES, Rulebook, Signal, load_rulebook

SCREENED_CHARS_MAX = 32_000
_TIME_ALONE_WORDS_MAX = 4
_BARE_WORDS_MAX = 2
_DEVANAGARI = re.compile("[\u0900-\u097f]")


def screen(text: str, history: Sequence[Message] = (), locale: str | None = None) -> RiskAssessment:
    """Assesses `text` in the light of `history` (newest last, without `text` itself).

    `locale` names the language of evidence that no rule file owns (answers to a question); every language's rules
    are always read, because people switch. Evidence offsets are characters of `text`.
    """
    book = load_rulebook()
    text = text[:SCREENED_CHARS_MAX]
    reading = normalise(text, book.lexicon)
    hits = _hits(text, reading, book)
    pairs = [(hit, cue) for hit in hits if (cue := cue_of(hit)) is not None]
    cues = [cue for _, cue in pairs]
    if len(reading.words) <= _BARE_WORDS_MAX:
        # `suicidal` as the whole message is no mention in passing.
        cues = [replace(cue, signal=Signal.ACTIVE) if cue.signal is Signal.MENTION else cue for cue in cues]
    said: list[Cue] = []
    turns: list[list[Cue]] = []
    if history:
        turns = _earlier_turns(history, book)
        question = question_of(history, book)
        if question is not None:
            said += answer_cues(question, reading, book)
        if was_raised(turns) and retracted(book.automaton.find(reading.words, reading.breaks), book):
            said.append(Cue(Signal.DENIAL, True, "conversation.retracted", 0))
        if len(reading.words) <= _TIME_ALONE_WORDS_MAX and was_raised(turns):
            cues = [dated(cue) for cue in cues]
    result = grade([*cues, *said], [cue for cues_before in turns for cue in cues_before])
    if result.tier.rank < RiskTier.ELEVATED.rank and builds_up(cues, turns):
        said.append(Cue(Signal.PASSIVE, True, "conversation.build_up", 0))
        result = Grade(RiskTier.ELEVATED, RiskKind.SELF)
    if result.tier is RiskTier.NONE:
        return RiskAssessment(tier=RiskTier.NONE, kind=RiskKind.NONE, evidence=())
    language = (locale or "en")[:2]
    evidence = [*_evidence(pairs, len(text)), *_said(said, language if language in LANGUAGES else "en", len(text))]
    return RiskAssessment(tier=result.tier, kind=result.kind, evidence=tuple(evidence))


def _hits(text: str, reading: Reading, book: Rulebook) -> list[Hit]:
    hits = read_hits(text, reading, book)
    # Hindi words read by their sound are no Arabizi.
    arabic = None if _DEVANAGARI.search(text) else arabic_reading(reading, book.lexicon)
    if arabic is not None:
        hits += read_hits(text, arabic, book)
    hidden = base64_texts(text)
    if not hits:
        hidden += ciphered_texts(text, reading.known, len(reading.words))
    for secret in hidden:
        hits += _moved(read_hits(secret.text, normalise(secret.text, book.lexicon), book), secret)
    return hits


def _moved(hits: Iterable[Hit], secret: Hidden) -> list[Hit]:
    return [
        Hit(hit.rule, hit.weight, hit.person, secret.start, secret.end, hit.sentence, hit.reason, hit.wording)
        for hit in hits
    ]


def _earlier_turns(history: Sequence[Message], book: Rulebook) -> list[list[Cue]]:
    users = [message.content for message in history if message.role == "user"][-USER_TURNS_MAX:]
    turns: list[list[Cue]] = []
    for content in users:
        shortened = content[:TURN_CHARS_MAX]
        reading = normalise(shortened, book.lexicon)
        turns.append([cue for hit in _hits(shortened, reading, book) if (cue := cue_of(hit)) is not None])
    return turns


def _evidence(pairs: Iterable[tuple[Hit, Cue]], length: int) -> list[Evidence]:
    return [
        Evidence(
            rule=f"{hit.rule.id}:{hit.reason}" if hit.reason else hit.rule.id,
            language=hit.rule.language,
            tier=cue.tier,
            start=min(hit.start, length),
            end=min(hit.end, length),
        )
        for hit, cue in pairs
    ]


def _said(cues: Iterable[Cue], language: str, length: int) -> list[Evidence]:
    return [Evidence(rule=cue.rule, language=language, tier=cue.tier, start=0, end=length) for cue in cues]
