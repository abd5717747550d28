"""The pattern language of the rule files, and the word automaton that finds all patterns in one pass.

A pattern is words with slots: `WANT to? DIE`, `(got|have) *3 PILLS`. Upper case names a slot, `?` makes the
element before it optional, `(a|b c)` is an alternative, `*3` lets up to three words pass. Used by rulebook.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

Phrase = tuple[str, ...]
_ELEMENT = re.compile(
    r"\((?P<alternatives>[^()]*)\)(?P<maybe>\??)|\*(?P<gap>\d+)|(?P<word>[^\s()*?]+)(?P<optional>\??)"
)


class Element(NamedTuple):
    """Up to `gap` free words, then one of `phrases`."""

    gap: int
    phrases: tuple[Phrase, ...]


class Span(NamedTuple):
    """A pattern found: the owner's number and the tokens [first, last]."""

    owner: int
    first: int
    last: int


class WordTrie:
    """The phrases of one element, word by word. Shared by every pattern that uses the same slot."""

    __slots__ = ("following", "is_end")

    def __init__(self) -> None:
        self.following: dict[str, WordTrie] = {}
        self.is_end = False

    def add(self, phrase: Phrase) -> None:
        """Adds one phrase."""
        trie = self
        for word in phrase:
            trie = trie.following.setdefault(word, WordTrie())
        trie.is_end = True


class Node:
    """A place between two elements of a pattern: what may follow, and the rules that are complete here."""

    __slots__ = ("children", "edges", "owners")

    def __init__(self) -> None:
        self.children: dict[Element, Node] = {}
        self.edges: list[Item] = []
        self.owners: list[int] = []


class Item(NamedTuple):
    """Waiting for the words of `trie`, then going on at `target`. Up to `skips` free words may come before."""

    trie: WordTrie
    target: Node
    skips: int


class State:
    """A set of items, found once and then walked by dictionary look-up. `moves` fills as words come."""

    __slots__ = ("items", "moves", "owners")

    def __init__(self, items: tuple[Item, ...], owners: tuple[int, ...]) -> None:
        self.items = items
        self.owners = owners
        self.moves: dict[str, State | None] = {}


_ANY_WORD = ""  # stands for every word that no pattern has
_STATES_MAX = 60_000  # about 40 MB; then the walk is learnt anew


class Automaton:
    """All patterns of a rulebook in one structure, determinised as texts are read.

    From each word the walk costs a dictionary look-up a word and ends within the longest gap of the patterns begun,
    so that reading is linear in the text whatever the number of rules.
    """

    def __init__(self, canonical: Callable[[str], Phrase]) -> None:
        """`canonical` gives a word of a pattern as the normaliser would leave it in a text."""
        self._canonical = canonical
        self._root = Node()
        self._tries: dict[tuple[Phrase, ...], WordTrie] = {}
        self._states: dict[tuple[frozenset[Item], tuple[int, ...]], State] = {}
        self._start: dict[str, State] = {}
        self.words: set[str] = set()

    def add(self, pattern: str, slots: Mapping[str, tuple[Phrase, ...]], owner: int) -> None:
        """Adds a pattern. Raises KeyError for an unknown slot and ValueError for a pattern that starts with a gap."""
        for elements in _variants(pattern, slots):
            if not elements or elements[0].gap:
                raise ValueError(f"pattern {pattern!r} must start with a word")
            node = self._root
            for element in elements:
                if element not in node.children:
                    target = node.children[element] = Node()
                    node.edges.append(Item(self._trie(element.phrases), target, element.gap))
                node = node.children[element]
            if owner not in node.owners:
                node.owners.append(owner)

    def _trie(self, phrases: tuple[Phrase, ...]) -> WordTrie:
        trie = self._tries.get(phrases)
        if trie is None:
            trie = self._tries[phrases] = WordTrie()
            for phrase in phrases:
                spelled = tuple(itertools.chain.from_iterable(self._canonical(word) for word in phrase))
                trie.add(spelled)
                self.words.update(spelled)
        return trie

    def find(self, words: Sequence[str], breaks: frozenset[int]) -> list[Span]:
        """Every pattern in `words`. No match crosses a sentence break (the number of the first word after it)."""
        if not self._start or len(self._states) > _STATES_MAX:
            self._begin()
        start, length, known = self._start, len(words), self.words
        keys = [word if word in known else _ANY_WORD for word in words]
        found: list[Span] = []
        for first, word in enumerate(keys):
            state = start.get(word)
            last = first
            while state is not None:
                if state.owners:
                    found += [Span(owner, first, last) for owner in state.owners]
                last += 1
                if last == length or last in breaks or not state.items:
                    break
                key = keys[last]
                # A state never leads to itself: its items lose a skip or end. So it can say that a move is unknown.
                following = state.moves.get(key, state)
                state = self._advance(state, key) if following is state else following
        return found

    def _begin(self) -> None:
        """Learns the first steps: every word that begins a pattern."""
        self._states.clear()
        self._start.clear()
        begun: dict[str, list[Item]] = {}
        for item in self._root.edges:
            for word in item.trie.following:
                begun.setdefault(word, []).append(item)
        for word, items in begun.items():
            reached = self._reach(items, word)
            if reached is not None:
                self._start[word] = reached

    def _advance(self, state: State, key: str) -> State | None:
        moved = state.moves[key] = self._reach(state.items, key)
        return moved

    def _reach(self, waiting: Iterable[Item], word: str) -> State | None:
        items: dict[Item, None] = {}
        owners: dict[int, None] = {}
        for item in waiting:
            trie, target, skips = item
            step = trie.following.get(word)
            if step is not None:
                if step.is_end:
                    owners.update(dict.fromkeys(target.owners))
                    items.update(dict.fromkeys(target.edges))
                if step.following:
                    items[Item(step, target, 0)] = None
            if skips:
                items[Item(trie, target, skips - 1)] = None
        if not items and not owners:
            return None
        key = (frozenset(items), tuple(owners))
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = State(tuple(items), tuple(owners))
        return state


def phrases_of(entry: str, slots: Mapping[str, tuple[Phrase, ...]]) -> list[Phrase]:
    """Expands a slot entry such as `KILL myself` into its phrases. Gaps are not allowed here."""
    expanded: list[Phrase] = []
    for elements in _variants(entry, slots):
        if any(element.gap for element in elements):
            raise ValueError(f"slot entry {entry!r} has a gap")
        choices = itertools.product(*(element.phrases for element in elements))
        expanded += [tuple(itertools.chain.from_iterable(choice)) for choice in choices]
    return expanded


def _variants(pattern: str, slots: Mapping[str, tuple[Phrase, ...]]) -> Iterable[list[Element]]:
    options: list[list[tuple[Element | int, ...]]] = []
    for match in _ELEMENT.finditer(pattern):
        if match["gap"]:
            options.append([(int(match["gap"]),)])
            continue
        if match["alternatives"] is None:
            word = match["word"]
            choices = _choices([word], slots)
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
