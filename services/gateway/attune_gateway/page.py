"""The page: files of frontend/, held in memory, compressed once, revalidated by ETag. No build step, no template.

A file is read again when it changed on disk, so that editing the page needs no restart.
"""

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

# Only what a page is made of leaves the folder; tests and tools beside it do not.
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
PRIVATE_FOLDERS = {"test", "tests", "tools", "node_modules"}
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".webmanifest", ".svg", ".txt"}
# Names without a hash must be asked for again soon; the page itself and its worker every time.
ALWAYS_FRESH = {".html", ".js", ".mjs", ".css", ".webmanifest"}
PATH_CHARS_MAX = 256
FILE_BYTES_MAX = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send. `stamp` says which state of the file it is."""

    stamp: tuple[int, int]
    body: bytes
    zipped: bytes | None
    headers: dict[str, str]


class Page:
    """Looks files up by URL path. Raises FileNotFoundError at start when the folder holds no index.html."""

    def __init__(self, folder: str) -> None:
        self._root = Path(folder).resolve()
        if not (self._root / "index.html").is_file():
            raise FileNotFoundError("ATTUNE_GATEWAY_FRONTEND_DIR holds no index.html")
        self._assets: dict[Path, Asset] = {}

    def find(self, url_path: str) -> Asset | None:
        """The file of a path: `/` is index.html, `/help` is help.html. None for anything outside or hidden."""
        pure = PurePosixPath(url_path.strip("/") or "index.html")
        parts = pure.parts
        if len(url_path) > PATH_CHARS_MAX or "\0" in url_path or "\\" in url_path or PRIVATE_FOLDERS & set(parts):
            return None
        if any(part.startswith(".") for part in parts):
            return None
        file = (self._root / pure).resolve()
        if not file.suffix:
            file = file.with_suffix(".html")
        if not file.is_relative_to(self._root) or file.suffix not in KINDS or not file.is_file():
            return None
        return self._load(file)

    def _load(self, file: Path) -> Asset:
        stat = file.stat()
        stamp = (stat.st_mtime_ns, stat.st_size)
        known = self._assets.get(file)
        if known is not None and known.stamp == stamp:
            return known
        body = file.read_bytes()[:FILE_BYTES_MAX]
        zipped = gzip.compress(body, mtime=0) if file.suffix in COMPRESSED else None
        headers = {
            "content-type": KINDS[file.suffix],
            "etag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
            "cache-control": "no-cache" if file.suffix in ALWAYS_FRESH else "public, max-age=3600",
            "vary": "accept-encoding",
        }
        asset = self._assets[file] = Asset(stamp, body, zipped, headers)
        return asset


def answer(asset: Asset, request: Request, status: int = 200) -> Response:
    """The file, compressed when the browser can, or 304 when it has it already."""
    tags = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if status == 200 and asset.headers["etag"] in tags:
        return Response(status_code=304, headers=asset.headers)
    if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.zipped, status, headers=asset.headers | {"content-encoding": "gzip"})
    return Response(asset.body, status, headers=asset.headers)


def page_router(page: Page) -> APIRouter:
    """The catch-all route, to be included last."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def read_page(request: Request, path: str) -> Response:
        asset = None if path.startswith("v1/") else await asyncio.to_thread(page.find, path)
        if asset is not None:
            return answer(asset, request)
        lost = page.find("404.html") if "text/html" in request.headers.get("accept", "") else None
        if lost is not None:
            return answer(lost, request, 404)
        raise HTTPException(404, "There is nothing at this address.")

    return router
