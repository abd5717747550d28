"""Every setting of every service stands in .env.example, and nothing else does."""

import importlib
import re

from attune_kit.settings import ServiceSettings

from tests.architecture.repository import ROOT

SERVICES = ("inference", "emotion", "dialogue", "gateway")


def settings_class(service: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"attune_{service}.settings")
    (found,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value is not ServiceSettings
    ]
    return found


def test_env_example_lists_each_setting() -> None:
    expected = set()
    for service in SERVICES:
        settings = settings_class(service)
        prefix = settings.model_config["env_prefix"]
        expected |= {f"{prefix}{name}".upper() for name in settings.model_fields}
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?\s?(ATTUNE_[A-Z0-9_]+)=", text, re.MULTILINE)) - {"ATTUNE_SECRETS_DIR"}
    assert listed == expected


def test_no_secret_has_a_default() -> None:
    for service in SERVICES:
        for name, field in settings_class(service).model_fields.items():
            if "SecretStr" in str(field.annotation):
                assert field.is_required() or field.default is None, f"{service}.{name} has a default"
