"""The tables as lists of rows: the paper's value, ours, the difference, and what does not compare."""

from collections.abc import Mapping, Sequence
from typing import Any

from attune_training.judge.calibration import ATTRIBUTE_OF_CRITERION
from attune_training.judge.statistics import Z_95, wilson
from attune_training.judge.tasks import CRITERIA, TIE
from attune_training.report.sources import Run
from attune_training.sft.curves import TABLE_I, curve_rows
from attune_training.study.tables import PAPER, possible_counts

NOT_RUN = "not run here"
Row = tuple[str, ...]
# Table II of the paper, per cent of 100 replies with 4 or 5.
TABLE_II: Mapping[str, Mapping[str, int]] = {
    "Qwen2-7B": {"empathy": 94, "understanding": 93, "advice": 90, "flow": 91},
    "Llama-3.1-8B": {"empathy": 87, "understanding": 86, "advice": 84, "flow": 83},
    "Mistral-7B": {"empathy": 82, "understanding": 80, "advice": 79, "flow": 78},
}
INCONSISTENCIES = (
    "85 % of 50 participants are 42.5 people. 42 would be 84 %, 43 would be 86 %.",
    "Table I ends at step 1,800. Two epochs of 16,000 rows at 8 rows a step are 4,000 steps.",
    "Validation loss lies below training loss in 14 of 18 cells: dropout, or rows of one conversation on both sides.",
    "Six states are collected and five emotions predicted, and nothing in the data leads to `happy`.",
    "`bfloat16=False` is no training argument; `save_total_limit=2` keeps the best and the latest, not the two best.",
    "fp16 weights of a 7B model take 15.2 GB and leave a 16 GB T4 no room for gradients: 4-bit weights were needed.",
    "The judge's function returns one winner. Table II gives shares of scores, whose prompt is not shown.",
    "Overall in Table II is the mean of the four: 79.75 for Mistral is printed as 80.",
    "Gemini gives 4 or 5 for empathy to 96 % of replies, experts to 73 % (MentalAlign): 94 % may be mildness.",
)


def table_1(runs: Sequence[Run]) -> list[Row]:
    """Model, step, the paper's losses, ours at every evaluation."""
    rows: list[Row] = [("model", "step", "train loss", "validation loss", "source")]
    for name, cells in TABLE_I.items():
        rows += [(name, str(step), f"{train:.4f}", f"{val:.4f}", "paper") for step, (train, val) in cells.items()]
    for run in runs:
        for step, train, val in curve_rows(run.metrics):
            rows.append((run.name, str(step), "–" if train is None else f"{train:.4f}", f"{val:.4f}", run.note))
    return rows


def table_2(pointwise: Mapping[str, Any] | None, calibrated: Mapping[str, Any] | None) -> list[Row]:
    """Shares of 4 and 5 with intervals; where MentalAlign has the judge, also the share to expect of experts."""
    rows: list[Row] = [("model", *CRITERIA, "overall", "replies", "source")]
    for name, cells in TABLE_II.items():
        overall = f"{sum(cells.values()) / len(cells):.0f} %"
        shares = tuple(with_wilson(cells[name]) + experts(name, cells[name], calibrated) for name in CRITERIA)
        rows.append((name, *shares, overall, "100", "paper"))
    for name, figures in (pointwise or {}).get("systems", {}).items():
        if figures["criteria"]:
            shares = tuple(share_of(figures["criteria"][criterion]) for criterion in CRITERIA)
            rows.append((name, *shares, f"{figures['overall']:.0%}", str(figures["scored"]), "ours"))
    return rows


def with_wilson(percent: int) -> str:
    """A share of the paper's 100 replies with the interval that it did not print."""
    share = wilson(percent, 100)
    return f"{percent} % [{share.low:.0%}, {share.high:.0%}]"


def experts(criterion: str, percent: int, calibrated: Mapping[str, Any] | None) -> str:
    """What experts would be expected to say where the judge gave so many a 4 or 5; nothing without a calibration."""
    attribute = ATTRIBUTE_OF_CRITERION.get(criterion)
    if calibrated is None or attribute is None:
        return ""
    known = calibrated["models_only"][attribute]["of_share"]
    share = percent / 100
    value = share * known["if_high"] + (1 - share) * known["if_low"]
    half = Z_95 * known["new_responder_error"]
    return f" → experts {value:.0%} [{max(0.0, value - half):.0%}, {min(1.0, value + half):.0%}]"


def share_of(figures: Mapping[str, Any]) -> str:
    """Raw share with interval; behind it what experts would be expected to say."""
    raw = figures["share_high"]
    text = f"{raw['value']:.0%} [{raw['low']:.0%}, {raw['high']:.0%}]"
    expected = figures.get("expected_expert_share")
    if expected is None:
        return text
    return f"{text} → experts {expected['value']:.0%} [{expected['low']:.0%}, {expected['high']:.0%}]"


def differences(pointwise: Mapping[str, Any] | None) -> list[Row]:
    """Ours minus the paper's best model, in percentage points."""
    rows: list[Row] = [("system", *CRITERIA)]
    best = TABLE_II["Qwen2-7B"]
    for name, figures in (pointwise or {}).get("systems", {}).items():
        if figures["criteria"]:
            shares = [100 * figures["criteria"][c]["share_high"]["value"] - best[c] for c in CRITERIA]
            rows.append((f"{name} − paper's Qwen2-7B", *(f"{share:+.0f}" for share in shares)))
    return rows


def habits(pointwise: Mapping[str, Any]) -> list[Row]:
    """Whether scores follow length: words a reply, and Spearman's rho of words and score."""
    rows: list[Row] = [("system", "replies", "unscored", "mean words", *(f"ρ words, {name}" for name in CRITERIA))]
    for name, figures in pointwise["systems"].items():
        rho = [figures["criteria"][c]["words_correlation"] if figures["criteria"] else None for c in CRITERIA]
        cells = ("–" if value is None else f"{value:+.2f}" for value in rho)  # None: nothing varied
        unscored = figures["replies"] - figures["scored"]
        rows.append((name, str(figures["replies"]), str(unscored), f"{figures['mean_words']:.1f}", *cells))
    return rows


def agreement(found: Mapping[str, Any]) -> list[Row]:
    """Kappas of each two raters."""
    rows: list[Row] = [("raters", "criterion", "items", "Cohen's kappa", "quadratic kappa")]
    for pair, criteria in found.items():
        for name, figures in criteria.items():
            kappas = ["–" if figures.get(kind) is None else f"{figures[kind]:.2f}" for kind in ("kappa", "quadratic")]
            rows.append((pair, name, str(figures["items"]), *kappas))
    return rows


def by_criterion(found: Mapping[str, Any]) -> list[Row]:
    """Wins on each criterion."""
    names = [*found["win_share"], TIE]
    rows = [(c, *(str(found["by_criterion"][c][name]) for name in names)) for c in CRITERIA]
    return [("wins on", *names), *rows]


def table_3(study: Mapping[str, Any] | None) -> list[Row]:
    """The study's figures. Without a study only the paper's, with the intervals that its counts allow."""
    count, whole = possible_counts(PAPER["satisfied_share"], int(PAPER["participants"]))
    low, high = wilson(int(count), int(PAPER["participants"])), wilson(int(count) + 1, int(PAPER["participants"]))
    remark = "" if whole else f" ({count:g} people; 42 or 43: [{low.low:.0%}, {high.high:.0%}])"
    found = study or {}
    emotion, satisfaction = found.get("emotion", {}), found.get("satisfaction")
    ours = {
        "satisfied": NOT_RUN if satisfaction is None else counted(satisfaction),
        "accuracy": NOT_RUN if "accuracy" not in emotion else f"{emotion['accuracy']['value']:.0%}",
        **{
            name: NOT_RUN if emotion.get(name) is None else f"{emotion[name]:.2f}"
            for name in ("precision", "recall", "kappa")
        },
        **{
            name: NOT_RUN if name not in found else f"{found[name]['mean']:.1f}" for name in ("minutes", "interactions")
        },
    }
    value = {
        "satisfied": (satisfaction or {}).get("share", {}).get("value"),
        "accuracy": emotion.get("accuracy", {}).get("value"),
        **{name: emotion.get(name) for name in ("precision", "recall", "kappa")},
        **{name: found.get(name, {}).get("mean") for name in ("minutes", "interactions")},
    }
    rows = [
        ("satisfied", "satisfied (4 or 5)", f"{PAPER['satisfied_share']:.0%}{remark}"),
        ("accuracy", "emotion accuracy", f"{PAPER['accuracy']:.0%}"),
        *((name, name, f"{PAPER[name]:.2f}") for name in ("precision", "recall", "kappa")),
        *((name, f"mean {name} a session", f"{PAPER[name]}") for name in ("minutes", "interactions")),
    ]
    paper = {**PAPER, "satisfied": PAPER["satisfied_share"]}
    differ = {name: "–" if mine is None else f"{mine - paper[name]:+.2f}" for name, mine in value.items()}
    return [
        ("metric", "paper", "ours", "difference"),
        *((label, theirs, ours[name], differ[name]) for name, label, theirs in rows),
    ]


def counted(satisfaction: Mapping[str, Any]) -> str:
    """Counts before shares."""
    share = satisfaction["share"]
    people = f"{satisfaction['satisfied']} of {satisfaction['participants']}"
    return f"{people} ({share['value']:.0%} [{share['low']:.0%}, {share['high']:.0%}])"


def three_way(found: Mapping[str, Any]) -> list[Row]:
    """Wins, win share and strength of each system."""
    rows: list[Row] = [("system", "wins", "win share (a tie counts a third)", "Bradley–Terry strength")]
    for name, share in found["win_share"].items():
        interval = f"{share['value']:.0%} [{share['low']:.0%}, {share['high']:.0%}]"
        rows.append((name, str(found["wins"][name]), interval, f"{found['strength'][name]:.2f}"))
    return [*rows, ("tie", str(found["wins"]["tie"]), "–", "–")]


def calibration(attributes: Mapping[str, Any]) -> list[Row]:
    """Raw and calibrated error on groups that were held out."""
    errors = ("raw error", "calibrated", "ratio")
    rows: list[Row] = [
        ("attribute", "judge ≥ 4", "experts ≥ 4", *errors, *(f"new responder: {name}" for name in errors)),
    ]
    for name, figures in attributes.items():
        held, new = figures["by_conversation"], figures["by_responder"]
        rows.append(
            (
                name,
                f"{figures['judge_share']:.1%}",
                f"{figures['expert_share']:.1%}",
                f"{held['raw_error']:.3f}",
                f"{held['calibrated_error']:.3f}",
                f"{held['ratio']:.2f}",
                f"{new['raw_error']:.3f}",
                f"{new['calibrated_error']:.3f}",
                f"{new['ratio']:.2f}",
            )
        )
    return rows
