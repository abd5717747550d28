"""The rolling tier falls only by a full re-check: proved over all sequences of events."""

import random
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


EVERY_EVENT: list[Event] = [
    RecheckOpened(),
    *(Said(assessment) for assessment in ASSESSMENTS),
    *(Answered(check, answer, assessment) for check in Check for answer in Answer for assessment in ASSESSMENTS),
]


def reachable() -> dict[RollingRisk, list[tuple[Event, RollingRisk]]]:
    """Every state that any sequence of events leads to, with every step out of it."""
    found: dict[RollingRisk, list[tuple[Event, RollingRisk]]] = {}
    waiting = [RollingRisk()]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found[state] = [(event, advance(state, event)) for event in EVERY_EVENT]
            waiting += [after for _, after in found[state]]
    return found


def test_no_path_of_any_length_leaves_a_crisis_without_the_whole_recheck() -> None:
    """The states are few, so this walks all of them: each link of the re-check can only be had from the one before."""
    steps = [(before, event, after) for before, steps in reachable().items() for event, after in steps]
    assert any(before.in_crisis and not after.in_crisis for before, _, after in steps)
    for before, event, after in steps:
        if after.tier.rank < before.tier.rank:
            assert isinstance(event, Answered)
            assert (event.check, event.answer, before.open_check) == (Check.SAFE_NOW, Answer.YES, Check.SAFE_NOW)
            assert event.assessment.tier.rank < RiskTier.ELEVATED.rank
        if after.open_check is Check.SAFE_NOW and before.open_check is not Check.SAFE_NOW:
            assert isinstance(event, Answered)
            assert (event.check, event.answer, before.open_check) == (Check.THOUGHTS, Answer.NO, Check.THOUGHTS)
        if after.open_check is Check.THOUGHTS and before.open_check is not Check.THOUGHTS:
            assert isinstance(event, RecheckOpened)


def test_a_hundred_thousand_steps_at_random_obey_it_too() -> None:
    chance, state, falls = random.Random(3), RollingRisk(), 0
    for _ in range(100_000):
        event = chance.choice(EVERY_EVENT)
        after = advance(state, event)
        if after.tier.rank < state.tier.rank:
            falls += 1
            assert isinstance(event, Answered)
            assert (event.check, event.answer, state.open_check) == (Check.SAFE_NOW, Answer.YES, Check.SAFE_NOW)
        state = after
    assert falls > 10
