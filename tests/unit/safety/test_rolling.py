"""The rolling tier falls only by a full re-check: proved over all sequences of events."""

from itertools import pairwise

from attune_contracts.risk import NO_RISK, RiskAssessment, RiskKind, RiskTier
from attune_safety.rolling import Answer, Answered, Check, Event, RecheckOpened, RollingRisk, Said, advance
from hypothesis import given
from hypothesis import strategies as st

ASSESSMENTS = [
    NO_RISK,
    *(RiskAssessment(tier=tier, kind=RiskKind.SELF, evidence=()) for tier in list(RiskTier)[1:]),
]
assessments = st.sampled_from(ASSESSMENTS)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Said, assessments),
    st.builds(Answered, st.sampled_from(Check), st.sampled_from(Answer), assessments),
    st.just(RecheckOpened()),
)
CRISIS = Said(ASSESSMENTS[2])
QUIET = Said(NO_RISK)
NO_THOUGHTS = Answered(Check.THOUGHTS, Answer.NO)
SAFE = Answered(Check.SAFE_NOW, Answer.YES)


def run(*sequence: Event) -> list[RollingRisk]:
    states = [RollingRisk()]
    for event in sequence:
        states.append(advance(states[-1], event))
    return states


@given(st.lists(events, max_size=30))
def test_a_tier_falls_only_at_the_end_of_a_recheck(sequence: list[Event]) -> None:
    states = run(*sequence)
    for index, (before, after) in enumerate(pairwise(states)):
        if after.tier.rank >= before.tier.rank:
            continue
        event = sequence[index]
        assert isinstance(event, Answered)
        assert (event.check, event.answer) == (Check.SAFE_NOW, Answer.YES)
        assert before.open_check is Check.SAFE_NOW
        # The last answers before it: a direct no to thoughts, on a turn of its own, and nothing worrying since.
        earlier = sequence[:index]
        denial = max(
            number
            for number, old in enumerate(earlier)
            if isinstance(old, Answered) and (old.check, old.answer) == (Check.THOUGHTS, Answer.NO)
        )
        since = sequence[denial : index + 1]
        assert all(
            item.assessment.tier.rank < RiskTier.ELEVATED.rank for item in since if not isinstance(item, RecheckOpened)
        )
        assert before.tier.rank - after.tier.rank <= 2
        assert after.tier.rank <= RiskTier.CHECK_IN.rank


@given(st.lists(events, max_size=30))
def test_a_worry_raises_at_once_and_the_peak_never_falls(sequence: list[Event]) -> None:
    for event, (before, after) in zip(sequence, pairwise(run(*sequence)), strict=True):
        assert after.peak.rank >= max(before.peak.rank, after.tier.rank)
        if isinstance(event, Said):
            assert after.tier.rank >= event.assessment.tier.rank


@given(st.lists(st.just(QUIET), max_size=50))
def test_silence_and_small_talk_change_nothing(quiet: list[Event]) -> None:
    assert run(CRISIS, *quiet)[-1].tier is RiskTier.ELEVATED


def test_one_denial_changes_nothing() -> None:
    assert run(CRISIS, NO_THOUGHTS)[-1].tier is RiskTier.ELEVATED
    assert run(CRISIS, RecheckOpened(), NO_THOUGHTS)[-1].tier is RiskTier.ELEVATED
    assert run(CRISIS, RecheckOpened(), SAFE)[-1].tier is RiskTier.ELEVATED


def test_a_full_recheck_leaves_the_crisis_for_check_in_and_another_for_none() -> None:
    once = run(CRISIS, RecheckOpened(), NO_THOUGHTS, SAFE)
    assert once[-1].tier is RiskTier.CHECK_IN
    assert once[-1].peak is RiskTier.ELEVATED
    assert run(CRISIS, RecheckOpened(), NO_THOUGHTS, SAFE, RecheckOpened(), NO_THOUGHTS, SAFE)[-1].tier is RiskTier.NONE


def test_a_worry_in_between_starts_the_recheck_over() -> None:
    assert run(CRISIS, RecheckOpened(), NO_THOUGHTS, CRISIS, SAFE)[-1].tier is RiskTier.ELEVATED


def test_an_unclear_answer_is_no_answer() -> None:
    unclear = Answered(Check.SAFE_NOW, Answer.UNCLEAR)
    assert run(CRISIS, RecheckOpened(), NO_THOUGHTS, unclear, SAFE)[-1].tier is RiskTier.ELEVATED
