"""API keys: hashed at rest, refused for every reason there is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from attune_gateway.auth import authenticate, bearer_of, load_keys, new_key, parse_keys
from attune_kit.errors import Unauthenticated

KEY, LINE = new_key("bench")
TODAY = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_new_key_works_as_header_and_as_bearer() -> None:
    keys = parse_keys(f"# keys\n\n{LINE}\n")
    assert authenticate(keys, {"x-api-key": KEY}).name == "bench"
    assert authenticate(keys, {"authorization": f"Bearer {KEY}"}).name == "bench"


def test_the_file_does_not_hold_the_key() -> None:
    assert KEY not in LINE
    assert len(KEY) >= 48


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": KEY + "x"},
        {"x-api-key": KEY[:12]},
        {"x-api-key": "att_unknown0" + KEY[12:]},
        {"authorization": KEY},
        {"authorization": f"Basic {KEY}"},
        {"authorization": f"Bearer {KEY} {KEY}"},
        {"authorization": "Bearer " + "x" * 600},
    ],
)
def test_anything_else_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated):
        authenticate(parse_keys(LINE), headers)


def test_a_key_expires_after_its_last_day() -> None:
    keys = parse_keys(f"{LINE} 2026-11-22")
    assert authenticate(keys, {"x-api-key": KEY}, TODAY)
    with pytest.raises(Unauthenticated):
        authenticate(keys, {"x-api-key": KEY}, TODAY.replace(day=23))


@pytest.mark.parametrize(
    "line",
    ["one", "prefix nothex name", f"{LINE} tomorrow", f"{LINE} 2026-01-01 more"],
    ids=("no fields", "no hash", "no date", "one field too many"),
)
def test_a_broken_line_is_named_by_number_only(line: str) -> None:
    with pytest.raises(ValueError, match="line 2") as fault:
        parse_keys(f"{LINE}\n{line}")
    assert "nothex" not in str(fault.value)


def test_no_file_means_no_keys(tmp_path: Path) -> None:
    assert load_keys(None) == {}
    (tmp_path / "keys").write_text(LINE)
    assert len(load_keys(str(tmp_path / "keys"))) == 1


def test_bearer_tokens_are_read_as_they_are() -> None:
    assert bearer_of({"authorization": "bearer abc.DEF-1"}) == "abc.DEF-1"
    assert bearer_of({"authorization": "Bearer a\tb"}) is None
    assert bearer_of({}) is None
