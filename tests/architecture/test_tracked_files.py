"""What may be committed: no machine's paths, no package hosts, no large or unknown binaries, no dead links."""

import re

from tests.architecture.repository import ROOT, name_of, tracked_files

TEXT_SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".js", ".mjs", ".css", ".html", ".in", ".lock", ""}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|tmp/w)/[\w.]")
PACKAGE_HOST = re.compile(
    r"https?://[\w.-]*(?:pypi|pythonhosted|npmjs|debian|huggingface\.co/api|docker\.io)[\w./-]*", re.IGNORECASE
)
BINARY_BYTES_MAX = {
    ".onnx": 25_000_000,
    ".gguf": 6_000_000,
    ".safetensors": 6_000_000,
    ".png": 900_000,
    ".npz": 4_000_000,
}
TEXT_BYTES_MAX = 1_500_000
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
CACHES_OF_IMAGES = {"services/inference/Dockerfile.vllm", "docker-compose.yml"}


def texts() -> dict[str, str]:
    return {
        name_of(path): path.read_text(encoding="utf-8", errors="replace")
        for path in tracked_files()
        if path.suffix in TEXT_SUFFIXES and path.stat().st_size <= TEXT_BYTES_MAX and path.name != "LICENSE"
    }


def test_no_machine_path_is_committed() -> None:
    # A container's own folders are no machine's; the build cache of pip lies in root's home there.
    found = [
        f"{name}: {match[0]}"
        for name, text in texts().items()
        if not name.startswith("tests/architecture/") and "Dockerfile" not in name and name not in CACHES_OF_IMAGES
        for match in MACHINE_PATH.finditer(text)
    ]
    assert not found


def test_no_package_host_is_committed() -> None:
    found = [f"{name}: {match[0]}" for name, text in texts().items() for match in PACKAGE_HOST.finditer(text)]
    assert not [line for line in found if not line.startswith("tests/architecture/")]


def test_committed_files_stay_small() -> None:
    large = []
    for path in tracked_files():
        limit = BINARY_BYTES_MAX.get(path.suffix, TEXT_BYTES_MAX)
        if path.stat().st_size > limit:
            large.append(f"{name_of(path)}: {path.stat().st_size} bytes, at most {limit}")
    assert not large


def test_links_in_documents_lead_somewhere() -> None:
    dead = []
    for path in tracked_files():
        if path.suffix != ".md":
            continue
        dead += [
            f"{name_of(path)} → {target}"
            for target in LINK.findall(path.read_text(encoding="utf-8"))
            if not re.match(r"[a-z]+:", target) and not (path.parent / target).exists()
        ]
    assert not dead


def test_paths_named_in_the_tree_exist() -> None:
    """ARCHITECTURE.md's folders are real."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `([\w./{},-]+/)` \|", text, re.MULTILINE)
    assert named, "ARCHITECTURE.md lists no folder"
    assert [name for name in named if not (ROOT / name).is_dir()] == []
