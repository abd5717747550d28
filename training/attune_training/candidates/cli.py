"""Commands `prompts` and `generate`."""

import argparse
from contextlib import nullcontext
from pathlib import Path

RUNS = Path("training/runs/judge")
PEOPLE = Path("training/data/prompts/people.yaml")


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds both commands."""
    frozen = subparsers.add_parser("prompts", help="draw and freeze test prompts from rows that nothing was trained on")
    frozen.add_argument("--authored", type=Path, default=Path("training/data/authored"))
    frozen.add_argument("--to", type=Path, required=True, help="a new .jsonl file; its hash goes beside it")
    frozen.set_defaults(run=run_prompts)
    ask = subparsers.add_parser(
        "generate", help="let one system answer the frozen prompts, or talk with scripted people", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    ask.add_argument("name", help="the system's name in every table")
    where = ask.add_mutually_exclusive_group(required=True)
    where.add_argument("--local", choices=("base", "adapter"), help="the embedded engine, without or with the adapter")
    where.add_argument("--endpoint", help="an OpenAI-style endpoint, up to but without /v1")
    ask.add_argument("--threads", type=int, default=2, help="of the embedded engine; 1 where other work runs")
    ask.add_argument("--model", default="attune", help="the model's name at the endpoint")
    ask.add_argument("--api-key-env", help="environment variable that holds the endpoint's key")
    ask.add_argument("--bare", action="store_true", help="send no system text (Attune's gateway has its own)")
    ask.add_argument(
        "--people", type=Path, nargs="?", const=PEOPLE, metavar="FILE",
        help=f"whole conversations instead of single prompts (default {PEOPLE}; or a folder: tests/simulate/people)",
    )  # fmt: skip
    ask.add_argument("--limit", type=int, help="only the first so many")
    ask.add_argument("--to", type=Path, default=RUNS, help=f"folder of the candidate files (default {RUNS})")
    ask.add_argument("--dry-run", action="store_true", help="say what would be asked")
    ask.set_defaults(run=run_generate)


EPILOG = """\
examples:
  generate base --local base
  generate adapter --local adapter
  generate attune --endpoint http://127.0.0.1:8000 --api-key-env ATTUNE_KEY --bare      (make run in another shell)
  generate qwen2-7b --endpoint http://127.0.0.1:8001 --model attune                     (vllm serve on a card)

Candidates are kept in FOLDER/NAME.jsonl (or NAME.people.jsonl); a run that was interrupted goes on.
"""


def run_prompts(arguments: argparse.Namespace) -> None:
    """Draws, freezes and prints the hash."""
    from attune_training.candidates import prompts  # noqa: PLC0415 - keeps --help instant

    print(prompts.write(prompts.draw(arguments.authored), arguments.to))


def run_generate(arguments: argparse.Namespace) -> None:
    """Asks and writes."""
    from tqdm import tqdm  # noqa: PLC0415 - likewise

    from attune_training.candidates import endpoint, generate, prompts  # noqa: PLC0415

    scripts = (
        generate.load_people(arguments.people) if arguments.people else generate.scripts_of(prompts.load_prompts())
    )
    scripts = scripts[: arguments.limit]
    target = arguments.to / f"{arguments.name}{'.people' if arguments.people else ''}.jsonl"
    if arguments.dry_run:
        lines = sum(len(script.lines) for script in scripts)
        print(f"{len(scripts)} conversations, {lines} messages, to {target}")
        return
    if arguments.local:
        source = endpoint.local(arguments.local, arguments.threads)
    else:
        source = nullcontext(
            endpoint.remote(arguments.endpoint, arguments.model, arguments.api_key_env, framed_here=not arguments.bare)
        )
    with source as speaks, tqdm(total=len(scripts), unit="talk") as bar:
        made = generate.generate(arguments.name, speaks, scripts, target, bar.update)
    print(f"{made} made, {len(scripts)} in {target}")
