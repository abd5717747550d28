"""Frozen prompts, scripted people, and generation that goes on where it stopped."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from attune_contracts.chat import Message
from attune_training.candidates.generate import Script, generate, load_people, read, scripts_of
from attune_training.candidates.prompts import draw, load_prompts, write
from attune_training.errors import DataError

AUTHORED = Path("training/data/authored")


class Counting:
    """A system that counts what it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def reply(self, messages: Sequence[Message]) -> str:
        self.asked += 1
        return f"answer {len(messages)}"


def test_the_frozen_prompts_are_a_hundred_balanced_and_hold_the_papers_two() -> None:
    prompts = load_prompts()
    assert len({prompt.id for prompt in prompts}) == 100
    assert set(Counter(prompt.emotion for prompt in prompts).values()) == {20}
    assert [p.text for p in prompts if p.source == "paper"] == [
        "I’m overwhelmed with work", "I feel lonely and don’t know why",
    ]  # fmt: skip


def test_no_prompt_was_trained_on() -> None:
    trained = set()
    for file in AUTHORED.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("split", "train") == "train":
                trained.add(row.get("text") or row["user"])
    assert not trained & {prompt.text for prompt in load_prompts()}


def test_drawing_again_gives_the_same_prompts() -> None:
    assert draw(AUTHORED) == load_prompts()


def test_a_changed_prompt_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    write(load_prompts()[:3], path)
    path.write_text(path.read_text().replace("lonely", "lonesome"), encoding="utf-8")
    with pytest.raises(DataError, match="frozen"):
        load_prompts(path)


def test_an_interrupted_generation_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    scripts, target, system = scripts_of(load_prompts()[:5]), tmp_path / "s.jsonl", Counting()
    generate("s", system, scripts[:3], target, lambda _: None)
    whole = target.read_text(encoding="utf-8")
    target.write_text(whole[: len(whole) - 20], encoding="utf-8")  # cut in the third line
    made = generate("s", system, scripts, target, lambda _: None)
    assert made == 3
    assert system.asked == 6
    assert [talk.id for talk in read(target)] == [script.id for script in scripts]


def test_people_have_whole_conversations(tmp_path: Path) -> None:
    people, target = load_people(), tmp_path / "s.jsonl"
    assert {person.emotion for person in people} == {"happy", "sad", "anxious", "angry", "neutral"}
    generate("s", Counting(), people, target, lambda _: None)
    talks = read(target)
    assert all([m.role for m in talk.messages] == ["user", "assistant"] * 8 for talk in talks)
    assert talks[0].messages[-1].content == "answer 15"


def test_a_file_that_is_no_list_of_people_is_named(tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text("people:\n  - id: x\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"people\.yaml"):
        load_people(path)


def test_silence_is_kept_as_an_ellipsis(tmp_path: Path) -> None:
    class Silent:
        def reply(self, messages: Sequence[Message]) -> str:
            return ""

    generate("s", Silent(), [Script("a", "sad", ("hello",))], tmp_path / "s.jsonl", lambda _: None)
    assert read(tmp_path / "s.jsonl")[0].messages[-1].content == "…"


def test_the_simulators_people_can_talk_too(tmp_path: Path) -> None:
    people = load_people(Path("tests/simulate/people"))
    assert len({person.id for person in people}) == len(people) > 5
    assert all(person.lines for person in people)
    generate("s", Counting(), people[:2], tmp_path / "s.jsonl", lambda _: None)
    assert [talk.emotion for talk in read(tmp_path / "s.jsonl")] == ["unstated"] * 2
