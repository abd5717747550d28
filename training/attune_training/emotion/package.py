"""Turns a finished run into the model folder that the service ships: ONNX, tokenizer, manifest. Called by the CLI."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import torch
from attune_contracts.emotion_manifest import EmotionManifest
from tokenizers import Tokenizer

from attune_training.emotion import calibrate, evaluate, export, mixture
from attune_training.emotion.calibrate import Calibration
from attune_training.emotion.corpora import Row
from attune_training.emotion.encoder import rebuild
from attune_training.emotion.labels import EMOTIONS
from attune_training.emotion.mixture import Mixture
from attune_training.emotion.settings import EmotionConfig

SCHEMA_VERSION = 1
MIXED_MIN, MIXED_GAP = 0.25, 0.20
READABLE_MIN = 0.7
_OURS = "Attune's own messages Apache-2.0"
_SOURCE_LICENCES = {
    "goemotions": "GoEmotions Apache-2.0",
    "brighter": "BRIGHTER CC-BY-4.0",
    "xed": "XED CC-BY-4.0",
    "authored": _OURS,
    "exchanges": _OURS,
}
_SCRIPTS = {"en": "LATIN", "es": "LATIN", "fr": "LATIN", "ar": "ARABIC", "hi": "DEVANAGARI"}


def build(run: Path, target: Path, data: Mixture, tests: tuple[Row, ...], config: EmotionConfig) -> EmotionManifest:
    """Writes model.onnx, tokenizer.json and manifest.json; the manifest's scores come from the files as written."""
    target.mkdir(parents=True, exist_ok=True)
    details = json.loads((run / "base.json").read_text(encoding="utf-8"))
    state = torch.load(run / "model.pt", weights_only=True)
    model = rebuild(json.loads((run / "encoder.json").read_text(encoding="utf-8")), state, config.encoder.dropout)
    export.to_onnx(model, run / "model.fp32.onnx")
    export.to_int8(run / "model.fp32.onnx", target / "model.onnx")
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    tokenizer.save(str(target / "tokenizer.json"), pretty=False)
    session = export.session(target / "model.onnx", config.optimiser.threads)
    texts = [row.text for row in data.held_out]
    logits, pooled = export.run(session, tokenizer, details["pad_id"], texts)
    fitted = calibrate.fit(logits, data.held_out)
    languages = tuple(sorted({row.language for row in data.train}))
    manifest = EmotionManifest(
        schema_version=SCHEMA_VERSION,
        name=f"attune-emotion-{config.name}",
        base=details["origin"],
        base_licence=details["licence"],
        labels=EMOTIONS,
        languages=languages,
        scripts=tuple(sorted({_SCRIPTS[language] for language in languages})),
        readable_min=READABLE_MIN,
        tokens_max=config.surface.tokens_max,
        pad_id=details["pad_id"],
        pooled_size=pooled.shape[1],
        temperature=fitted.temperature,
        threshold=fitted.threshold,
        mixed_min=MIXED_MIN,
        mixed_gap=MIXED_GAP,
        risk_head=None,
        data_sha256=mixture.digest(data.train),
        data_licences=tuple(_licences(data.train)),
        seed=config.optimiser.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        scores={},
        files={name: _digest((target / name).read_bytes()) for name in ("model.onnx", "tokenizer.json")},
    )
    _write(target, manifest)
    manifest = manifest.model_copy(update={"scores": _scores(target, tests, fitted)})
    _write(target, manifest)
    return manifest


def _scores(target: Path, tests: tuple[Row, ...], fitted: Calibration) -> dict[str, float]:
    shipped = evaluate.open_model(target)
    mix = mixture.balanced_mix(tests)
    scored = evaluate.score("balanced mix", mix, shipped.predict([row.text for row in mix]), shipped.manifest.threshold)
    at_70 = dict(scored.by_coverage)[0.7].value
    figures = {
        "balanced_mix_accuracy": scored.accuracy.value,
        "balanced_mix_macro_f1": scored.macro_f1.value,
        "balanced_mix_calibration_error": scored.calibration_error.value,
        "balanced_mix_accuracy_at_70_percent_coverage": at_70,
        "balanced_mix_share_over_threshold": scored.kept_share,
        "balanced_mix_accuracy_over_threshold": scored.kept_accuracy,
        "held_out_calibration_error": fitted.calibration_error,
        "held_out_accuracy_over_threshold": fitted.kept_accuracy,
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _licences(rows: tuple[Row, ...]) -> list[str]:
    return sorted({_SOURCE_LICENCES[row.source.partition("-")[0]] for row in rows})


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _write(target: Path, manifest: EmotionManifest) -> None:
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (target / "manifest.json").write_text(text + "\n", encoding="utf-8")
