"""Writes training/results/emotion.md from a model folder and the test rows. Called by the CLI."""

from collections.abc import Iterable
from pathlib import Path

from attune_contracts.emotion_manifest import EmotionManifest

from attune_training.emotion import evaluate, mixture
from attune_training.emotion.corpora import Row
from attune_training.emotion.evaluate import Interval, SetScores, Shipped
from attune_training.emotion.labels import EMOTIONS
from attune_training.emotion.settings import HeadConfig

MIX = "balanced mix"
_TARGETS = (
    ("accuracy", "≥ 0.80"),
    ("accuracy at 70 % coverage", "≥ 0.90"),
    ("calibration error", "≤ 0.05"),
    ("p50 of one text, one thread", "≤ 10 ms"),
    ("model.onnx", "≤ 25 MB"),
)


def write(folder: Path, tests: tuple[Row, ...]) -> str:
    """The whole report. Everything is computed from the files in the folder, as they ship."""
    shipped = evaluate.open_model(folder)
    threshold = shipped.manifest.threshold

    def scored(name: str, rows: tuple[Row, ...]) -> SetScores:
        return evaluate.score(name, rows, shipped.predict([row.text for row in rows]), threshold)

    mix_rows = mixture.balanced_mix(tests)
    mix = scored(MIX, mix_rows)
    parts = [scored(f"{name} (in the mix)", rows) for name, rows in evaluate.by_source(mix_rows).items()]
    whole = [scored(name, rows) for name, rows in evaluate.by_source(tests).items()]
    lines = [
        *_head(shipped.manifest),
        *_targets(mix, shipped, evaluate.latency_ms(shipped, mix_rows)),
        *_sources([mix, *parts], "The mix and its parts"),
        *_coverage([mix, *parts]),
        *_classes(mix),
        *_sources(whole, "Every test set, whole"),
        *_ablations(shipped, mix_rows, threshold),
        *_READING.splitlines(),
    ]
    return "\n".join(lines) + "\n"


def write_head(config: HeadConfig, scores: SetScores) -> str:
    """A section for the paper's head: the same measures, after a run of `emotion head`."""
    shown = _HEAD_SECTION.format(
        name=config.name,
        base=config.model.base,
        rank=config.lora.rank,
        modules=", ".join(config.lora.target_modules),
        rows=config.optimiser.rows_per_epoch * config.optimiser.epochs,
        rate=config.optimiser.learning_rate,
    )
    tables = (*_sources([scores], "Scores"), *_coverage([scores]), *_classes(scores))
    return "\n".join([*shown.splitlines(), "", *(line.replace("## ", "### ") for line in tables)]) + "\n"


_HEAD_SECTION = """## {name}

`python -m attune_training emotion head training/configs/emotion-head/…` on {base}: LoRA of rank {rank} on {modules} and
a softmax on the last token's vector, {rows} rows seen at a learning rate of {rate}. Temperature and threshold come from
held-out rows. The test rows are every n-th of the balanced mix of emotion.md."""
_HEAD = """# Emotion model: figures

Written by `python -m attune_training.emotion evaluate` from the int8 files as they ship, text by text.

Model `{name}`, from {base} ({licence}); trained on {data}. Languages in training: {languages}. Temperature
{temperature}, abstention below {threshold}, both fitted on held-out training rows, never on a test set.

The **balanced mix** holds at most {rows} rows of each emotion from each of GoEmotions dev, BRIGHTER dev (eng) and our
frozen messages (training/data/authored), chosen by a hash of the text; every emotion weighs the same. Brackets are
95 % bootstrap intervals (1,000 draws inside the emotions). It was fixed before the first model was scored.
"""
_READING = """## How to read this

- BRIGHTER's dev sets are small (56 English rows fit); their intervals are wide.
- XED's French labels were projected from English subtitles and are noisy; the set has no neutral rows.
- Our frozen messages are first-person, often indirect, with sarcasm and mixed feelings: the closest to what people
  write here. A part of the training rows was written in the same manner.
- An abstained reading is treated as neutral and answered with a question.
"""


def _head(manifest: EmotionManifest) -> list[str]:
    text = _HEAD.format(
        name=manifest.name,
        base=manifest.base,
        licence=manifest.base_licence,
        data=", ".join(manifest.data_licences),
        languages=", ".join(manifest.languages),
        temperature=manifest.temperature,
        threshold=manifest.threshold,
        rows=mixture.MIX_ROWS_PER_EMOTION,
    )
    return [*text.splitlines(), ""]


def _targets(mix: SetScores, shipped: Shipped, latency_ms: tuple[float, float]) -> list[str]:
    at_70 = dict(mix.by_coverage)[0.7]
    size = shipped.bytes_by_file["model.onnx"]
    found = (
        _interval(mix.accuracy),
        _interval(at_70),
        _interval(mix.calibration_error),
        f"{latency_ms[0]:.1f} ms (p95 {latency_ms[1]:.1f} ms)",
        f"{size / 1e6:.1f} MB (tokenizer.json {shipped.bytes_by_file['tokenizer.json'] / 1e6:.1f} MB)",
    )
    rows = [(name, target, value) for (name, target), value in zip(_TARGETS, found, strict=True)]
    return ["## Targets", "", *_table(("on the balanced mix", "target", "measured"), rows), ""]


def _sources(sets: list[SetScores], title: str) -> list[str]:
    rows = [
        (
            item.name,
            str(item.rows),
            _interval(item.accuracy),
            _interval(item.macro_f1),
            f"{item.calibration_error.value:.3f}",
            f"{item.raw_accuracy:.3f}",
            f"{item.kept_share:.2f}",
            f"{item.kept_accuracy:.3f}",
        )
        for item in sets
    ]
    head = (
        "test set",
        "rows",
        "accuracy, emotions equal",
        "macro-F1",
        "ECE",
        "plain accuracy",
        "answered",
        "accuracy where answered",
    )
    return [f"## {title}", "", *_table(head, rows), ""]


def _coverage(sets: list[SetScores]) -> list[str]:
    head = ("test set", *(f"{part:.0%}" for part in evaluate.COVERAGES))
    rows = [(item.name, *(_interval(value) for _, value in item.by_coverage)) for item in sets]
    note = "The most confident share of the rows is kept."
    return ["## Accuracy against coverage", "", note, "", *_table(head, rows), ""]


def _classes(mix: SetScores) -> list[str]:
    rows = []
    for emotion, scores, counts in zip(EMOTIONS, mix.per_class, mix.confusion, strict=True):
        rows.append((emotion.value, *(f"{value:.3f}" for value in scores), *(str(count) for count in counts)))
    head = ("true emotion", "precision", "recall", "F1", *(f"→ {emotion.value}" for emotion in EMOTIONS))
    note = "The right half counts rows by the emotion that the model named."
    return [f"## By emotion ({mix.name})", "", note, "", *_table(head, rows), ""]


def _ablations(shipped: Shipped, rows: tuple[Row, ...], threshold: float) -> list[str]:
    found = []
    for name, (subset, change) in evaluate.ablations(rows).items():
        result = evaluate.score(name, subset, shipped.predict([change(row.text) for row in subset]), threshold)
        found.append((name, str(result.rows), _interval(result.accuracy), f"{result.raw_accuracy:.3f}"))
    head = ("rows of the mix", "count", "accuracy, emotions equal", "plain accuracy")
    note = "The same shipped model reads the text as written and with the cue removed."
    return ["## What emoji and capitals are worth", "", note, "", *_table(head, found), ""]


def _interval(figure: Interval) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(head)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]
