"""The pattern language of the rule files, and the word automaton that finds all patterns in one pass.

A pattern is words with slots: `WANT to? DIE`, `(got|have) *3 PILLS`. Upper case names a slot, `?` makes the
element before it optional, `(a|b c)` is an alternative, `*3` lets up to three words pass. Used by rulebook.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Phrase = tuple[str, ...]
_ELEMENT = re.compile(r"\((?P<alternatives>[^()]*)\)(?P<maybe>\??)|\*(?P<gap>\d)|(?P<word>[^\s()*?]+)(?P<optional>\??)")


class Element(NamedTuple):
    """Up to `gap` free words, then one of `phrases`."""

    gap: int
    phrases: tuple[Phrase, ...]


class Span(NamedTuple):
    """A pattern found: the owner's number and the tokens [first, last]."""

    owner: int
    first: int
    last: int


class Node:
    """A state of the automaton. `following` maps a word to states, `gapped` are states that may skip words."""

    __slots__ = ("children", "following", "gapped", "owners")

    def __init__(self) -> None:
        self.children: dict[Element, Node] = {}
        self.following: dict[str, list[Node]] = {}
        self.gapped: list[tuple[Node, int]] = []
        self.owners: list[int] = []


class Automaton:
    """All patterns of a rulebook in one structure. Reading costs the same whatever the number of rules at rest."""

    def __init__(self) -> None:
        self._root = Node()
        self.words: set[str] = set()

    def add(self, pattern: str, slots: Mapping[str, tuple[Phrase, ...]], owner: int) -> None:
        """Adds a pattern. Raises KeyError for an unknown slot and ValueError for a pattern that starts with a gap."""
        for elements in _variants(pattern, slots):
            if not elements or elements[0].gap:
                raise ValueError(f"pattern {pattern!r} must start with a word")
            node = self._root
            for element in elements:
                if element not in node.children:
                    node.children[element] = self._grow(node, element)
                node = node.children[element]
            if owner not in node.owners:
                node.owners.append(owner)

    def _grow(self, node: Node, element: Element) -> Node:
        target, source = Node(), node
        if element.gap:
            source = Node()
            node.gapped.append((source, element.gap))
        for phrase in element.phrases:
            self.words.update(phrase)
            step = source
            for word in phrase[:-1]:
                between = Node()
                step.following.setdefault(word, []).append(between)
                step = between
            step.following.setdefault(phrase[-1], []).append(target)
        return target

    def find(self, words: Sequence[str], breaks: frozenset[int]) -> list[Span]:
        """Every pattern in `words`. No match crosses a sentence break (the number of the first word after it)."""
        found: list[Span] = []
        active: list[tuple[Node, int, int]] = []
        start = self._root.following
        for index, word in enumerate(words):
            reached: list[tuple[Node, int]] = [(node, index) for node in start.get(word, ())]
            kept: list[tuple[Node, int, int]] = []
            if active and index not in breaks:
                for state, skips, first in active:
                    if word in state.following:
                        reached += [(node, first) for node in state.following[word]]
                    if skips:
                        kept.append((state, skips - 1, first))
            for node, first in reached:
                for owner in node.owners:
                    found.append(Span(owner, first, index))
                if node.following:
                    kept.append((node, 0, first))
                for state, skips in node.gapped:
                    kept.append((state, skips, first))
            active = kept
        return found


def phrases_of(entry: str, slots: Mapping[str, tuple[Phrase, ...]]) -> list[Phrase]:
    """Expands a slot entry such as `KILL myself` into its phrases. Gaps are not allowed here."""
    expanded: list[Phrase] = []
    for elements in _variants(entry, slots):
        if any(element.gap for element in elements):
            raise ValueError(f"slot entry {entry!r} has a gap")
        for choice in itertools.product(*(element.phrases for element in elements)):
            expanded.append(tuple(itertools.chain.from_iterable(choice)))
    return expanded


def _variants(pattern: str, slots: Mapping[str, tuple[Phrase, ...]]) -> Iterable[list[Element]]:
    options: list[list[tuple[Element | int, ...]]] = []
    for match in _ELEMENT.finditer(pattern):
        if match["gap"]:
            options.append([(int(match["gap"]),)])
            continue
        if match["alternatives"] is None:
            word = match["word"]
            choices = _choices([word], slots) if _is_slot(word) else [(Element(0, ((word,),)),)]
        else:
            choices = _choices(match["alternatives"].split("|"), slots)
        options.append([*choices, ()] if match["maybe"] or match["optional"] else choices)
    for combination in itertools.product(*options):
        yield _joined(itertools.chain.from_iterable(combination))


def _is_slot(entry: str) -> bool:
    return entry.isupper() and entry.isascii() and " " not in entry


def _choices(entries: Iterable[str], slots: Mapping[str, tuple[Phrase, ...]]) -> list[tuple[Element | int, ...]]:
    """Entries without gaps share one element; an entry with a gap is a way of its own."""
    phrases: list[Phrase] = []
    ways: list[tuple[Element | int, ...]] = []
    for entry in entries:
        if _is_slot(entry):
            phrases += slots[entry]
        elif "*" in entry:
            ways += [_with_gaps(elements) for elements in _variants(entry, slots)]
        else:
            phrases += phrases_of(entry, slots) if " " in entry else [(entry,)]
    return [*ways, (Element(0, tuple(dict.fromkeys(phrases))),)] if phrases else ways


def _with_gaps(elements: Iterable[Element]) -> tuple[Element | int, ...]:
    way: list[Element | int] = []
    for element in elements:
        way += [element.gap, element._replace(gap=0)] if element.gap else [element]
    return tuple(way)


def _joined(items: Iterable[Element | int]) -> list[Element]:
    elements: list[Element] = []
    gap = 0
    for item in items:
        if isinstance(item, int):
            gap += item
        else:
            elements.append(item._replace(gap=gap))
            gap = 0
    return elements
