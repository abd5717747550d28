"""The report's plots as inline SVG: nothing is loaded from elsewhere."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attune_training.judge.statistics import Estimate
from attune_training.judge.tasks import CRITERIA
from attune_training.sft.curves import TABLE_I

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attune_training.report.sources import Run


def drawn(draw: "Callable[[Axes], None]", title: str) -> str:
    """One figure as an <svg> element with a title for screen readers."""
    import matplotlib as mpl  # noqa: PLC0415 - heavy
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context({"svg.hashsalt": "attune", "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_title(title)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :]


def losses(runs: "Sequence[Run]") -> str:
    """Validation losses of our runs beside the paper's three; only their shapes compare."""

    def draw(axes: "Axes") -> None:
        for name, rows in TABLE_I.items():
            axes.plot(list(rows), [loss for _, loss in rows.values()], linestyle="--", label=f"paper, {name}")
        for run in runs:
            points = [(row["step"], row["eval_loss"]) for row in run.metrics if "eval_loss" in row]
            axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=run.name)
        axes.set(xlabel="optimiser step", ylabel="validation loss (nats a token)")
        axes.legend(fontsize=7)

    return drawn(draw, "Validation loss")


def scores(systems: Mapping[str, Any]) -> str:
    """How often each score was given, all criteria together."""

    def draw(axes: "Axes") -> None:
        width = 0.8 / len(systems)
        for place, (name, figures) in enumerate(systems.items()):
            rows = [figures["criteria"][criterion]["distribution"] for criterion in CRITERIA if figures["criteria"]]
            total = sum(map(sum, rows)) or 1
            shares = [sum(row[score] for row in rows) / total for score in range(5)]
            axes.bar([score + place * width for score in range(1, 6)], shares, width, label=name)
        axes.set(xlabel="score", ylabel="share of verdicts")
        axes.legend(fontsize=8)

    return drawn(draw, "Scores of the judge")


def calibration(attributes: Mapping[str, Any]) -> str:
    """How often experts give 4 or 5 at each score of the judge."""

    def draw(axes: "Axes") -> None:
        for name in ("empathy", "understanding", "guidance"):
            if name in attributes:
                axes.plot(range(1, 6), attributes[name]["expert_share_by_score"], marker="o", label=name)
        axes.plot([1, 3.5, 3.5, 5], [0, 0, 1, 1], linestyle=":", color="grey", label="a judge like the experts")
        axes.set(xlabel="score of the judge", ylabel="experts who give 4 or 5", ylim=(0, 1.02))
        axes.legend(fontsize=8)

    return drawn(draw, "What a score of the judge means")


def coverage(points: Sequence[tuple[int, float]]) -> str:
    """Accuracy of the emotion model when it may abstain."""

    def draw(axes: "Axes") -> None:
        axes.plot(*zip(*points, strict=True), marker="o")
        axes.axhline(0.9, linestyle=":", color="grey")
        axes.set(xlabel="answered, %", ylabel="accuracy on the balanced mix", xlim=(102, 48))

    return drawn(draw, "Accuracy against coverage")


def slots(counts: Sequence[int], first: Mapping[str, float]) -> str:
    """Wins by slot; without a bias each has a third."""

    def draw(axes: "Axes") -> None:
        axes.bar(["A", "B", "C"], counts)
        axes.axhline(sum(counts) / 3, linestyle=":", color="grey")
        share = Estimate(first["value"], first["low"], first["high"])
        axes.set(xlabel=f"slot (first slot {share}, p = {first['p']:.3g})", ylabel="wins")

    return drawn(draw, "Position bias")
