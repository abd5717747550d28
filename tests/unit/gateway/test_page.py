"""The page's files: clean addresses, revalidation, compression, and nothing outside the folder."""

import gzip
import os
from pathlib import Path

import pytest
from attune_gateway.page import Page, answer
from starlette.requests import Request


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "frontend"
    for name in ("index.html", "help.html", "js/main.js", "test/main.test.js", "notes.md", ".hidden.html"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name} " * 20)
    (tmp_path / "secret.html").write_text("secret")
    (root / "link.html").symlink_to(tmp_path / "secret.html")
    return root


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("", "index.html"),
        ("/", "index.html"),
        ("index.html", "index.html"),
        ("help", "help.html"),
        ("help.html", "help.html"),
        ("js/main.js", "js/main.js"),
    ],
)
def test_files_are_found(folder: Path, path: str, name: str) -> None:
    asset = Page(str(folder)).find(path)
    assert asset is not None
    assert asset.body.startswith(f"content of {name}".encode())


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "../secret.html",
        "js/../../secret.html",
        "/../secret",
        "..\\secret.html",
        "link.html",
        "test/main.test.js",
        "notes.md",
        ".hidden.html",
        "js",
        "js/main.js\0.html",
        "x" * 300,
        "a/" * 100,
    ],
)
def test_everything_else_is_not(folder: Path, path: str) -> None:
    assert Page(str(folder)).find(path) is None


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.html"):
        Page(str(tmp_path))


def test_a_known_file_is_not_sent_again(folder: Path) -> None:
    asset = Page(str(folder)).find("/")
    assert asset is not None
    fresh = answer(asset, request())
    assert (fresh.status_code, fresh.headers["cache-control"]) == (200, "no-cache")
    again = answer(asset, request(if_none_match=f'"other", W/{fresh.headers["etag"]}'))
    assert (again.status_code, again.body) == (304, b"")


def test_text_is_compressed_for_who_can_read_it(folder: Path) -> None:
    asset = Page(str(folder)).find("/")
    assert asset is not None
    zipped = answer(asset, request(accept_encoding="br, gzip"))
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["vary"] == "accept-encoding"
    assert gzip.decompress(bytes(zipped.body)) == asset.body
    assert "content-encoding" not in answer(asset, request()).headers


def test_an_edited_file_is_read_again(folder: Path) -> None:
    page = Page(str(folder))
    before = page.find("help")
    (folder / "help.html").write_text("new")
    os.utime(folder / "help.html", (1, 1))
    after = page.find("help")
    assert before is not None
    assert after is not None
    assert after.body == b"new"
    assert after.headers["etag"] != before.headers["etag"]
