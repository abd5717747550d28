"""`python -m attune_dialogue`: reads the settings and serves until told to stop."""

from attune_kit.serve import serve

from attune_dialogue.app import create_app
from attune_dialogue.settings import DialogueSettings


def main() -> None:
    """Entry point."""
    settings = DialogueSettings.load()
    serve("dialogue", create_app(settings), settings)


if __name__ == "__main__":
    main()
