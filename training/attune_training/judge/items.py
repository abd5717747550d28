"""What is put before the judge, from candidate files: one reply at a time, or three systems in every order of slots."""

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from attune_training.candidates.generate import Conversation, read
from attune_training.errors import DataError
from attune_training.judge.batch import Item, Journal, key_of
from attune_training.judge.tasks import ORDERS, Rubric, pointwise_question, three_way_question

POINTWISE, THREE_WAY = "pointwise-1", "three-way-1"


def pointwise_items(files: Sequence[Path], rubric: Rubric) -> list[Item]:
    """The last reply of every conversation of every system."""
    return [
        Item(
            pointwise_question(talk.messages[:-1], talk.messages[-1].content, rubric),
            {
                "kind": "pointwise",
                "id": talk.id,
                "system": talk.system,
                "emotion": talk.emotion,
                "words": len(talk.messages[-1].content.split()),
            },
        )
        for talk in chain.from_iterable(read(file) for file in files)
    ]


def three_way_items(files: Sequence[Path], rubric: Rubric) -> list[Item]:
    """Every prompt or person that all three systems answered, in the six orders. Raises DataError."""
    if len(files) != 3:
        raise DataError("the three-way comparison needs exactly three candidate files")
    systems = [{talk.id: talk for talk in read(file)} for file in files]
    shared = [key for key in systems[0] if all(key in system for system in systems)]
    if not shared:
        raise DataError("the three systems answered no prompt in common")
    return [three_way_item([system[key] for system in systems], order, rubric) for key in shared for order in ORDERS]


def three_way_item(talks: Sequence[Conversation], order: Sequence[int], rubric: Rubric) -> Item:
    """One order of three conversations. The judge sees A, B and C; the names stay in the journal."""
    about = {
        "kind": "three-way",
        "id": talks[0].id,
        "emotion": talks[0].emotion,
        "systems": [talks[index].system for index in order],
        "words": [words(talks[index]) for index in order],
    }
    return Item(three_way_question([talk.messages for talk in talks], order, rubric), about)


def balanced(items: Sequence[Item], count: int) -> list[Item]:
    """The items of `count` prompts, in turn from each emotion, so that a part is balanced like the whole."""
    by_emotion: dict[str, dict[str, None]] = {}
    for item in items:
        by_emotion.setdefault(item.about["emotion"], {})[item.about["id"]] = None
    turns = chain.from_iterable(zip_longest(*by_emotion.values()))
    kept = set([name for name in turns if name is not None][:count])
    return [item for item in items if item.about["id"] in kept]


def words(talk: Conversation) -> int:
    """Words that the system said."""
    return sum(len(message.content.split()) for message in talk.messages if message.role == "assistant")


def judged(items: Sequence[Item], journal: Journal, judge: str) -> Iterator[dict[str, Any]]:
    """What the journal holds on each item, with what the item is about. Equal replies of two systems share a line."""
    for item in items:
        line = journal.lines.get(key_of(judge, item.question))
        if line is not None:
            yield {**line, **item.about}
