"""Reads a person's answer to a step, generously, and says kindly what is missing when it cannot. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from attune_contracts.dialogue import InputKind

from attune_dialogue.domain.cues import Cue, plain
from attune_dialogue.domain.exercise import Step

ANSWER_CHARS_MAX = 600
ASIDES = frozenset({Cue.THANKS, Cue.GREETING})
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
LIST_BREAK = re.compile(r"\s*(?:[\n,;،؛•]|\band\b|\bthen\b| و(?=\S))\s*")
NUMBER_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "hundred": 100, "half": 50, "صفر": 0, "واحد": 1, "اثنين": 2, "اتنين": 2, "ثلاثه": 3, "تلاته": 3,
    "اربعه": 4, "خمسه": 5, "سته": 6, "سبعه": 7, "ثمانيه": 8, "تمانيه": 8, "تسعه": 9, "عشره": 10, "عشرين": 20,
    "ثلاثين": 30, "تلاتين": 30, "اربعين": 40, "خمسين": 50, "ستين": 60, "سبعين": 70, "ثمانين": 80, "تمانين": 80,
    "تسعين": 90, "ميه": 100, "مائه": 100,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A usable answer: `value` is stored and shown, `key` is the option's id for a choice."""

    value: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """No usable answer yet. `reason` is a key of the wording: unsure, aside, scale, scale_range or choice."""

    reason: str


def read_answer(step: Step, text: str, cues: frozenset[Cue], language: str) -> Given | Missing:
    """What the text answers to the step."""
    value = text.strip()[:ANSWER_CHARS_MAX]
    if step.input is InputKind.SCALE:
        return read_scale(step, value)
    if step.input is InputKind.CHOICE:
        return read_choice(step, value, language)
    return Given(value) if step.input is InputKind.NONE else read_words(step, value, cues)


def read_words(step: Step, value: str, cues: frozenset[Cue]) -> Given | Missing:
    """A text or a list: anything counts, except not knowing and a mere politeness."""
    if Cue.UNSURE in cues:
        return Missing("unsure")
    if cues & ASIDES:
        return Missing("aside")
    if step.input is InputKind.LIST:
        return Given("\n".join(part for part in LIST_BREAK.split(value) if part) or value)
    return Given(value)


def read_scale(step: Step, value: str) -> Given | Missing:
    """A number in digits of any script or in words; "7/10" counts on a scale to ten and to a hundred."""
    folded = "".join(str(unicodedata.digit(char, char)) for char in value)
    numbers = [float(number.replace(",", ".")) for number in NUMBER.findall(folded)]
    if not numbers:
        numbers = [float(NUMBER_WORDS[word]) for word in plain(value).split() if word in NUMBER_WORDS][:1]
    if not numbers:
        return Missing("scale")
    low, high, number = step.minimum or 0, step.maximum or 0, numbers[0]
    if len(numbers) == 2 and numbers[1] in (10.0, 100.0) and "/" in folded:
        number = number * high / numbers[1]
    if not low <= number <= high:
        return Missing("scale_range")
    return Given(str(round(number)))


def read_choice(step: Step, value: str, language: str) -> Given | Missing:
    """An option by its label, its id, its number in the list, or as part of a longer answer."""
    folded = plain(value)
    labels = {plain(label): option for option in step.options for label in (option.en, option.ar, option.id)}
    if folded in labels:
        option = labels[folded]
        return Given(option.label(language), option.id)
    if folded.isdigit() and 0 < int(folded) <= len(step.options):
        option = step.options[int(folded) - 1]
        return Given(option.label(language), option.id)
    found = [option for label, option in labels.items() if re.search(rf"(?<!\w){re.escape(label)}(?!\w)", folded)]
    if found:
        several = dict.fromkeys(option.label(language) for option in found)
        return Given(value if step.open else ", ".join(several), found[0].id)
    return Given(value) if step.open else Missing("choice")
