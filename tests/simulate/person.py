"""What a scripted person says next: they answer offers, steps, chips and questions before telling more. Pure."""

import re
from dataclasses import dataclass, field

from tests.simulate.script import Person

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the person. `good` marks good news."""

    text: str
    suggestion_id: str | None = None
    good: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back for it. `exercise` and `why` are the wire objects of the dialogue contracts."""

    text: str
    status: int
    exercise: JsonObject | None
    suggestions: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    tier: str
    card: bool
    why: JsonObject
    degraded: bool
    milliseconds: float

    @property
    def rule(self) -> str:
        """The name of the rule that decided."""
        return str(self.why.get("rule", ""))


@dataclass
class Actor:
    """One play of a person. A second play types in a hurry: lower case, no full stops, other picks."""

    person: Person
    play: int = 0
    told: int = 0
    steps_seen: int = 0
    paused_for: int = 0
    offers_seen: int = 0
    used: dict[str, int] = field(default_factory=dict)

    def next(self, heard: Heard | None) -> Said:
        """The next message."""
        if heard is not None and (answer := self.answer(heard)):
            return answer
        line = self.person.line(self.told)
        self.told += 1
        return Said(self.typed(line.say), good=line.good)

    def answer(self, heard: Heard) -> Said | None:
        """An answer to what Attune just did; None when the person simply goes on."""
        status = None if heard.exercise is None else heard.exercise["status"]
        ids = [identifier for identifier, _ in heard.suggestions]
        if status == "active":
            return self.step(heard)
        if status == "paused":
            self.paused_for = self.person.paused_turns
            return None
        if "offer.accept" in ids:
            return self.offer(heard)
        if self.paused_for:
            self.paused_for -= 1
            if not self.paused_for:
                return Said(self.typed("continue" if self.person.locale == "en" else "نكمل"))
        if reaction := self.react(heard.text):
            return Said(self.typed(reaction))
        if self.person.taps and (chips := [item for item in heard.suggestions if item[0].startswith("choice.")]):
            return Said(chips[self.play % len(chips)][1], chips[self.play % len(chips)][0])
        if self.person.offers.answer != "refuse" and (
            menu := [item for item in heard.suggestions if item[0].startswith("exercise.start.")]
        ):
            identifier, label = menu[self.turned("menu") % len(menu)]
            return Said(label, identifier)
        return None

    def offer(self, heard: Heard) -> Said:
        """Yes or no, tapped or in words."""
        offers, labels = self.person.offers, dict(heard.suggestions)
        yes = offers.answer == "accept" or (offers.answer == "alternate" and self.offers_seen % 2 == self.play % 2)
        self.offers_seen += 1
        words = offers.say_yes if yes else offers.say_no
        if words:
            return Said(self.typed(words[self.turned("yes" if yes else "no") % len(words)]))
        identifier = "offer.accept" if yes else "offer.decline"
        return Said(labels[identifier], identifier)

    def step(self, heard: Heard) -> Said:
        """An answer to the step, by its kind of input."""
        assert heard.exercise is not None
        number = self.steps_seen
        self.steps_seen += 1
        if quirk := next((quirk for quirk in self.person.quirks if quirk.at == number), None):
            return Said(self.typed(quirk.say))
        name, shape = f"{heard.exercise['id']}.{heard.exercise['step']}", heard.exercise["input"]
        assert isinstance(shape, dict)
        kind = str(shape["kind"])
        written, counted = self.person.steps.get(name), name
        if written is None:
            written, counted = self.person.steps.get(kind), kind
        if kind == "choice" and counted != name:
            options = [item for item in heard.suggestions if item[0].startswith("option.")]
            identifier, label = options[(self.turned(name) + self.play) % len(options)]
            return Said(label, identifier if self.person.taps else None)
        if kind == "scale" and not written:
            high = int(shape["maximum"])
            return Said(str((high * (7, 5, 6, 3)[(self.turned("scale") + self.play) % 4]) // 10))
        if kind == "none":
            return Said("ok" if self.person.locale == "en" else "تمام")
        if not written:
            raise ValueError(f"{self.person.id} has no answer for {name} ({kind})")
        return Said(self.typed(written[self.turned(counted) % len(written)]))

    def react(self, text: str) -> str | None:
        """The next unused answer of the first reaction that matches."""
        for reaction in self.person.reactions:
            used = self.used.get(reaction.when, 0)
            if used < len(reaction.say) and re.search(reaction.when, text, re.IGNORECASE):
                self.used[reaction.when] = used + 1
                return reaction.say[used]
        return None

    def turned(self, name: str) -> int:
        """How often something was asked before."""
        count = self.used.get(name, 0)
        self.used[name] = count + 1
        return count

    def typed(self, text: str) -> str:
        """The words as this play types them."""
        return text if self.play == 0 else re.sub(r"\.(?=\s|$)", "", text.lower())
