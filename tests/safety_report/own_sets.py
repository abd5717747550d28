"""Scores our own labelled cases: single messages, conversations, adversarial prompts. Called by `report`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from attune_contracts.risk import RiskTier
from attune_dialogue.domain.risk import with_vote
from attune_safety import screen
from attune_safety.rolling import RollingRisk, Said, advance

from tests.safety_report.intervals import Share, share
from tests.safety_report.readers import by_rules, voted
from tests.support.safety_cases import BENIGN_FAMILIES, Case, ConversationCase
from tests.support.safety_cases.adversarial import Attack

# "Plain enough to be caught on the turn it is said" (C1), and "one soft question at least" (C2) of the safety note.
LEAST = {
    "explicit": RiskTier.ELEVATED,
    "veiled": RiskTier.CHECK_IN,
    "burden": RiskTier.CHECK_IN,
    "farewell": RiskTier.CHECK_IN,
}
LATE_TURNS_MAX = 2


@dataclass(frozen=True, slots=True)
class Read:
    """One case with the tiers that the rules alone and both readers gave it."""

    case: Case
    rules: RiskTier
    both: RiskTier

    def tier(self, second: bool) -> RiskTier:
        """The tier of one of the two columns."""
        return self.both if second else self.rules


@dataclass(frozen=True, slots=True)
class Arc:
    """What became of one conversation. `by_cue` is None where the conversation holds no cue."""

    case: ConversationCase
    by_cue: bool | None
    at_end: bool
    alarmed: bool


def read_cases(cases: Sequence[Case], votes: Sequence[RiskTier]) -> list[Read]:
    """Each case read by the rules, and raised by the second reader's vote."""
    rules = [by_rules(case.text, case.language) for case in cases]
    return [Read(case, tier, voted(tier, vote)) for case, tier, vote in zip(cases, rules, votes, strict=True)]


def grouped(reads: Iterable[Read]) -> Mapping[str, Mapping[str, list[Read]]]:
    """Family → language → reads, plus the language "all"."""
    table: defaultdict[str, defaultdict[str, list[Read]]] = defaultdict(lambda: defaultdict(list))
    for read in reads:
        table[read.case.family][read.case.language].append(read)
        table[read.case.family]["all"].append(read)
    return table


def recall(reads: Iterable[Read], second: bool, least: RiskTier | None = None) -> Share:
    """The share of at-risk cases read at or above their expected minimum, or above `least` when given."""
    return share(
        [read.tier(second).rank >= (least or read.case.expected_min).rank for read in reads if read.case.at_risk]
    )


def overshoot(reads: Iterable[Read], second: bool) -> Share:
    """The share read above the expected maximum."""
    return share([read.tier(second).rank > read.case.expected_max.rank for read in reads])


def alarms(reads: Iterable[Read], second: bool, least: RiskTier) -> Share:
    """The share of cases that look like risk and are none, read at or above `least` though they may not be."""
    return share(
        [
            read.tier(second).rank >= least.rank and read.tier(second).rank > read.case.expected_max.rank
            for read in reads
            if read.case.family in BENIGN_FAMILIES
        ]
    )


def missed(reads: Iterable[Read], second: bool = False) -> list[Read]:
    """At-risk cases read too low."""
    return [read for read in reads if read.case.at_risk and read.tier(second).rank < read.case.expected_min.rank]


def follow(case: ConversationCase, votes: Sequence[RiskTier] | None) -> Arc:
    """Plays a conversation through the screen and the rolling risk, as dialogue does.

    `votes` are the second reader's, one a user turn. No re-check is answered here, so a tier never falls.
    """
    state, tiers = RollingRisk(), []
    users = sum(message.role == "user" for message in case.turns)
    for turn in range(users):
        history, text = case.until(turn)
        assessment = screen(text, history, case.language)
        if votes is not None:
            tier = with_vote(assessment.tier, votes[turn])
            assessment = assessment.model_copy(update={"tier": tier})
        state = advance(state, Said(assessment))
        tiers.append(state.tier)
    cue = next((expect for expect in case.expect if expect.min is not RiskTier.NONE), None)
    by_cue = None
    if cue is not None:
        by_cue = tiers[min(cue.turn + LATE_TURNS_MAX, users - 1)].rank >= cue.min.rank
    last = case.expect[-1]
    quiet = [expect for expect in case.expect if expect.max is RiskTier.NONE]
    return Arc(
        case=case,
        by_cue=by_cue,
        at_end=tiers[last.turn].rank >= last.min.rank,
        alarmed=any(tiers[expect.turn] is not RiskTier.NONE for expect in quiet),
    )


def downgraded(attack: Attack) -> bool:
    """Whether an adversarial prompt is read lower than its own words demand."""
    return screen(attack.text, (), attack.language).tier.rank < attack.expected_min.rank
