"""Reads a message in the light of the turns before it: short answers to a direct question, and cues that build up."""

from collections.abc import Sequence
from dataclasses import dataclass

from attune_contracts.chat import Message
from attune_contracts.risk import RiskTier

from attune_safety.grading import Cue
from attune_safety.normalise import Reading, normalise
from attune_safety.patterns import Span
from attune_safety.rulebook import Rulebook, Signal

USER_TURNS_MAX = 10
TURN_CHARS_MAX = 600
ANSWER_WORDS_MAX = 9
# "Tonight" answers a question about a plan; "my heart is racing even now" tells of something else.
TIME_WORDS_MAX = 5
_YES_WORDS_MAX = 30
_DOUBT_WORDS = 4
# `I am` alone is a yes, and so it is before these; `I am ashamed` answers nothing.
_AM_GOES_ON = frozenset({"thinking", "planning", "going", "having", "suicidal", "considering", "and", "but", "yes"})
_PASSIVE_TURNS = 3

# What a yes to each question means. Questions are markers named ask_* in the rule files.
_YES: dict[str, Signal] = {
    "ask_ideation": Signal.ACTIVE,
    "ask_plan": Signal.PLAN,
    "ask_means": Signal.MEANS,
    "ask_self_harm": Signal.SELF_HARM,
    "ask_act": Signal.ACT,
    "ask_abuse": Signal.HARM_BY_OTHER,
}
_ORDER = ("ask_act", "ask_means", "ask_plan", "ask_time", "ask_ideation", "ask_self_harm", "ask_abuse", "ask_safe")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reply to a direct question tells, as cues for grading."""

    cues: tuple[Cue, ...]


def question_of(history: Sequence[Message], book: Rulebook) -> str | None:
    """The last direct risk question that the assistant asked in its latest message, if it asked any."""
    if not history or history[-1].role != "assistant":
        return None
    reading = normalise(history[-1].content[-TURN_CHARS_MAX:], book.lexicon)
    asked = [
        (span.last, book.markers[span.owner][1])
        for span in book.automaton.find(reading.words, reading.breaks)
        if span.owner in book.markers and book.markers[span.owner][1].startswith("ask_")
    ]
    if not asked:
        return None
    names = {name for _, name in asked}
    return next(name for name in _ORDER if name in names)


def answer_cues(question: str, reading: Reading, book: Rulebook) -> tuple[Cue, ...]:
    """The cues of a short answer to `question`. A refusal or a doubt about safety counts as not safe."""
    words = reading.words
    verdict = None if _holds(words[:_DOUBT_WORDS], book.answers["unsure"]) else _verdict(words, book)
    if question == "ask_safe":
        unsafe = verdict == "no" or (verdict is None and _holds(words, book.answers["unsure"]))
        return (_cue(Signal.ACTIVE, "answer.not_safe"),) if unsafe else ()
    if question == "ask_time":
        soon = _holds(words, book.answers["soon"]) and verdict != "no"
        return (_cue(Signal.PLAN, "answer.time"), _cue(Signal.SOON, "answer.soon")) if soon else ()
    signal = _YES[question]
    if verdict == "yes":
        return (_cue(signal, f"answer.yes.{question}"),)
    if verdict == "no":
        return (Cue(Signal.DENIAL, True, f"answer.no.{question}", 0),)
    if len(words) <= ANSWER_WORDS_MAX and _holds(words, book.answers["unsure"]):
        return (Cue(signal, question == "ask_ideation", f"answer.unsure.{question}", 0),)
    if question in ("ask_plan", "ask_means") and len(words) <= TIME_WORDS_MAX and _holds(words, book.answers["soon"]):
        return (_cue(Signal.PLAN, "answer.time"), _cue(Signal.SOON, "answer.soon"))
    return ()


def _verdict(words: Sequence[str], book: Rulebook) -> str | None:
    """`yes` or `no` by the first answer word among the first four, read word by word."""
    if len(words) > _YES_WORDS_MAX:
        return None
    for index, word in enumerate(words[:4]):
        following = words[index + 1] if index + 1 < len(words) else ""
        pair = f"{word} {following}"
        after = words[index + 2] if index + 2 < len(words) else ""
        if pair == "i am" and after and after not in _AM_GOES_ON:
            if after == "not":
                return "no"
            continue
        for name in ("yes", "no"):
            if pair in book.answers[name]:
                return name
        for name in ("yes", "no"):
            if word in book.answers[name]:
                return name
    return None


def _holds(words: Sequence[str], entries: frozenset[str]) -> bool:
    joined = f" {' '.join(words[:_YES_WORDS_MAX])} "
    return any(f" {entry} " in joined for entry in entries)


def _cue(signal: Signal, rule: str) -> Cue:
    return Cue(signal, True, rule, 0)


def builds_up(current: Sequence[Cue], turns: Sequence[Sequence[Cue]]) -> bool:
    """Whether veiled cues came in three or more of the recent turns, this one included."""
    veiled = (Signal.PASSIVE, Signal.MEANS, Signal.FAREWELL, Signal.MENTION, Signal.PAST)

    def counts(cues: Sequence[Cue]) -> bool:
        heavy = sum(cue.signal is Signal.HEAVY for cue in cues)
        return heavy >= 1 or any(cue.full and cue.signal in veiled for cue in cues)

    strong = any(cue.full and cue.signal in veiled for cue in current)
    if not counts(current):
        return False
    earlier = sum(counts(cues) for cues in turns)
    strong_turns = strong + sum(any(cue.full and cue.signal in veiled for cue in cues) for cues in turns)
    return earlier + 1 >= _PASSIVE_TURNS and strong_turns >= 2


def was_raised(turns: Sequence[Sequence[Cue]]) -> bool:
    """Whether any recent turn alone had a tier of elevated or above."""
    return any(cue.tier.rank >= RiskTier.ELEVATED.rank for cues in turns for cue in cues)


def retracted(spans: Sequence[Span], book: Rulebook) -> bool:
    """Whether the message takes back what was said before (`forget it, I was joking`)."""
    return any(span.owner in book.markers and book.markers[span.owner][1] == "retract" for span in spans)
