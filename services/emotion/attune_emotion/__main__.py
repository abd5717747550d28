"""`python -m attune_emotion`: verify the model, then serve until told to stop."""

import sys

from attune_kit.serve import serve
from pydantic import ValidationError

from attune_emotion.app import create_app
from attune_emotion.model_files import ModelRefused
from attune_emotion.settings import EmotionSettings


def main() -> int:
    """0 after an orderly stop, 2 when the settings or the model are refused."""
    try:
        settings = EmotionSettings.load()
    except ValidationError as error:
        print(f"emotion: settings refused: {error}", file=sys.stderr)
        return 2
    try:
        app = create_app(settings)
    except ModelRefused as refusal:
        print(f"emotion: refused to start: {refusal}", file=sys.stderr)
        return 2
    serve("emotion", app, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
