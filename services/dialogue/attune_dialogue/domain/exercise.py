"""The schema of exercises/*.yaml: an exercise is data. Read by adapters/content.py, walked by exercise_machine.py."""

from collections.abc import Mapping
from typing import Annotated, Self

from attune_contracts.dialogue import BreathPhase, InputKind, Pacing
from attune_contracts.emotion import Emotion
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from attune_dialogue.domain.cues import Cue

END = "end"


def as_variants(value: object) -> object:
    """One text may stand where a list of variants is expected."""
    return (value,) if isinstance(value, str) else value


Variants = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(as_variants), Field(min_length=1)]


class Spec(BaseModel):
    """Base of everything in an exercise file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Spoken(Spec):
    """Something said, in every full language, as one or more variants."""

    en: Variants
    ar: Variants

    def variants(self, language: str) -> tuple[str, ...]:
        """The variants of a language, English when it has none."""
        return self.ar if language == "ar" else self.en


class Choice(Spec):
    """One option of a choice. The label is shown and may be typed."""

    id: str
    en: str
    ar: str

    def label(self, language: str) -> str:
        """What the person sees."""
        return self.ar if language == "ar" else self.en


class Step(Spec):
    """One step. `say` asks, `ack` receives the answer, `hint` helps somebody who has no answer.

    A choice with `open` accepts other words too. `branch` maps an option to the next step, `then` names the step
    after this one ("end" closes). A step with `later` waits: the exercise pauses there with those words.
    """

    id: str
    input: InputKind
    say: Spoken
    why: Spoken
    ack: Spoken | None = None
    hint: Spoken | None = None
    later: Spoken | None = None
    options: tuple[Choice, ...] = ()
    open: bool = False
    minimum: int | None = None
    maximum: int | None = None
    unit: str | None = None
    items: int | None = None
    branch: dict[str, str] = {}
    then: str | None = None
    note: bool = False

    @model_validator(mode="after")
    def _input_is_complete(self) -> Self:
        if self.input is InputKind.CHOICE and not self.options:
            raise ValueError(f"step {self.id}: a choice needs options")
        if self.input is InputKind.SCALE and (self.minimum is None or self.maximum is None):
            raise ValueError(f"step {self.id}: a scale needs minimum and maximum")
        if unknown := set(self.branch) - {option.id for option in self.options}:
            raise ValueError(f"step {self.id}: branch names unknown options {sorted(unknown)}")
        return self


class Fit(Spec):
    """When policy may offer the exercise by itself. An empty fit is offered only on request."""

    emotions: tuple[Emotion, ...] = ()
    cues: tuple[Cue, ...] = ()


class Close(Spec):
    """The last words. `lower`, `same` and `higher` compare the two scale steps that `compare` names."""

    done: Spoken
    lower: Spoken | None = None
    same: Spoken | None = None
    higher: Spoken | None = None


class Exercise(Spec):
    """A whole exercise. `unnamed` has words for skipped answers, `pin` names the step whose answer stays visible."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    minutes: int
    title: Choice
    names: dict[str, tuple[str, ...]]
    fit: Fit = Fit()
    offer: Spoken
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    close: Close
    compare: tuple[str, str] | None = None
    pin: str | None = None
    unnamed: dict[str, Choice] = {}
    breath: tuple[BreathPhase, ...] = ()
    breath_total_s: float = 0
    source: str

    @model_validator(mode="after")
    def _steps_exist(self) -> Self:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError(f"{self.id}: two steps share an id")
        targets = {target for step in self.steps for target in (*step.branch.values(), step.then or END)}
        named = targets - {END} | set(self.compare or ()) | ({self.pin} if self.pin else set())
        if unknown := named - set(ids):
            raise ValueError(f"{self.id}: unknown steps {sorted(unknown)}")
        return self

    @property
    def pacing(self) -> Pacing | None:
        """Timing for the page, when the exercise has any."""
        return Pacing(phases=self.breath, total_s=self.breath_total_s) if self.breath else None

    def index(self, step_id: str) -> int:
        """Where a step stands, from 0."""
        return next(index for index, step in enumerate(self.steps) if step.id == step_id)

    def step(self, step_id: str) -> Step:
        """A step by its id. Raises StopIteration for an unknown one, which the schema rules out."""
        return self.steps[self.index(step_id)]

    def after(self, step: Step, answer: str | None) -> str:
        """The id of the next step, or END."""
        if answer is not None and answer in step.branch:
            return step.branch[answer]
        if step.then is not None:
            return step.then
        position = self.index(step.id) + 1
        return self.steps[position].id if position < len(self.steps) else END


Exercises = Mapping[str, Exercise]
