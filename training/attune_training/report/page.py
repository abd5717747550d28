"""Puts tables and plots together, as Markdown and as one HTML page without a single outside reference."""

import html
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from attune_training.report import plots, tables
from attune_training.report.sources import Sources
from attune_training.report.tables import Row

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
table{border-collapse:collapse;margin:1rem 0;font-size:.9rem;display:block;overflow-x:auto}
th,td{border:1px solid #c9d1da;padding:.3rem .6rem;text-align:left;vertical-align:top}
svg{max-width:100%;height:auto}
"""


WITHOUT_PEOPLE = (
    "The first table is over all replies. The second, which Table II is read by, leaves out those that people had "
    "written: experts liked them far less than the judge did."
)


class Part(NamedTuple):
    """A section: sentences, tables and plots in this order."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[Sequence[Row], ...] = ()
    figures: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


def parts(sources: Sources) -> list[Part]:
    """The report."""
    return [
        first_table(sources),
        second_table(sources),
        comparison(sources),
        judge_error(sources),
        people(sources),
        third_table(sources),
        Part(
            "Emotion model",
            ("Accuracy on the balanced mix of real text; details in training/results/emotion.md.",),
            figures=(plots.coverage(sources.coverage),) if sources.coverage else (),
        ),
        Part("Inconsistencies found in the paper", (), items=tables.INCONSISTENCIES),
    ]


def first_table(sources: Sources) -> Part:
    """Losses."""
    ours = (
        "Ours are other models on other data: only the shape of the curves compares. No 7–8B model was trained here."
        if sources.runs
        else "No run folder was given: ours are not run here."
    )
    return Part("Table I: losses", (ours,), (tables.table_1(sources.runs),), (plots.losses(sources.runs),))


def second_table(sources: Sources) -> Part:
    """Scores."""
    found = sources.pointwise
    rows = tables.table_2(found, sources.calibration)
    of_paper = (
        "Behind an arrow stands the share that experts would be expected to give, with an interval for a system that "
        "they never rated. It is learnt from models' replies alone. The paper names no version of Gemini; it is taken "
        f"for {sources.calibration['rater']}. Advice is read as MentalAlign's guidance; nothing there stands for flow."
        if sources.calibration
        else "No calibration was computed, so the paper's shares stand as printed."
    )
    if found is None:
        return Part("Table II: scores of a judge", ("Not run here.", of_paper), (rows,))
    weak = " It is far too small to judge: its verdicts show that the chain runs and say nothing about the systems."
    calibrated = any("expected_expert_share" in c for s in found["systems"].values() for c in s["criteria"].values())
    sentences = (
        f"Ours were judged by {found['judge']} at {found['judge_at']}, rubric {found['rubric']}."
        + (weak if found["judge"].startswith("smollm2") else ""),
        of_paper,
        "" if calibrated else "MentalAlign has no ratings by our judge, so its shares stay raw and uncalibrated.",
        unscored({name: figures["unscored"] for name, figures in found["systems"].items()}),
        "Not comparable with the paper: other prompts, other models, another judge.",
    )
    tables_ = (rows, tables.differences(found), tables.habits(found))
    figures = (plots.scores(found["systems"]),)
    return Part("Table II: scores of a judge", tuple(filter(None, sentences)), tables_, figures)


def unscored(reasons: dict[str, dict[str, int]]) -> str:
    """What has no score, by reason."""
    found = [f"{name}: {count} {reason}" for name, counts in reasons.items() for reason, count in counts.items()]
    return f"Without a score (counted, never zero): {'; '.join(found)}." if found else "Every reply has a score."


def comparison(sources: Sources) -> Part:
    """The three-way comparison."""
    found = sources.three_way
    if found is None or not found["scored"]:
        return Part("Three systems side by side", ("Not run here, or no verdict could be read.",))
    consistency = found["order_consistency"]
    sentences = [
        f"{found['scored']} verdicts of {found['comparisons']} comparisons by {found['judge']} at {found['judge_at']}.",
        "All six orders of the slots were shown, names hidden.",
        unscored({"comparisons": found["unscored"]}),
        f"The same system wins in every order for {consistency:.0%} of the prompts."
        if consistency is not None
        else "No prompt was judged in more than one order.",
    ]
    figures: tuple[str, ...] = ()
    if "first_slot" in found:
        longest = found["longest_wins"]
        interval = f"[{longest['low']:.0%}, {longest['high']:.0%}]"
        sentences.append(f"The longest answer wins {longest['value']:.0%} {interval} of the decided ones.")
        figures = (plots.slots(found["slots"], found["first_slot"]),)
        share = found["first_slot"]
        sentences.append(
            f"Slot A wins {share['value']:.0%} [{share['low']:.0%}, {share['high']:.0%}] of the decided ones; "
            f"without a position bias it would be a third (p = {share['p']:.2g})."
        )
    rows = (tables.three_way(found), tables.by_criterion(found))
    return Part("Three systems side by side", tuple(sentences), rows, figures)


def judge_error(sources: Sources) -> Part:
    """Calibration."""
    found = sources.calibration
    if found is None:
        return Part("The judge's own error", ("Not run here.",))
    sentences = (
        f"{found['rater']} on MentalAlign. The error is that of the share of 4 and 5 in ten held-out parts.",
        "The last three columns leave one responder out at a time, as a new system would be.",
        learnt(found["attributes"]),
        WITHOUT_PEOPLE,
    )
    rows = tuple(tables.calibration(found[part]) for part in ("attributes", "models_only"))
    return Part("The judge's own error", sentences, rows, (plots.calibration(found["models_only"]),))


def learnt(attributes: Mapping[str, Any]) -> str:
    """What the calibration is good for and what not."""
    inside, outside = (
        [figures[key]["ratio"] for figures in attributes.values()] for key in ("by_conversation", "by_responder")
    )
    return (
        f"For systems that experts have rated, the calibrated error is at most {max(inside):.0%} of the raw one. For a "
        f"system that they never rated it is {min(outside):.0%} to {max(outside):.0%}: how mild the judge is depends "
        "on who answers, so a new system's intervals are wide and a sheet of human ratings is worth more."
    )


def people(sources: Sources) -> Part:
    """Agreement with people."""
    title, found = "Agreement with people", sources.agreement
    if found is None:
        return Part(title, ("Not run here: nobody filled a sheet (`judge sheet`, `judge agree`).",))
    return Part(title, ("Over the replies that both rated.",), (tables.agreement(found),))


def third_table(sources: Sources) -> Part:
    """The user study."""
    sentence = "From the study's files." if sources.study else "No study with people was held here; the kit is `study`."
    return Part("Table III: user study", (sentence,), (tables.table_3(sources.study),))


def markdown(found: Sequence[Part]) -> str:
    """Tables and sentences; the plots are on the page."""
    lines = ["# The paper's tables, regenerated", "", "Written by `make report`. Plots are in report.html.", ""]
    for part in found:
        lines += [f"## {part.title}", "", *(f"{sentence}\n" for sentence in part.sentences)]
        lines += [f"- {item}" for item in part.items]
        for rows in part.tables:
            head, *body = rows
            lines += [line(head), line(["---"] * len(head)), *map(line, body), ""]
        lines.append("")
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def line(cells: Sequence[str]) -> str:
    """A table row."""
    return f"| {' | '.join(cells)} |"


def page(found: Sequence[Part]) -> str:
    """The whole HTML."""
    body = "".join(map(section, found))
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
    title = "The paper’s tables, regenerated"
    top = f'<!doctype html><html lang="en"><head>{head}<title>{title}</title></head>'
    return f"{top}<body><h1>{title}</h1>{body}</body></html>\n"


def section(part: Part) -> str:
    """One part as HTML."""
    sentences = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in part.sentences)
    items = "".join(f"<li>{html.escape(item)}</li>" for item in part.items)
    grids = "".join(map(grid, part.tables))
    return f"<h2>{html.escape(part.title)}</h2>{sentences}<ul>{items}</ul>{grids}{''.join(part.figures)}".replace(
        "<ul></ul>", ""
    )


def grid(rows: Sequence[Row]) -> str:
    """One table."""
    head, *body = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
    headings = head.replace("<td>", '<th scope="col">').replace("</td>", "</th>")
    return f"<table><tr>{headings}</tr>{''.join(f'<tr>{row}</tr>' for row in body)}</table>"
