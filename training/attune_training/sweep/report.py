"""The report of a sweep: a table of all trials, the winner and why, plots by variable. Markdown and PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attune_training.sweep.grid import LOSS_TIE, Result, SweepConfig, winner

# Section III.C: the point that the paper chose.
PAPER_CHOICE = {
    "arguments.learning_rate": 2e-4,
    "arguments.per_device_train_batch_size": 2,
    "arguments.gradient_accumulation_steps": 4,
    "lora.rank": 16,
}


def report(sweep: SweepConfig, results: Sequence[Result]) -> str:
    """The report as Markdown."""
    best = winner(results)
    counts = {status: sum(r.status == status for r in results) for status in ("finished", "pruned", "diverged")}
    lines = [
        f"# Sweep `{sweep.name}` on `{sweep.base.stem}`",
        "",
        f"{len(results)} trials: " + ", ".join(f"{count} {status}" for status, count in counts.items()) + ".",
        "",
    ]
    if best:
        rule = f"lowest loss (ties within {LOSS_TIE:.1%}), then fewest examples to converge"
        chosen = describe(best.overrides)
        lines += [f"Winner: trial {best.number}, {chosen}, validation loss {best.loss:.4f}; {rule}.", ""]
    lines += [
        f"The paper chose {describe(PAPER_CHOICE)} for its 7B models; losses of another model do not compare.",
        "",
    ]
    lines += ["| trial | learning rate | batch | accumulation | rank | status | loss | examples to converge | s |"]
    lines += ["|---" * 9 + "|"]
    order = sorted(results, key=lambda r: (r.status != "finished", r.loss is None, r.loss or 0.0))
    return "\n".join([*lines, *map(row, order), "", "![losses](sweep.png)", ""])


def describe(overrides: Mapping[str, object]) -> str:
    """`learning_rate 0.0002, …`."""
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in overrides.items() if key != "lora.alpha")


def row(result: Result) -> str:
    """One line of the table."""
    values = [result.overrides[key] for key in PAPER_CHOICE]
    loss = "–" if result.loss is None else f"{result.loss:.4f}"
    cells = [result.number, *values, result.status, loss, result.examples_to_converge or "–", result.seconds]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def draw(results: Sequence[Result], target: Path) -> None:
    """Loss against each variable, a point a trial."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and not needed to sweep

    figure = Figure(figsize=(10, 3), layout="constrained")
    marks = {"finished": "o", "pruned": "x", "diverged": "v"}
    for axes, key in zip(figure.subplots(1, 4, sharey=True), PAPER_CHOICE, strict=True):
        values = sorted({r.overrides[key] for r in results})
        for status, mark in marks.items():
            dots = [
                (values.index(r.overrides[key]), r.loss) for r in results if r.status == status and r.loss is not None
            ]
            if dots:
                axes.scatter(*zip(*dots, strict=True), marker=mark, label=status, alpha=0.6)
        axes.set_xticks(range(len(values)), [f"{value:g}" for value in values])
        axes.set_xlabel(key.rpartition(".")[2], fontsize=8)
    figure.axes[0].set_ylabel("best validation loss")
    figure.axes[0].legend(fontsize=7)
    figure.savefig(target, dpi=110)


def write(sweep: SweepConfig, results: Sequence[Result], folder: Path) -> Path:
    """results.jsonl, report.md and sweep.png in `folder`."""
    lines = "".join(result.model_dump_json() + "\n" for result in results)
    (folder / "results.jsonl").write_text(lines, encoding="utf-8")
    draw(results, folder / "sweep.png")
    path = folder / "report.md"
    path.write_text(report(sweep, results), encoding="utf-8")
    return path
