"""The circuit breaker on a clock of the test's own."""

from attune_kit.breaker import Breaker, BreakerState
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(failures_max=2, cooldown_s=5.0, clock=clock)
    breaker.fail()
    breaker.fail()
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    breaker = Breaker(failures_max=2, cooldown_s=5.0, clock=Clock())
    breaker.fail()
    breaker.succeed()
    breaker.fail()
    assert breaker.state is BreakerState.CLOSED
    breaker.fail()
    assert breaker.state is BreakerState.OPEN
    assert not breaker.allow()


def test_one_probe_goes_out_after_the_cooldown_and_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    assert breaker.allow()
    assert breaker.state is BreakerState.HALF_OPEN
    assert not breaker.allow()
    breaker.succeed()
    assert breaker.state is BreakerState.CLOSED
    assert breaker.allow()


def test_a_failed_probe_opens_it_for_another_cooldown() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    assert breaker.allow()
    breaker.fail()
    clock.now += 4.9
    assert not breaker.allow()
    clock.now += 0.1
    assert breaker.allow()


def test_a_probe_that_never_reports_goes_stale() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 5.0
    assert breaker.allow()
    clock.now += 5.0
    assert breaker.allow()


class Calls(RuleBasedStateMachine):
    """Whatever happens: never stuck open, never more than one probe a cooldown."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(failures_max=3, cooldown_s=2.0, clock=self.clock)
        self.failures = 0
        self.allowed_at: float | None = None

    @rule(seconds=st.floats(0.1, 5.0))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @precondition(lambda self: self.breaker.state is not BreakerState.CLOSED)
    @rule()
    def ask_while_open(self) -> None:
        if self.breaker.allow():
            assert self.allowed_at is None or self.clock.now - self.allowed_at >= 2.0
            self.allowed_at = self.clock.now

    @rule()
    def fail(self) -> None:
        self.breaker.fail()
        self.failures += 1

    @rule()
    def succeed(self) -> None:
        self.breaker.succeed()
        self.failures = 0
        self.allowed_at = None

    @invariant()
    def closed_exactly_below_the_limit(self) -> None:
        assert (self.breaker.state is BreakerState.CLOSED) == (self.failures < 3)


TestCalls = Calls.TestCase
