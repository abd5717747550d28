"""`python -m tests.simulate`: plays all scripted people, prints the table, and fails when a rule was broken."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attune_dialogue.adapters.content import load_content

from tests.simulate.play import play
from tests.simulate.report import write
from tests.simulate.scorer import Played, completed, score
from tests.simulate.script import load_people
from tests.support.crowd import ENVIRONMENT
from tests.support.processes import run_stack
from tests.support.talk import open_client


def played(url: str, names: list[str], plays: int, turns: int, at_once: int) -> list[Played]:
    """Every person, `plays` times each."""
    parts = [(person, number) for person in load_people(names) for number in range(plays)]
    with open_client(url) as client, ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda part: play(client, *part, turns), parts))


def main() -> int:
    """Entry point: 1 when a rule was broken or, with everybody there, an exercise was left unfinished."""
    parser = argparse.ArgumentParser(prog="tests.simulate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these people")
    parser.add_argument("--url", help="a running gateway; without it the stack is started")
    parser.add_argument("--turns", type=int, default=30)
    parser.add_argument("--plays", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=1, help="conversations side by side")
    parser.add_argument("--out", type=Path, default=Path("reports/simulate"))
    parser.add_argument("--table", type=Path, help="where the table is kept")
    given = parser.parse_args()
    options = (given.names, given.plays, given.turns, given.at_once)
    if given.url:
        talks = played(given.url, *options)
    else:
        with tempfile.TemporaryDirectory() as folder, run_stack(Path(folder) / "var", ENVIRONMENT) as stack:
            talks = played(stack.url, *options)
    exercises = sorted(load_content().exercises)
    print(write(talks, exercises, given.out, given.table))
    broken = sum(len(score(talk)) for talk in talks)
    unfinished = set(exercises) - {name for talk in talks for name in completed(talk)}
    return int(bool(broken or (unfinished and not given.names)))


if __name__ == "__main__":
    sys.exit(main())
