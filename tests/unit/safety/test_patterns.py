"""The pattern language: slots, options, alternatives, gaps and sentence breaks."""

import pytest
from attune_safety.patterns import Automaton, Phrase, phrases_of

SLOTS: dict[str, tuple[Phrase, ...]] = {"WANT": (("want", "to"), ("need", "to")), "DIE": (("die",), ("be", "dead"))}


def found(pattern: str, text: str, breaks: frozenset[int] = frozenset()) -> list[tuple[int, int]]:
    automaton = Automaton(lambda word: (word,))
    automaton.add(pattern, SLOTS, 7)
    spans = automaton.find(text.split(), breaks)
    assert all(span.owner == 7 for span in spans)
    return [(span.first, span.last) for span in spans]


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("WANT DIE", "i want to die", [(1, 3)]),
        ("WANT DIE", "i need to be dead now", [(1, 4)]),
        ("WANT really? DIE", "want to really die", [(0, 3)]),
        ("WANT really? DIE", "want to die", [(0, 2)]),
        ("(a|b c) d", "b c d a d", [(0, 2), (3, 4)]),
        ("a *2 d", "a x y d", [(0, 3)]),
        ("a *2 d", "a x y z d", []),
        ("a *12 d", "a 1 2 3 4 5 6 7 8 9 10 11 12 d", [(0, 13)]),
        ("(a *1 b|c) d", "a x b d c d", [(0, 3), (4, 5)]),
        ("WANT DIE", "want to live", []),
    ],
)
def test_matching(pattern: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert found(pattern, text) == spans


def test_a_match_never_crosses_a_sentence() -> None:
    assert found("a *3 d", "a b d", frozenset({2})) == []


def test_a_pattern_must_start_with_a_word() -> None:
    with pytest.raises(ValueError, match="must start"):
        found("*2 d", "a d")


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError):
        found("NOSUCH die", "die")


def test_slots_nest() -> None:
    assert phrases_of("WANT DIE", SLOTS) == [
        ("want", "to", "die"),
        ("want", "to", "be", "dead"),
        ("need", "to", "die"),
        ("need", "to", "be", "dead"),
    ]
