"""Command `judge`: one reply at a time, three systems side by side, calibration, and a sheet for people."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attune_training.errors import DataError

if TYPE_CHECKING:
    from attune_training.judge.batch import Item, Journal
    from attune_training.judge.calibration import Pair


RUNS = Path("training/runs/judge")
MENTALALIGN = Path("../shared/data/mentalalign/scores.csv")
CONTEXT = 8192  # of the embedded judge: three whole conversations and a verdict
DEFAULT_JUDGE = "gemini-2.5-flash"
EPILOG = """\
Table II with a key and three adapters, from an empty clone:
  make setup-train
  export GEMINI_API_KEY=…
  vllm serve Qwen/Qwen2-7B-Instruct-AWQ --enable-lora --lora-modules attune=ADAPTER --port 8001   (likewise the others)
  PY=.venv-train/bin/python
  $PY -m attune_training generate qwen2-7b     --endpoint http://127.0.0.1:8001 --model attune
  $PY -m attune_training generate llama-3.1-8b --endpoint http://127.0.0.1:8002 --model attune
  $PY -m attune_training generate mistral-7b   --endpoint http://127.0.0.1:8003 --model attune
  F="qwen2-7b.jsonl llama-3.1-8b.jsonl mistral-7b.jsonl"          (names in training/runs/judge, or paths)
  $PY -m attune_training judge pointwise $F --dry-run             (what it will cost)
  $PY -m attune_training judge pointwise $F --cost-cap 5          (Table II, each share with what experts would say)
  $PY -m attune_training judge three-way $F --cost-cap 5          (the paper's judge_conversations, all six orders)
  $PY -m attune_training judge calibrate                          (the judge's own error, from MentalAlign)
  $PY -m attune_training report                                   (training/results/report.html and report.md)

People beside the judge:
  $PY -m attune_training judge sheet $F --count 60                (a CSV without names for each rater)
  $PY -m attune_training judge agree ann.csv ben.csv --journal training/runs/judge/pointwise.jsonl \
      --key training/runs/judge/sheet.key.json

Without a key: --local judges with the embedded base model (weak: it shows the path), --openai-url URL with any
OpenAI-style endpoint, --base-url URL with a server that speaks Gemini's REST shape.
A run that was stopped (kill, cost cap, lost network) goes on when it is called again; nothing is paid twice.
"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command with its steps."""
    parser = subparsers.add_parser(
        "judge", help="judge candidates with Gemini or another model, with calibration and statistics",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    for name, words, run in (
        ("pointwise", "scores 1 to 5 on empathy, understanding, advice and flow", run_pointwise),
        ("three-way", "the paper's judge_conversations over all orders of three systems", run_three_way),
    ):
        step = steps.add_parser(name, help=words)
        step.add_argument("files", nargs="+", help=f"candidate files, as paths or as names in {RUNS}")
        add_judge_options(step)
        step.set_defaults(run=run)
    calibrate = steps.add_parser("calibrate", help="how far a judge's share is from the experts', on MentalAlign")
    calibrate.add_argument("--mentalalign", type=Path, default=MENTALALIGN)
    calibrate.add_argument("--rater", default=DEFAULT_JUDGE, help="the judge among MentalAlign's raters")
    calibrate.add_argument("--to", type=Path, default=RUNS / "calibration.json")
    calibrate.set_defaults(run=run_calibrate)
    sheet = steps.add_parser("sheet", help="a sheet on which people rate replies without knowing the system")
    sheet.add_argument("files", nargs="+", help="candidate files")
    sheet.add_argument("--count", type=int, default=60, help="how many replies (50 to 100)")
    sheet.add_argument("--to", type=Path, default=RUNS / "sheet.csv")
    sheet.set_defaults(run=run_sheet)
    agree = steps.add_parser("agree", help="agreement of filled sheets with each other and with a judge's journal")
    agree.add_argument("sheets", nargs="+", type=Path)
    agree.add_argument("--journal", type=Path, help="pointwise.jsonl of a judge")
    agree.add_argument("--key", type=Path, default=RUNS / "sheet.key.json", help="the key that `sheet` wrote")
    agree.add_argument("--to", type=Path, default=RUNS / "agreement.json", help="what the report reads")
    agree.set_defaults(run=run_agree)


def add_judge_options(step: argparse.ArgumentParser) -> None:
    """Which judge, within which bounds."""
    step.add_argument("--judge", default=DEFAULT_JUDGE, help="model id")
    where = step.add_mutually_exclusive_group()
    where.add_argument("--base-url", help="another server that speaks Gemini's REST shape")
    where.add_argument("--openai-url", help="an OpenAI-style endpoint, up to but without /v1")
    where.add_argument("--local", action="store_true", help="the embedded base model as judge, offline")
    step.add_argument("--threads", type=int, default=2, help="of the embedded engine; 1 where other work runs")
    step.add_argument("--api-key-env", default="GEMINI_API_KEY", help="environment variable that holds the key")
    step.add_argument("--sample", type=int, help="only so many prompts, equally many of each emotion")
    step.add_argument("--concurrency", type=int, default=4)
    step.add_argument("--cost-cap", type=float, default=5.0, help="US dollars; the batch stops cleanly there")
    step.add_argument("--input-price", type=float, default=0.30, help="US dollars a million input tokens")
    step.add_argument("--output-price", type=float, default=2.50, help="US dollars a million output tokens")
    step.add_argument("--mentalalign", type=Path, default=MENTALALIGN, help="scores that calibrate the judge")
    step.add_argument("--rater", help="the judge's name among MentalAlign's raters (default: --judge, if it is one)")
    step.add_argument("--to", type=Path, default=RUNS, help=f"folder of journal and results (default {RUNS})")
    step.add_argument("--dry-run", action="store_true", help="count questions and estimate their cost")


def run_pointwise(arguments: argparse.Namespace) -> None:
    """Judges and writes results.pointwise.json."""
    from attune_training.judge import items, results, tasks  # noqa: PLC0415 - keeps --help instant

    questions = asked(arguments, items.pointwise_items(paths(arguments), tasks.load_rubric(items.POINTWISE)))
    journal = judge_all(arguments, questions, tasks.read_scores, "pointwise")
    if journal is not None:
        lines = list(items.judged(questions, journal, arguments.judge))
        figures = {"systems": results.pointwise(lines, calibrating(arguments)), **provenance(arguments, "pointwise-1")}
        publish(arguments.to / "results.pointwise.json", figures)


def run_three_way(arguments: argparse.Namespace) -> None:
    """Judges and writes results.three-way.json."""
    from attune_training.judge import items, results, tasks  # noqa: PLC0415 - likewise

    questions = asked(arguments, items.three_way_items(paths(arguments), tasks.load_rubric(items.THREE_WAY)))
    journal = judge_all(arguments, questions, tasks.read_choice, "three-way")
    if journal is not None:
        lines = list(items.judged(questions, journal, arguments.judge))
        publish(
            arguments.to / "results.three-way.json",
            {**results.three_way(lines), **provenance(arguments, "three-way-1")},
        )


def asked(arguments: argparse.Namespace, questions: "list[Item]") -> "list[Item]":
    """All questions, or those of a balanced sample."""
    from attune_training.judge.items import balanced  # noqa: PLC0415 - likewise

    return questions if arguments.sample is None else balanced(questions, arguments.sample)


def judge_all(arguments: argparse.Namespace, questions: "list[Item]", read: Any, kind: str) -> "Journal | None":
    """Asks what the journal does not hold. Returns the journal, or None after a dry run."""
    from tqdm import tqdm  # noqa: PLC0415 - likewise

    from attune_training.judge.batch import Batch, Journal, Limits  # noqa: PLC0415

    if arguments.dry_run:
        characters = sum(len(q.question.system) + len(q.question.material) for q in questions)
        usd = (characters / 4 * arguments.input_price + len(questions) * 120 * arguments.output_price) / 1e6
        print(f"{len(questions)} questions, about {usd:.2f} US dollars")
        return None
    limits = Limits(
        concurrency=1 if arguments.local else arguments.concurrency,
        cost_usd_max=arguments.cost_cap,
        input_usd_per_million=0.0 if arguments.local else arguments.input_price,
        output_usd_per_million=0.0 if arguments.local else arguments.output_price,
    )
    journal = Journal(arguments.to / f"{kind}.jsonl")
    with judging(arguments) as judge, tqdm(total=len(questions), unit="verdict") as bar:
        batch = Batch(judge, journal, limits, progress=bar.update)

        async def work() -> None:
            try:
                await batch.run(questions, read)
            finally:
                await judge.aclose()

        asyncio.run(work())
    outcome = batch.outcome
    print(
        f"{outcome.answered} judged, {outcome.from_cache} from the journal, {sum(outcome.unscored.values())} unscored, "
        f"{outcome.retries} retries, {outcome.cost_usd:.4f} US dollars"
    )
    if outcome.stopped:
        print(f"stopped: {outcome.stopped}; call it again to go on")
    return journal


def judging(arguments: argparse.Namespace) -> Any:
    """The judge as a context."""
    import os  # noqa: PLC0415 - only here
    from contextlib import nullcontext  # noqa: PLC0415

    if arguments.local:
        return local_judge(arguments)
    if arguments.openai_url:
        from attune_training.judge.openai_compatible import OpenAICompatibleJudge  # noqa: PLC0415

        key = os.environ.get(arguments.api_key_env)
        return nullcontext(OpenAICompatibleJudge(arguments.judge, arguments.openai_url, key))
    key = os.environ.get(arguments.api_key_env)
    if not key:
        raise DataError(f"{arguments.api_key_env} is not set: export it, or pass --local or --openai-url")
    from attune_training.judge.gemini import GeminiJudge  # noqa: PLC0415 - imports google-genai

    return nullcontext(GeminiJudge(arguments.judge, key, arguments.base_url))


def local_judge(arguments: argparse.Namespace) -> Any:
    """The embedded base model without the adapter. Its name goes into journal and report."""
    from contextlib import contextmanager  # noqa: PLC0415 - only here

    from attune_training.bases import gguf_path  # noqa: PLC0415
    from attune_training.candidates.endpoint import BASE  # noqa: PLC0415
    from attune_training.export.llama import serving  # noqa: PLC0415
    from attune_training.judge.openai_compatible import OpenAICompatibleJudge  # noqa: PLC0415

    arguments.judge = "smollm2-135m-instruct"

    @contextmanager
    def started() -> "Any":
        with serving(gguf_path(BASE), None, threads=arguments.threads, context=CONTEXT) as server:
            yield OpenAICompatibleJudge(arguments.judge, server.url)

    return started()


def paths(arguments: argparse.Namespace) -> list[Path]:
    """Candidate files as given, or by name in the folder of candidates."""
    return [path if path.exists() else arguments.to / path for path in map(Path, arguments.files)]


def calibrating(arguments: argparse.Namespace) -> "dict[str, list[Pair]]":
    """Pairs of this judge with experts, where MentalAlign has the judge; else nothing, and the figures stay raw."""
    from attune_training.judge import calibration, results  # noqa: PLC0415 - likewise

    rater = arguments.rater or arguments.judge
    if not arguments.mentalalign.exists():
        return {}
    try:
        return results.criterion_pairs(
            lambda name, attribute: calibration.of_models(
                calibration.read_pairs(arguments.mentalalign, name, attribute)
            ),
            rater,
        )
    except DataError:
        return {}


def provenance(arguments: argparse.Namespace, rubric: str) -> dict[str, Any]:
    """Which judge said so, under which rubric."""
    if arguments.local:
        where = "the embedded engine"
    elif arguments.openai_url:
        where = "an OpenAI-style endpoint"
    else:
        where = "a local server of Gemini's shape" if arguments.base_url else "Google"
    return {"judge": arguments.judge, "judge_at": where, "rubric": rubric, "seed": 7}


def run_calibrate(arguments: argparse.Namespace) -> None:
    """Writes, and prints, raw and calibrated errors on groups that were held out."""
    from attune_training.judge import calibration  # noqa: PLC0415 - likewise

    found: dict[str, Any] = {"rater": arguments.rater, "attributes": {}, "models_only": {}}
    for attribute in calibration.ATTRIBUTES:
        pairs = calibration.read_pairs(arguments.mentalalign, arguments.rater, attribute)
        found["attributes"][attribute] = calibration.figures(pairs)
        found["models_only"][attribute] = calibration.figures(calibration.of_models(pairs))
    publish(arguments.to, found)


def run_sheet(arguments: argparse.Namespace) -> None:
    """Writes the sheet and its key."""
    from attune_training.judge import sheet  # noqa: PLC0415 - likewise

    files = [path if path.exists() else RUNS / path for path in map(Path, arguments.files)]
    written = sheet.write(files, arguments.count, arguments.to)
    print(f"{written} replies in {arguments.to}; which system wrote which is in {sheet.key_path(arguments.to)}")


def run_agree(arguments: argparse.Namespace) -> None:
    """Writes and prints kappas."""
    from attune_training.judge import sheet  # noqa: PLC0415 - likewise

    publish(arguments.to, sheet.agreement(arguments.sheets, arguments.journal, arguments.key))


def publish(path: Path, figures: dict[str, Any]) -> None:
    """Writes figures and prints them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)
