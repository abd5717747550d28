"""Settings: prefix, secret files, and refusals that do not print what was refused."""

from pathlib import Path

import pytest
from attune_kit.settings import SECRETS_DIR_VARIABLE, ServiceSettings, settings_config
from pydantic import SecretStr, ValidationError


class ExampleSettings(ServiceSettings):
    model_config = settings_config("ATTUNE_EXAMPLE_")

    session_key: SecretStr


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRETS_DIR_VARIABLE, raising=False)
    monkeypatch.setenv("ATTUNE_EXAMPLE_PORT", "8123")


def test_variables_of_the_prefix_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTUNE_EXAMPLE_SESSION_KEY", "from-the-environment")
    settings = ExampleSettings.load()
    assert (settings.port, settings.session_key.get_secret_value()) == (8123, "from-the-environment")


def test_secrets_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "attune_example_session_key").write_text("from-a-file\n")
    monkeypatch.setenv(SECRETS_DIR_VARIABLE, str(tmp_path))
    assert ExampleSettings.load().session_key.get_secret_value() == "from-a-file"


def test_a_missing_secret_is_refused() -> None:
    with pytest.raises(ValidationError, match="session_key"):
        ExampleSettings.load()


def test_a_refusal_does_not_print_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTUNE_EXAMPLE_PORT", "canary-value")
    with pytest.raises(ValidationError) as refusal:
        ExampleSettings.load()
    assert "canary-value" not in str(refusal.value)


def test_settings_are_frozen_and_print_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTUNE_EXAMPLE_SESSION_KEY", "hush")
    settings = ExampleSettings.load()
    assert "hush" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
