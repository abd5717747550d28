"""Arabic words without what is written onto them: tense, preposition, article, `and`, negation, Arabizi digits.

Called by the normaliser for words of a text and by the rulebook for words of the rules.
"""

from collections.abc import Callable

_FIRST, _LAST = "\u0600", "\u06ff"
# Written onto a verb (will, be doing: Standard s-, Egyptian h- and b-, Maghrebi gh- and k-) or a noun (with, to, this).
_VERB_CLITICS = ("ها", "حا", "با", "غا", "كا", "سا", "ه", "ح", "ب", "س", "غ", "ك")
_NOUN_CLITICS = ("بهال", "عهال", "فهال", "لهال", "وال", "بال", "فال", "عال", "كال", "هال", "لل", "ب", "ل")
_PERSONS = frozenset("اني")
_STEM_MIN = 4
_VERB_MIN = 3
# Arabizi digits inside Arabic script (`انت7ر`), in both kinds of digits.
_ARABIC_DIGITS = str.maketrans("2356789٢٣٥٦٧٨٩", "اعخطحققاعخطحقق")


def with_arabic_letters(low: str) -> str:
    """The word with letters for the digits inside it."""
    return low.translate(_ARABIC_DIGITS) if low[0].isalpha() and is_arabic(low) else low


def is_arabic(word: str) -> bool:
    """Whether a word begins with an Arabic character."""
    return bool(word) and _FIRST <= word[0] <= _LAST


def arabic_form(form: str, knows: Callable[[str], bool]) -> tuple[str, ...]:
    """The known words in a form: itself, or one with `and` before it or a negation round it. Empty for none."""
    if knows(form):
        return (form,)
    # و and ف (and, so) are written onto the next word.
    if form[0] in "وف" and knows(form[1:]):
        return ("و", form[1:])
    if not form.endswith("ش"):
        return ()
    # Egyptian wraps its negation round the verb: م…ش, and the first person loses its ا in it.
    stem = form.removeprefix("و").removeprefix("ما").removeprefix("م")
    if stem != form:
        for verb in (stem[:-1], "ا" + stem[:-1]):
            if len(verb) >= _VERB_MIN and knows(verb):
                return ("مش", verb)
    if len(form) > _STEM_MIN - (form[0] in _PERSONS) and knows(form[:-1]):
        return (form[:-1],)
    return ()


def arabic_stem(form: str, knows: Callable[[str], bool]) -> str | None:
    """The known word that an Arabic one is when its tense or preposition is taken off, or None."""
    for clitic in _NOUN_CLITICS:
        if form.startswith(clitic):
            rest = form[len(clitic) :]
            if len(clitic) > 1:
                if len(rest) >= _STEM_MIN - 1 and knows("ال" + rest):
                    return "ال" + rest
                if len(rest) >= _STEM_MIN and clitic != "لل" and knows(rest):
                    return rest
            elif len(rest) >= _STEM_MIN and rest[0] not in _PERSONS and knows(rest):
                return rest
    for clitic in _VERB_CLITICS:
        rest = form[len(clitic) :]
        if not form.startswith(clitic) or len(rest) < _STEM_MIN - 1:
            continue
        if clitic.endswith("ا"):
            rest = "ا" + rest
        elif rest[0] not in _PERSONS:
            rest = "ا" + rest if clitic in "هحب" else ""
        if len(rest) >= _STEM_MIN and knows(rest):
            return rest
    return None


def unknown_stem(form: str, knows: Callable[[str], bool]) -> str | None:
    """As `arabic_stem`, for a word of a text: `and` and the article are taken off too."""
    if form[0] == "و" and len(form) > _STEM_MIN:
        form = form[1:]
    if form.startswith("ال") and len(form) >= _STEM_MIN + 2 and knows(form[2:]):
        return form[2:]
    return arabic_stem(form, knows)
