"""`python -m attune_inference`: verify the adapter, then serve it until told to stop."""

import sys

from attune_kit.logging import configure_logging, get_logger
from pydantic import ValidationError

from attune_inference.manifest import AdapterRefused
from attune_inference.settings import InferenceSettings


def main() -> int:
    """0 after an orderly stop, 2 when the settings or the adapter are refused."""
    try:
        settings = InferenceSettings.load()
    except ValidationError as error:
        print(f"inference: settings refused: {error}", file=sys.stderr)
        return 2
    configure_logging("inference", settings.log_level, as_json=settings.log_json)
    try:
        # Imported here: each engine has its own heavy dependencies, and only one of them is installed.
        if settings.engine == "vllm":
            from attune_inference.engines.vllm import run  # noqa: PLC0415
        else:
            from attune_inference.engines.llamacpp import run  # noqa: PLC0415
        get_logger().info("starting", engine=settings.engine, port=settings.port, adapter=bool(settings.adapter_dir))
        run(settings)
    except AdapterRefused as refusal:
        print(f"inference: refused to start: {refusal}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
