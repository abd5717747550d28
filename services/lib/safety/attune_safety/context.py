"""What the words around a match make of it: who is meant, denied, past, told of somebody else, or said in fun.

Called by screen with the spans that the automaton found. Lowering leads to check_in or, for idioms and stories
about others, to nothing; a first-person statement is never lowered to nothing by a frame.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from attune_safety.normalise import Reading
from attune_safety.patterns import Span
from attune_safety.rulebook import Context, Rule, Rulebook, Signal
from attune_safety.surroundings import Surroundings

_BACKWARD_WORDS = 14


class Person(StrEnum):
    """Who a match is about."""

    SELF = "self"
    KNOWN = "known"
    THIRD = "third"
    GENERIC = "generic"
    SECOND = "second"


class Weight(StrEnum):
    """How much of a rule's tier is left."""

    FULL = "full"
    LOWERED = "lowered"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, with its weight. `start` and `end` are offsets into the original text."""

    rule: Rule
    weight: Weight
    person: Person
    start: int
    end: int
    sentence: int
    reason: str
    wording: int


_PERSONAL = frozenset({
    Signal.INTENT, Signal.ACTIVE, Signal.WISH, Signal.PASSIVE, Signal.HEAVY, Signal.LOW, Signal.PLAN, Signal.MEANS,
    Signal.IN_HAND, Signal.METHOD_QUESTION, Signal.ACT, Signal.FAREWELL, Signal.SELF_HARM, Signal.SELF_HARM_NOW,
    Signal.ARRANGING, Signal.BYE,
})  # fmt: skip
_ABOUT_OTHERS = frozenset({Signal.OTHER, Signal.OTHER_NOW, Signal.OTHER_VEILED, Signal.LOSS})
# Rules about another person, and the first-person rules that yield when they match inside such a rule.
_TOLD_OF_OTHERS = frozenset({Signal.OTHER, Signal.OTHER_NOW, Signal.HARM_BY_OTHER, Signal.HARM_BY_OTHER_NOW})
_YIELDING = (_PERSONAL | {Signal.MENTION}) - {Signal.PASSIVE, Signal.HEAVY, Signal.LOW}
_SILENT_DENIED = frozenset({Signal.PASSIVE, Signal.HEAVY, Signal.LOW})
_NEAR_WORDS = 8
_LEAD_WORDS = 4
_TRAIL_WORDS = 2
_INNER_WORDS = 4
_NEGATABLE = _PERSONAL | {
    Signal.OTHER, Signal.OTHER_VEILED, Signal.OTHER_NOW, Signal.HARM_BY_OTHER, Signal.HARM_INTENT, Signal.MEDICAL,
    Signal.AFRAID_OF, Signal.HARM_BY_OTHER_NOW,
}  # fmt: skip


def read_hits(text: str, reading: Reading, book: Rulebook) -> list[Hit]:
    """All matches of a reading with their weight, widest first among those of one rule."""
    around = Surroundings(text, reading, book, book.automaton.find(reading.words, reading.breaks))
    spans = _widest([span for span in around.spans if not _idiom_across_comma(span, book, reading)])
    masks = [span for span in spans if book.rules[span.owner].signal is Signal.IDIOM]
    others = [span for span in spans if book.rules[span.owner].signal in _TOLD_OF_OTHERS]
    hits = []
    for span in spans:
        rule = book.rules[span.owner]
        if rule.signal is Signal.IDIOM or any(_masks(mask, span) for mask in masks):
            continue
        if rule.signal in _YIELDING and any(_spoken_of(other, span, rule, around) for other in others):
            continue
        if rule.signal in _ABOUT_OTHERS and _own_words(span, around, book.contexts[rule.language]):
            continue
        if rule.near_first and not _has_first(span, around, book.contexts[rule.language]):
            continue
        hits.append(_weigh(span, rule, around))
    return _settled(_without_echoes(hits))


def _without_echoes(hits: Sequence[Hit]) -> list[Hit]:
    """Without the low words that only repeat part of a heavy one or of another low one: each is counted once."""
    kept: list[Hit] = []
    counted = [hit for hit in hits if hit.rule.signal is Signal.HEAVY]
    for hit in hits:
        if hit.rule.signal is Signal.LOW:
            if any(hit.start < other.end and other.start < hit.end for other in counted):
                continue
            counted.append(hit)
        kept.append(hit)
    return kept


def _settled(hits: Sequence[Hit]) -> list[Hit]:
    """Hits that another one answers: who died by suicide is in no danger any more; a part of a denial is denied too."""
    losses = [hit for hit in hits if hit.rule.signal is Signal.LOSS and hit.weight is Weight.FULL]
    denials = [hit for hit in hits if hit.reason == "denied"]
    settled = []
    for hit in hits:
        if hit.rule.signal is not Signal.LOSS and any(_mourned(hit, loss) for loss in losses):
            continue
        negatable = hit.weight is Weight.FULL and hit.rule.signal in _NEGATABLE and not hit.rule.plain
        # The same rule read again behind a second verb is no part: `I want no cure, I want to die`.
        denied_too = negatable and any(_holds(denial, hit) and denial.rule is not hit.rule for denial in denials)
        settled.append(replace(hit, weight=Weight.LOWERED, reason="denied") if denied_too else hit)
    return settled


def _mourned(hit: Hit, loss: Hit) -> bool:
    """Whether a hit only repeats what a loss says, or says the same of the one who died."""
    of_another = hit.rule.signal is Signal.OTHER or hit.person in (Person.KNOWN, Person.THIRD)
    return _holds(loss, hit) or (of_another and _holds(hit, loss))


def _holds(wide: Hit, narrow: Hit) -> bool:
    return wide.start <= narrow.start and narrow.end <= wide.end


def _idiom_across_comma(span: Span, book: Rulebook, reading: Reading) -> bool:
    idiom = book.rules[span.owner].signal is Signal.IDIOM
    return idiom and any(span.first < comma <= span.last for comma in reading.commas)


def _spoken_of(other: Span, span: Span, rule: Rule, around: Surroundings) -> bool:
    """Whether a first-person rule only found words inside what is said of another person."""
    if not _covers(other, span) or span.first == other.first:
        return _covers(other, span) and other.last > span.last
    context = around.book.contexts[rule.language]
    return not context.first.intersection(around.reading.words[other.first : span.first])


def _own_words(span: Span, around: Surroundings, context: Context) -> bool:
    """Whether the nearest person before the end of the match is the writer (`they thought I was suicidal`)."""
    for word in reversed(around.reading.words[span.first : span.last]):
        if word in context.own_voice:
            return True
        if word in context.known_others or word in context.others:
            return False
    return False


def _has_first(span: Span, around: Surroundings, context: Context) -> bool:
    first = max(around.sentence_start(span.first), span.first - _NEAR_WORDS)
    last = min(around.sentence_end(span.first), span.last + _NEAR_WORDS)
    return bool(context.first.intersection(around.reading.words[first:last]))


def _widest(spans: Sequence[Span]) -> list[Span]:
    best: dict[tuple[int, int], Span] = {}
    for span in spans:
        key = (span.owner, span.first)
        if key not in best or best[key].last < span.last:
            best[key] = span
    return list(best.values())


def _covers(wide: Span, span: Span) -> bool:
    return wide.first <= span.first and span.last <= wide.last


def _masks(idiom: Span, span: Span) -> bool:
    """An idiom takes the rules that end inside it (`want to [die laughing]`) and no other words."""
    if idiom.first <= span.first <= idiom.last:
        return span.last <= idiom.last + _TRAIL_WORDS
    return idiom.first - _LEAD_WORDS <= span.first and idiom.first <= span.last <= idiom.last


def _weigh(span: Span, rule: Rule, around: Surroundings) -> Hit:
    reading = around.reading
    context = around.book.contexts[rule.language]
    person = _person(span, rule, around, context)
    weight, reason = _weight(span, rule, person, around, context)
    return Hit(
        rule=rule,
        weight=weight,
        person=person,
        start=min(reading.starts[span.first : span.last + 1]),
        end=max(reading.ends[span.first : span.last + 1]),
        sentence=around.sentence_of(span.first),
        reason=reason,
        wording=hash(tuple(reading.words[span.first : span.last + 1])),
    )


def _person(span: Span, rule: Rule, around: Surroundings, context: Context) -> Person:
    if rule.by_subject:
        return subject(around.reading.words, span.first, around.sentence_start(span.first), context)
    if rule.signal in _ABOUT_OTHERS:
        found = subject(around.reading.words, span.first, around.sentence_start(span.first), context)
        if found is Person.SELF or found is Person.SECOND or "bypass" in around.markers:
            within = around.reading.words[span.first : span.last + 1]
            return Person.KNOWN if context.known_others.intersection(within) else Person.THIRD
        return found
    return Person.SELF


def subject(words: Sequence[str], first: int, sentence_start: int, context: Context) -> Person:
    """Who does what begins at word `first`: the nearest person before it in its clause, else of the clause before.

    No person at all is the writer: people in distress drop the I.
    """
    floor = max(sentence_start, first - _BACKWARD_WORDS)
    for index in range(first - 1, floor - 1, -1):
        word = words[index]
        if word in context.first:
            return Person.SELF
        if word in context.known_others:
            return Person.KNOWN
        if word in context.others:
            return Person.THIRD if index == floor or words[index - 1] not in context.first else Person.KNOWN
        if word in context.second:
            return Person.SECOND
        if word in context.resets:
            start = next((w for w in words[floor:index] if w in context.first or w in context.known_others), None)
            return Person.KNOWN if start in context.known_others and start is not None else Person.SELF
        if word in context.generic:
            return Person.GENERIC
    return Person.SELF


def _weight(span: Span, rule: Rule, person: Person, around: Surroundings, context: Context) -> tuple[Weight, str]:
    first, last = around.sentence_start(span.first), around.sentence_end(span.first)
    if rule.signal in _ABOUT_OTHERS or person not in (Person.SELF, Person.SECOND):
        if rule.signal in _NEGATABLE and not rule.plain and denied(span, around, context):
            return Weight.LOWERED, "denied"
        return _of_another(person, around)
    if person is Person.SECOND and rule.by_subject:
        return Weight.LOWERED, "you"
    if rule.signal in _NEGATABLE and not rule.plain and denied(span, around, context):
        return (Weight.NOTHING if rule.signal in _SILENT_DENIED else Weight.LOWERED), "denied"
    if around.marked("asked", first, span.first) and around.markers.get("answered_no"):
        return Weight.LOWERED, "asked"
    confessed = bool(around.markers.get("confess"))
    if rule.signal in _PERSONAL or rule.signal is Signal.MENTION:
        if not confessed and _told(span, around, context):
            return (Weight.NOTHING if rule.signal is Signal.MENTION else Weight.LOWERED), "frame"
        if not rule.plain and _past(span, around, context):
            return Weight.LOWERED, "past"
    if rule.signal is Signal.MENTION and around.markers.get("frame") and not confessed:
        return Weight.NOTHING, "frame"
    eased = _eased(span, rule, around, context)
    if eased:
        return (Weight.NOTHING if eased == "leisure" else Weight.LOWERED), eased
    if rule.hyperbole and not around.markers.get("sincere") and _in_fun(span, first, last, around, context):
        return Weight.LOWERED, "fun"
    return Weight.FULL, ""


def _eased(span: Span, rule: Rule, around: Surroundings, context: Context) -> str:
    """What elsewhere in the message makes the same words harmless: a sport, a journey, a quarrel of siblings."""
    first, last = around.sentence_start(span.first), around.sentence_end(span.first)
    if rule.signal is Signal.MEDICAL and _past(span, around, context):
        return "past"
    if (rule.hyperbole or rule.signal is Signal.ACT) and around.marked("leisure", first, last):
        return "leisure"
    if rule.signal in (Signal.FAREWELL, Signal.BYE) and around.markers.get("travel"):
        return "travel"
    if rule.signal is Signal.HARM_BY_OTHER and around.markers.get("squabble") and not around.markers.get("grave"):
        return "squabble"
    return ""


def _of_another(person: Person, around: Surroundings) -> tuple[Weight, str]:
    """A story about nobody the writer knows is nothing; a person at their side is never a story."""
    if person is Person.KNOWN:
        return Weight.FULL, ""
    if around.markers.get("frame"):
        return Weight.NOTHING, "frame"
    return (Weight.LOWERED, "generic") if person is Person.GENERIC else (Weight.FULL, "")


def denied(span: Span, around: Surroundings, context: Context) -> bool:
    """Whether an odd number of negators governs the match (`not that I don't want to` is two)."""
    if around.markers.get("lied"):
        return False
    words = around.reading.words
    floor = max(around.sentence_start(span.first), span.first - _BACKWARD_WORDS)
    # Hindi negates inside and after the verb, French between verb and object; far off or behind a comma it is
    # another verb's.
    ceiling = min(span.last + 2, len(words), *(comma for comma in around.reading.commas if comma > span.first))
    inside = range(span.first + 1, ceiling)
    near = (index for index in inside if index <= span.first + 2 or index >= span.last - _INNER_WORDS)
    negators = sum(words[index] in context.inner_negators for index in near)
    apart = True
    for index in range(span.first - 1, floor - 1, -1):
        word = words[index]
        # `I don't want to die, I just …`, `not that, so I …`: behind the comma the writer begins anew.
        if index + 1 in around.reading.commas and context.first.intersection(words[index + 1 : index + 3]):
            break
        if word in context.negators:
            if index > floor and words[index - 1] in context.conjoining:
                break
            # `j'en peux plus, je veux ...`: French has its subject after the denial only when a clause begins there.
            if words[index + 1] in context.clause_starts:
                break
            # `no, I don't` and `la, ma biddi` deny once.
            negators += apart
            apart = False
        elif word not in context.negation_fillers:
            break
        elif word not in context.first:
            apart = True
    if negators % 2 == 0:
        return False
    after = words[span.last + 1 : min(around.sentence_end(span.first), span.last + 4)]
    return not context.not_yet.intersection(after)


def _past(span: Span, around: Surroundings, context: Context) -> bool:
    """A past cue in the clause without a present one, or a recovery told elsewhere in the message."""
    words = around.reading.words
    first, last = _clause(span, around, context)
    if context.present.intersection(words[first:last]):
        return False
    if around.marked("past", first, last):
        return True
    return bool(around.markers.get("recovered")) and not context.present.intersection(words)


def _clause(span: Span, around: Surroundings, context: Context) -> tuple[int, int]:
    """The words around a match up to a turn such as `but` or `now`."""
    words, first, last = around.reading.words, span.first, span.last + 1
    floor, ceiling = around.sentence_start(span.first), around.sentence_end(span.first)
    while first > floor and words[first - 1] not in context.turns:
        first -= 1
    while last < ceiling and words[last] not in context.turns:
        last += 1
    return first, last


def _told(span: Span, around: Surroundings, context: Context) -> bool:
    """Whether a story, a song or a quote speaks rather than the writer."""
    reading = around.reading
    frames = around.markers.get("frame", ())
    quote = around.quoted(reading.starts[span.first], reading.ends[span.last])
    if quote is not None and frames:
        return True
    floor = around.sentence_start(span.first)
    for frame in frames:
        if not floor <= frame.first < span.first:
            continue
        between = reading.words[frame.last + 1 : span.first]
        if quote is None and _begins_anew(frame.last + 1, span.first, around, context):
            continue
        if any(word in context.connectors for word in between) and not any(
            word in context.resets and after in context.first for word, after in itertools.pairwise(between)
        ):
            return True
    return False


def _begins_anew(first: int, last: int, around: Surroundings, context: Context) -> bool:
    """Whether behind a comma the writer speaks as themselves (`for my thesis on prevention, I want to …`)."""
    words = around.reading.words
    return any(
        comma >= 1
        and words[comma - 1] not in context.connectors
        and bool(context.first.intersection(words[comma : min(comma + 2, last + 1)]))
        for comma in around.reading.commas
        if first <= comma <= last
    )


def _in_fun(span: Span, first: int, last: int, around: Surroundings, context: Context) -> bool:
    """A laugh in the sentence, or a trivial cause in the same breath (`if I hear this song again I'll …`)."""
    words = around.reading.words
    for cause in around.markers.get("trivial", ()):
        if first <= cause.first < last:
            between = words[span.last + 1 : cause.first] if cause.first > span.first else words[cause.last : span.first]
            if not context.turns.union(("and",)).intersection(between):
                return True
    return any(first <= laugh.first <= last for laugh in around.markers.get("laugh", ()))
