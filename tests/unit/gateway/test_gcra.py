"""The rate algorithm: a window never admits more than its limit, and waiting as told always helps."""

from attune_gateway.gcra import Quota, standing, take
from hypothesis import given
from hypothesis import strategies as st

QUOTAS = st.builds(Quota, st.just("q"), st.integers(1, 20), st.floats(1, 100))


def test_a_fresh_quota_gives_its_whole_burst_and_no_more() -> None:
    quota, tat = Quota("q", 5, 60), 0.0
    for left in (4, 3, 2, 1, 0):
        result = take([quota], [tat], 1000.0)
        assert result.allowed
        (tat,) = result.tats
        assert standing(quota, tat, 1000.0).remaining == left
    refused = take([quota], [tat], 1000.0)
    assert not refused.allowed
    assert refused.tats == (tat,)
    assert standing(quota, tat, 1000.0).wait_s == 12.0


def test_one_request_comes_back_every_interval() -> None:
    quota = Quota("q", 5, 60)
    assert take([quota], [1060.0], 1012.0).allowed
    assert not take([quota], [1060.0], 1011.9).allowed


def test_all_quotas_are_taken_from_or_none() -> None:
    wide, full = Quota("wide", 100, 60), Quota("full", 1, 60)
    result = take([wide, full], [0.0, 1060.0], 1000.0)
    assert not result.allowed
    assert standing(wide, result.tats[0], 1000.0).remaining == 100


@given(QUOTAS, st.lists(st.floats(0, 30), min_size=1, max_size=60))
def test_no_window_admits_more_than_twice_its_limit_and_idle_time_gives_it_back(
    quota: Quota, gaps: list[float]
) -> None:
    now, tat = 1000.0, 0.0
    admitted: list[float] = []
    for gap in gaps:
        now += gap
        result = take([quota], [tat], now)
        (tat,) = result.tats
        if result.allowed:
            admitted.append(now)
    for start in admitted:
        inside = [at for at in admitted if start <= at < start + quota.window_s]
        # A burst and what trickles back during the window: the bound of GCRA.
        assert len(inside) <= 2 * quota.limit
    assert standing(quota, tat, now + quota.window_s + 1).remaining == quota.limit


@given(QUOTAS, st.integers(0, 60))
def test_waiting_as_told_always_helps(quota: Quota, requests: int) -> None:
    now, tat = 1000.0, 0.0
    for _ in range(requests):
        (tat,) = take([quota], [tat], now).tats
    wait_s = standing(quota, tat, now).wait_s
    assert take([quota], [tat], now + wait_s).allowed
    assert (wait_s > 0) == (requests >= quota.limit)
