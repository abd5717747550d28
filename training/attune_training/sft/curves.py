"""Loss curves as PNG, and the run's rows of Table I beside the paper's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attune_training.run_folder import RunFolder

# Table I of the paper: step → (training loss, validation loss). Nats a token over its own 20,000 rows.
TABLE_I: Mapping[str, Mapping[int, tuple[float, float]]] = {
    "qwen2-7b": {
        300: (1.0138, 0.9724),
        600: (0.9402, 0.9289),
        900: (0.9377, 0.8991),
        1200: (0.8686, 0.8748),
        1500: (0.8665, 0.8580),
        1800: (0.8647, 0.8510),
    },
    "mistral-7b": {
        300: (0.9892, 0.9433),
        600: (0.9548, 0.8876),
        900: (0.9104, 0.8397),
        1200: (0.7765, 0.7858),
        1500: (0.7694, 0.7506),
        1800: (0.7460, 0.7352),
    },
    "llama-3.1-8b": {
        300: (0.9752, 0.9333),
        600: (0.9688, 0.8826),
        900: (0.9407, 0.8797),
        1200: (0.7866, 0.7959),
        1500: (0.7614, 0.7702),
        1800: (0.7569, 0.7241),
    },
}


def curve_rows(metrics: Sequence[Mapping[str, Any]]) -> list[tuple[int, float | None, float]]:
    """(step, training loss logged at or last before it, validation loss) for each evaluation."""
    rows, latest = [], None
    for row in metrics:
        if "loss" in row:
            latest = row["loss"]
        if "eval_loss" in row:
            rows.append((row["step"], latest, row["eval_loss"]))
    return rows


def table(metrics: Sequence[Mapping[str, Any]], paper_model: str | None) -> str:
    """Markdown rows like Table I; with `paper_model` its figures stand beside ours where the steps meet."""
    paper = TABLE_I.get(paper_model or "", {})
    lines = ["| step | train loss | validation loss | paper train | paper validation |", "|---|---|---|---|---|"]
    for step, train_loss, validation_loss in curve_rows(metrics):
        theirs = " | ".join(f"{value:.4f}" for value in paper[step]) if step in paper else "– | –"
        ours = f"{train_loss:.4f}" if train_loss is not None else "–"
        lines.append(f"| {step} | {ours} | {validation_loss:.4f} | {theirs} |")
    return "\n".join(lines)


def draw(run: RunFolder, title: str) -> Path:
    """Writes loss.png into the run folder and returns its path."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and not needed to train

    metrics = run.read_metrics()
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for key, label in (("loss", "training"), ("eval_loss", "validation")):
        points = [(row["step"], row[key]) for row in metrics if key in row]
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=label)
    axes.set(xlabel="optimiser step", ylabel="loss (nats per assistant token)", title=title)
    axes.legend()
    path = run.path / "loss.png"
    figure.savefig(path, dpi=120)
    return path


def write_report(run: RunFolder, name: str) -> Path:
    """Curve and table as report.md in the run folder."""
    draw(run, name)
    facts = run.facts()
    path = run.path / "report.md"
    outcome = "\n".join(f"- {key}: {value}" for key, value in facts["outcome"].items())
    path.write_text(
        f"# Run {name}\n\n![loss](loss.png)\n\n{table(run.read_metrics(), name)}\n\n{outcome}\n"
        f"- trained weights: {facts['trainable']}\n- data: {facts['rows']}\n"
        "\nThe paper's losses are over other data and other models; only the shape of the curves compares.\n",
        encoding="utf-8",
    )
    return path
