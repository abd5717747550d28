"""The audit of a preparation: what each step did, distributions before and after, a flag on imbalance, plots."""

from collections.abc import Mapping
from pathlib import Path

from attune_training.data.pipeline import Prepared
from attune_training.data.sample import imbalance

SHOWN_MAX = 12


def total_variation(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Half the summed difference of two distributions: 0 is equal, 1 has nothing in common."""
    sums = sum(before.values()) or 1, sum(after.values()) or 1
    names = {*before, *after}
    return sum(abs(before.get(name, 0) / sums[0] - after.get(name, 0) / sums[1]) for name in names) / 2


def audit(found: Prepared, name: str, imbalance_ratio_max: float) -> str:
    """The report as Markdown."""
    lines = [f"# Audit of `{name}`", "", f"{found.rows_in:,} conversations read.", ""]
    lines += ["| step | rows in | dropped | changed |", "|---|---|---|---|"]
    lines += [f"| {step} | {c.seen:,} | {c.dropped:,} | {c.changed:,} |" for step, c in found.steps.items()]
    lines += [
        f"| exact duplicates | | {found.exact_duplicates:,} | |",
        f"| near duplicates | | {found.near_duplicates:,} | |",
    ]
    split = f"Train {found.train:,}, validation {found.validation:,}, split by conversation"
    checked = f"{found.torn_conversations} torn apart, {found.leaked_texts} near duplicates across"
    lines += ["", f"{split}: {checked}.", ""]
    for key, before in found.before.items():
        after = found.after[key]
        ratio = imbalance(after)
        flag = f" **Imbalance: the largest is {ratio:.0f} times the smallest.**" if ratio > imbalance_ratio_max else ""
        lines += [f"## {key}", "", f"Total variation {total_variation(before, after):.3f}.{flag}", ""]
        lines += distribution(before, after)
    return "\n".join([*lines, "![before and after](audit.png)", ""])


def distribution(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """A table of the largest classes; the rest is summed."""
    names = sorted(before, key=lambda name: -before[name])
    sums = sum(before.values()) or 1, sum(after.values()) or 1
    lines = ["| class | before | share | after | share |", "|---|---|---|---|---|"]

    def row(title: str, x: int, y: int) -> str:
        return f"| {title} | {x:,} | {x / sums[0]:.1%} | {y:,} | {y / sums[1]:.1%} |"

    lines += [row(name, before[name], after.get(name, 0)) for name in names[:SHOWN_MAX]]
    if rest := names[SHOWN_MAX:]:
        totals = sum(before[name] for name in rest), sum(after.get(name, 0) for name in rest)
        lines.append(row(f"{len(rest)} others", *totals))
    return [*lines, ""]


def draw(found: Prepared, target: Path) -> None:
    """Bars of the shares before and after, one panel a variable."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - heavy, and not needed to prepare

    figure = Figure(figsize=(9, 7), layout="constrained")
    for axes, (key, before) in zip(figure.subplots(2, 2).flat, found.before.items(), strict=False):
        after = found.after[key]
        names = sorted(before, key=lambda name: -before[name])[:SHOWN_MAX]
        places = range(len(names))
        for offset, label, counts in ((-0.2, "before", before), (0.2, "after", after)):
            total = sum(counts.values()) or 1
            axes.barh([place + offset for place in places], [counts.get(n, 0) / total for n in names], 0.4, label=label)
        axes.set_yticks(list(places), names, fontsize=7)
        axes.invert_yaxis()
        axes.set_title(key)
    figure.axes[0].legend()
    figure.savefig(target, dpi=110)


def write(found: Prepared, name: str, imbalance_ratio_max: float, folder: Path) -> Path:
    """audit.md and audit.png in `folder`."""
    path = folder / "audit.md"
    path.write_text(audit(found, name, imbalance_ratio_max), encoding="utf-8")
    draw(found, folder / "audit.png")
    return path
