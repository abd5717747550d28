"""The emotion service's settings: ATTUNE_EMOTION_* variables. Read once by __main__."""

from pathlib import Path
from typing import Literal

from attune_kit.settings import ServiceSettings, settings_config
from pydantic import Field

MODEL_DIR = Path(__file__).parent / "model"


class EmotionSettings(ServiceSettings):
    """Where the model lies, how it runs and how much may wait. There is no secret."""

    model_config = settings_config("ATTUNE_EMOTION_")

    port: int = 8002
    # 64 texts of 4,000 characters are 3 MB when every character is escaped.
    body_bytes_max: int = 4 * 1024 * 1024
    encoder: Literal["onnx", "transformers"] = "onnx"
    model_dir: Path = MODEL_DIR
    threads: int = Field(default=1, ge=1, le=16)
    batch_texts_max: int = Field(default=64, ge=1, le=64)
    batch_wait_ms: float = Field(default=0.5, ge=0, le=2)
    queue_texts_max: int = Field(default=256, ge=64)
    windows_max: int = Field(default=8, ge=1, le=32)
    retry_after_s: float = Field(default=1.0, gt=0)
