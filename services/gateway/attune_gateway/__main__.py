"""`python -m attune_gateway`: serve the edge until told to stop. `new-key NAME` prints an API key and its line."""

import sys

from attune_kit.serve import serve
from pydantic import ValidationError

from attune_gateway.app import create_app
from attune_gateway.auth import new_key
from attune_gateway.settings import GatewaySettings


def main(arguments: list[str]) -> int:
    """0 after an orderly stop, 2 when the arguments, the settings or a file that they name are refused."""
    match arguments:
        case []:
            return run()
        case ["new-key", name] if name.isidentifier():
            key, line = new_key(name)
            print(f"Give this to the caller, it is shown only once: {key}\nAppend this to the keys file: {line}")
            return 0
        case _:
            print("usage: python -m attune_gateway [new-key NAME]   (NAME: letters, digits, _)", file=sys.stderr)
            return 2


def run() -> int:
    """Serves until told to stop."""
    try:
        settings = GatewaySettings.load()
        app = create_app(settings)
    except ValidationError as error:
        print(f"gateway: settings refused: {error}", file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(f"gateway: cannot start: {error}", file=sys.stderr)
        return 2
    serve("gateway", app, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
