"""Keeps a person's own words for situation, thought and goal, and makes the short summary for prompts. Pure."""

import re

from attune_contracts.dialogue import TurnRole

from attune_dialogue.domain.cues import Cue
from attune_dialogue.domain.sentences import split
from attune_dialogue.domain.session import Session
from attune_dialogue.domain.signals import Signals

NOTE_CHARS_MAX = 160
SUMMARY_CHARS_MAX = 320
SITUATION_WORDS_MIN = 5
GOAL = re.compile(
    r"\b(?:i (?:want|wish|hope|need|would like|'d like) (?:to|i)|my goal)\b"
    r"|(?:عايزه?|عاوزه?|أريد|اريد|نفسي|أتمنى|اتمنى) ",
    re.IGNORECASE,
)
QUIET = frozenset({Cue.GREETING, Cue.GOODBYE, Cue.THANKS, Cue.YES, Cue.NO, Cue.IDENTITY, Cue.SUMMARY, Cue.MISSED})


def take_notes(session: Session, signals: Signals) -> Session:
    """Notes the sentence that tells most about situation, thought or goal. The newest thought and goal win."""
    if not signals.cues.isdisjoint(QUIET):
        return session
    notes = dict(session.notes)
    sentences = split(signals.text)
    if "situation" not in notes and signals.words >= SITUATION_WORDS_MIN:
        notes["situation"] = shorten(sentences[0])
    if Cue.SELF_CRITICISM in signals.cues:
        notes["thought"] = shorten(sentences[-1])
    if goal := next((sentence for sentence in sentences if GOAL.search(sentence)), None):
        notes["goal"] = shorten(goal)
    return session if notes == session.notes else session.but(notes=notes)


def summary_for_prompt(session: Session, messages_max: int) -> str:
    """What the model should still know of a talk that is longer than its window; empty while everything fits."""
    if len(session.transcript) <= messages_max:
        return ""
    parts = [session.notes[key] for key in ("situation", "thought", "goal") if key in session.notes]
    return " ".join(part if part.endswith((".", "!", "?", "؟")) else f"{part}." for part in parts)[:SUMMARY_CHARS_MAX]


def facts(session: Session) -> tuple[str, ...]:
    """Up to three things the person said, in their words: notes first, then their longest messages."""
    noted = [session.notes[key] for key in ("situation", "thought", "goal") if key in session.notes]
    lines = [line.text for line in session.transcript if line.role is TurnRole.USER]
    longest = sorted((shorten(split(text)[0]) for text in lines if len(text.split()) > 3), key=len, reverse=True)
    return tuple(dict.fromkeys([*noted, *longest]))[:3]


def shorten(text: str) -> str:
    """One line, bounded, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= NOTE_CHARS_MAX else line[:NOTE_CHARS_MAX].rsplit(" ", 1)[0] + "…"
