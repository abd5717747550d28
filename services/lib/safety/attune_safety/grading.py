"""Signals of a message to a tier and a kind. Called by screen and by conversation reading.

The levels follow the order of the C-SSRS: a wish, thoughts, intent or plan, and intent with means or time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from attune_contracts.risk import RiskKind, RiskTier

from attune_safety.context import Hit, Person, Weight
from attune_safety.rulebook import Signal

NONE, CHECK_IN, ELEVATED, IMMINENT = RiskTier.NONE, RiskTier.CHECK_IN, RiskTier.ELEVATED, RiskTier.IMMINENT

BASE: dict[Signal, tuple[RiskTier, RiskKind]] = {
    Signal.INTENT: (ELEVATED, RiskKind.SELF),
    Signal.ACTIVE: (ELEVATED, RiskKind.SELF),
    Signal.WISH: (ELEVATED, RiskKind.SELF),
    Signal.PLAN: (ELEVATED, RiskKind.SELF),
    Signal.METHOD_QUESTION: (ELEVATED, RiskKind.SELF),
    Signal.IN_HAND: (ELEVATED, RiskKind.SELF),
    Signal.FAREWELL: (ELEVATED, RiskKind.SELF),
    Signal.ACT: (IMMINENT, RiskKind.SELF),
    Signal.PASSIVE: (CHECK_IN, RiskKind.SELF),
    Signal.MEANS: (CHECK_IN, RiskKind.SELF),
    Signal.MENTION: (CHECK_IN, RiskKind.SELF),
    Signal.PAST: (CHECK_IN, RiskKind.SELF),
    Signal.DENIAL: (CHECK_IN, RiskKind.SELF),
    Signal.LOSS: (CHECK_IN, RiskKind.SELF),
    Signal.TOLD_TO: (CHECK_IN, RiskKind.SELF),
    Signal.SELF_HARM: (ELEVATED, RiskKind.SELF_HARM),
    Signal.SELF_HARM_NOW: (IMMINENT, RiskKind.SELF_HARM),
    Signal.OTHER: (ELEVATED, RiskKind.OTHER),
    Signal.OTHER_VEILED: (CHECK_IN, RiskKind.OTHER),
    Signal.OTHER_NOW: (IMMINENT, RiskKind.OTHER),
    Signal.HARM_INTENT: (ELEVATED, RiskKind.OTHER),
    Signal.HARM_BY_OTHER: (ELEVATED, RiskKind.HARM_BY_OTHER),
    Signal.HARM_BY_OTHER_NOW: (IMMINENT, RiskKind.HARM_BY_OTHER),
    Signal.AFRAID_OF: (CHECK_IN, RiskKind.HARM_BY_OTHER),
    Signal.MEDICAL: (IMMINENT, RiskKind.MEDICAL),
}

# Two signals of one person within neighbouring sentences that mean more together than either does alone.
TOGETHER: tuple[tuple[frozenset[Signal], frozenset[Signal], RiskTier], ...] = (
    (frozenset({Signal.INTENT, Signal.PLAN, Signal.WISH, Signal.FAREWELL}), frozenset({Signal.SOON}), IMMINENT),
    (frozenset({Signal.INTENT}), frozenset({Signal.NOW}), IMMINENT),
    (
        frozenset({Signal.DO_IT}),
        frozenset(
            {Signal.ACTIVE, Signal.WISH, Signal.PLAN, Signal.MEANS, Signal.FAREWELL, Signal.PASSIVE, Signal.HEAVY}
        ),
        ELEVATED,
    ),
    (
        frozenset({Signal.INTENT, Signal.ACTIVE, Signal.WISH, Signal.FAREWELL, Signal.PLAN}),
        frozenset({Signal.MEANS, Signal.IN_HAND}),
        IMMINENT,
    ),
    (frozenset({Signal.FAREWELL}), frozenset({Signal.INTENT, Signal.PLAN}), IMMINENT),
    (frozenset({Signal.PASSIVE}), frozenset({Signal.MEANS, Signal.SOON}), ELEVATED),
    (frozenset({Signal.HEAVY}), frozenset({Signal.MEANS}), ELEVATED),
    (frozenset({Signal.IN_HAND}), frozenset({Signal.SOON, Signal.NOW, Signal.PASSIVE}), IMMINENT),
    (frozenset({Signal.MEANS}), frozenset({Signal.SOON}), ELEVATED),
    # A note written, things given away, a goodbye: each has harmless reasons, beside one another they have few.
    (frozenset({Signal.ARRANGING}), frozenset({Signal.IN_HAND, Signal.PLAN, Signal.INTENT, Signal.WISH}), IMMINENT),
    (frozenset({Signal.ARRANGING}), frozenset({Signal.PASSIVE, Signal.MEANS, Signal.BYE, Signal.DO_IT}), ELEVATED),
    (frozenset({Signal.ARRANGING}), frozenset({Signal.HEAVY}), CHECK_IN),
    (frozenset({Signal.BYE}), frozenset({Signal.PASSIVE, Signal.MEANS}), ELEVATED),
    (frozenset({Signal.BYE}), frozenset({Signal.IN_HAND, Signal.PLAN}), IMMINENT),
)
_ABOUT_SELF = frozenset(signal for pair in TOGETHER for group in pair[:2] for signal in group)
_PASSIVES_TO_ELEVATE = 2
_HEAVIES_TO_ASK = 2
# A low word is a heavy one that no plan or means makes more of: two of either kind ask.
_HEAVY = frozenset({Signal.HEAVY, Signal.LOW})
# Which kind leads when two have the same tier: what must be done first.
_KIND_ORDER = (
    RiskKind.MEDICAL, RiskKind.SELF, RiskKind.HARM_BY_OTHER, RiskKind.OTHER, RiskKind.SELF_HARM, RiskKind.NONE,
)  # fmt: skip
_OTHER_OF = {
    Signal.INTENT: Signal.OTHER,
    Signal.ACTIVE: Signal.OTHER,
    Signal.WISH: Signal.OTHER,
    Signal.PLAN: Signal.OTHER,
    Signal.SELF_HARM: Signal.OTHER,
    Signal.ACT: Signal.OTHER_NOW,
    Signal.FAREWELL: Signal.OTHER,
    Signal.PASSIVE: Signal.OTHER_VEILED,
    Signal.MEANS: Signal.OTHER_VEILED,
    Signal.DO_IT: Signal.NOW,
    Signal.IN_HAND: Signal.OTHER,
    Signal.ARRANGING: Signal.HEAVY,
    Signal.BYE: Signal.HEAVY,
}
_MODIFIERS = frozenset({Signal.SOON, Signal.NOW, Signal.HEAVY, Signal.LOW, Signal.DO_IT, Signal.ARRANGING, Signal.BYE})
_LEANING = frozenset({Signal.HEAVY, Signal.LOW, Signal.ARRANGING, Signal.BYE})
_WHEN = frozenset({Signal.SOON, Signal.NOW})
_ANY_SENTENCE = -1


@dataclass(frozen=True, slots=True)
class Cue:
    """A signal with its weight and the sentence it was said in. `wording` tells different words of one rule apart."""

    signal: Signal
    full: bool
    rule: str
    sentence: int
    wording: int = 0
    start: int = 0
    end: int = 0

    @property
    def tier(self) -> RiskTier:
        """The tier of the signal alone; a lowered one asks, and a modifier alone is nothing."""
        if self.signal in _MODIFIERS:
            return NONE
        return BASE[self.signal][0] if self.full else CHECK_IN


@dataclass(frozen=True, slots=True)
class Grade:
    """The outcome of a message, before its evidence is attached."""

    tier: RiskTier
    kind: RiskKind


def cue_of(hit: Hit) -> Cue | None:
    """The cue of a hit, or None when its context took all its weight."""
    if hit.weight is Weight.NOTHING:
        return None
    signal = hit.rule.signal
    if hit.person not in (Person.SELF, Person.SECOND) and signal in _OTHER_OF:
        signal = _OTHER_OF[signal]
    return Cue(signal, hit.weight is Weight.FULL, hit.rule.id, hit.sentence, hit.wording, hit.start, hit.end)


def dated(cue: Cue) -> Cue:
    """A time that is nearly all of a short message (`tonight`) answers what was said before it."""
    return Cue(Signal.PLAN, cue.full, cue.rule, cue.sentence, cue.wording) if cue.signal is Signal.SOON else cue


def earlier(cue: Cue) -> Cue:
    """The cue as background of a later message: it stands beside every sentence."""
    return Cue(cue.signal, cue.full, cue.rule, _ANY_SENTENCE, cue.wording)


def grade(cues: Sequence[Cue], background: Sequence[Cue] = ()) -> Grade:
    """Tier and kind of a message's cues. `background` can raise them but never makes a tier alone."""
    if not cues:
        return Grade(NONE, RiskKind.NONE)
    tiers: list[tuple[RiskTier, RiskKind]] = [(cue.tier, BASE[cue.signal][1]) for cue in cues if cue.tier is not NONE]
    full = [cue for cue in cues if cue.full]
    behind = [earlier(cue) for cue in background if cue.full]
    for left, right, tier in TOGETHER:
        if _meet(full, left, right, behind):
            tiers.append((tier, RiskKind.SELF))
    if _ready(full):
        tiers.append((IMMINENT, RiskKind.SELF))
    if _others_urgent(full):
        tiers.append((IMMINENT, RiskKind.OTHER))
    passives = _apart([cue for cue in full if cue.signal is Signal.PASSIVE])
    heavies = _apart([replace(cue, rule=str(cue.wording)) for cue in full if cue.signal in _HEAVY])
    if passives >= _PASSIVES_TO_ELEVATE:
        tiers.append((ELEVATED, RiskKind.SELF))
    elif heavies >= _HEAVIES_TO_ASK:
        tiers.append((CHECK_IN, RiskKind.SELF))
    if not tiers:
        return Grade(NONE, RiskKind.NONE)
    tier = max((tier for tier, _ in tiers), key=lambda value: value.rank)
    kinds = {kind for value, kind in tiers if value is tier}
    return Grade(tier, next(kind for kind in _KIND_ORDER if kind in kinds))


def _meet(full: Sequence[Cue], left: frozenset[Signal], right: frozenset[Signal], behind: Iterable[Cue]) -> bool:
    """Whether a cue of each group stands together; at least one of the two belongs to the message itself."""
    everywhere = [*full, *behind]
    for one in everywhere:
        if one.signal not in left:
            continue
        for two in everywhere:
            if two.signal in right and _near(one, two):
                return True
    return False


def _apart(cues: Sequence[Cue]) -> int:
    """How many rules were met in words of their own: what two rules read in the same words is one cue."""
    reached, rules = 0, set[str]()
    for cue in sorted(cues, key=lambda each: each.end):
        if (cue.start >= reached or not cue.end) and cue.rule not in rules:
            reached = cue.end
            rules.add(cue.rule)
    return len(rules)


def _near(one: Cue, two: Cue) -> bool:
    if {one.signal, two.signal} & _LEANING and one.end and two.end and one.start < two.end and two.start < one.end:
        return False  # The same words twice.
    if one is two or (one.sentence == _ANY_SENTENCE and two.sentence == _ANY_SENTENCE):
        return False
    # `this weekend` in small talk dates nothing that was said turns ago.
    if _ANY_SENTENCE in (one.sentence, two.sentence) and {one.signal, two.signal} & _WHEN:
        return False
    return _ANY_SENTENCE in (one.sentence, two.sentence) or abs(one.sentence - two.sentence) <= 2


def _ready(full: Sequence[Cue]) -> bool:
    """Whether the deed, the means and a time are all said in one message (`I'll do it tonight, I have the pills`)."""
    signals = {cue.signal for cue in full}
    return Signal.DO_IT in signals and Signal.SOON in signals and bool(signals & {Signal.MEANS, Signal.IN_HAND})


def _others_urgent(full: Sequence[Cue]) -> bool:
    others = any(cue.signal is Signal.OTHER for cue in full)
    return others and any(cue.signal in (Signal.SOON, Signal.MEANS, Signal.OTHER_NOW) for cue in full)
