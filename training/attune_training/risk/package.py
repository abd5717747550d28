"""Puts the head beside the shipped encoder: risk_head.npz, its entry and its hash. Called by the CLI."""

import json
from hashlib import sha256
from pathlib import Path

from attune_contracts.emotion_manifest import EmotionManifest, RiskHeadManifest
from attune_emotion.sentences import MODEL_SHA256

from attune_training.risk import thresholds
from attune_training.risk.head import probability
from attune_training.risk.study import Study

FILE = "risk_head.npz"


def write(folder: Path, study: Study, scores: dict[str, float]) -> EmotionManifest:
    """Writes both files. Scores of the encoder stay; those of a former head (`risk_*`) are replaced."""
    manifest_file = folder / "manifest.json"
    manifest = EmotionManifest.model_validate_json(manifest_file.read_text(encoding="utf-8"))
    study.head.save(folder / FILE)
    entry = RiskHeadManifest(
        file=FILE,
        sentence_encoder_sha256=MODEL_SHA256,
        temperature=study.temperature,
        check_in_min=probability(study.check_in, study.temperature),
        elevated_min=probability(study.elevated, study.temperature),
        imminent_min=thresholds.NEVER,
    )
    kept = {name: value for name, value in manifest.scores.items() if not name.startswith("risk_")}
    manifest = manifest.model_copy(
        update={
            "risk_head": entry,
            "scores": {**kept, **scores},
            "files": {**manifest.files, FILE: sha256((folder / FILE).read_bytes()).hexdigest()},
        }
    )
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    manifest_file.write_text(text + "\n", encoding="utf-8")
    return manifest
