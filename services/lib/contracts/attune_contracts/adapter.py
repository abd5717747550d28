"""The manifest beside every LoRA adapter: what it was trained on, how, and which bytes it consists of."""

from attune_contracts.base import Input


class AdapterManifest(Input):
    """Read by inference before it starts an engine, and refused on any mismatch.

    `files` maps a file name beside the manifest to its SHA-256 in hex. `scores` are plain figures
    (loss, lint pass rate, …), each named with its unit. `data_sha256` hashes the training rows in order.
    """

    schema_version: int
    name: str
    base: str
    base_revision: str
    base_sha256: str | None
    rank: int
    alpha: int
    target_modules: tuple[str, ...]
    prompt_version: str
    data_sha256: str
    data_licences: tuple[str, ...]
    seed: int
    created_at: str
    scores: dict[str, float]
    files: dict[str, str]
