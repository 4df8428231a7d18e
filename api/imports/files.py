"""Files to import: found, read, inflated within a limit, and hashed as they lie on disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import orjson

DEFAULT_MAX_BYTES = 128 * 1024 * 1024
_CHUNK = 1024 * 1024
_ENDINGS = (".json", ".json.gz", ".gz", ".zip")


class ImportRefused(ValueError):
    """the input cannot be imported; nothing of it was"""

    def __init__(self, message: str) -> None:
        super().__init__(file_name(message))


def file_name(text: str) -> str:
    """A file's name as text: a system's names are bytes, and what of them is no UTF-8 is shown as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


class SourceFile(msgspec.Struct, frozen=True):
    """One file's content, and the SHA-256 of the bytes on disk."""

    name: str
    sha256: bytes
    data: bytes


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Files and folders (recursively: `.json`, `.json.gz`, `.zip`), in a stable order. Raises ImportRefused."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.is_file() and p.name.lower().endswith(_ENDINGS))
        elif path.is_file():
            found.append(path)
        else:
            raise ImportRefused(f"{path} does not exist")
    return found


def read_file(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Iterator[SourceFile]:
    """The file's content, inflated; of a zip archive, each member's. Raises ImportRefused."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror}") from None
    if path.name.lower().endswith(".zip"):
        yield from _members(path, raw, max_bytes)
    else:
        yield SourceFile(str(path), hashlib.sha256(raw).digest(), inflate(str(path), raw, max_bytes))


def _members(path: Path, raw: bytes, max_bytes: int) -> Iterator[SourceFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for info in archive.infolist():
                if info.is_dir() or not info.filename.lower().endswith(_ENDINGS[:3]):
                    continue
                name = f"{path}!{info.filename}"
                if info.file_size > max_bytes:
                    raise too_large(name, max_bytes)
                with archive.open(info) as member:
                    content = member.read(max_bytes + 1)
                if len(content) > max_bytes:
                    raise too_large(name, max_bytes)
                yield SourceFile(name, hashlib.sha256(content).digest(), inflate(name, content, max_bytes))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ImportRefused(f"{path} is not a whole zip archive: {error}") from None


def too_large(name: str, max_bytes: int) -> ImportRefused:
    return ImportRefused(f"{name} is larger than {max_bytes:,} bytes once inflated; allow more with --max-file-bytes")


def inflate(name: str, raw: bytes, max_bytes: int) -> bytes:
    """Gunzips what begins like gzip; the limit is checked while inflating. Raises ImportRefused."""
    if raw[:2] != b"\x1f\x8b":
        if len(raw) > max_bytes:
            raise too_large(name, max_bytes)
        return raw
    pieces: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > max_bytes:
                    raise too_large(name, max_bytes)
                pieces.append(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportRefused(f"{name} is not a whole gzip file: {error}") from None
    return b"".join(pieces)


def parse_json(source: SourceFile) -> object:
    """Raises ImportRefused, with the place, for what is not JSON."""
    try:
        return orjson.loads(source.data)
    except orjson.JSONDecodeError as error:
        raise ImportRefused(f"{source.name} is not JSON: {error}") from None


def read_json(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> tuple[SourceFile, object]:
    """One JSON document. Raises ImportRefused."""
    sources = list(read_file(path, max_bytes)) if path.is_file() else []
    if len(sources) != 1:
        raise ImportRefused(f"{path}: expected one JSON file")
    return sources[0], parse_json(sources[0])
