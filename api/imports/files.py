"""Files to import: found, read, inflated within a limit, and hashed as they lie on disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import orjson

from erstwhile.domain.observed.text import NotText, utf8
from erstwhile.domain.vocabulary.malformed import MalformedInput

DEFAULT_MAX_BYTES = 128 * 1024 * 1024
_CHUNK = 1024 * 1024
_PLAIN = (".json", ".jsonl", ".ndjson")
_IN_ARCHIVES = (*_PLAIN, ".gz")
ENDINGS = (*_IN_ARCHIVES, ".zip")
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


class ImportRefused(MalformedInput):
    """the input cannot be imported; nothing of it was"""

    code = "import_refused"

    def __init__(self, message: str) -> None:
        super().__init__(file_name(message))


def file_name(text: str) -> str:
    """A file's name as text. Bytes of the name that are not UTF-8 are shown escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


class SourceFile(msgspec.Struct, frozen=True):
    """One file's content, and the SHA-256 of the bytes on disk."""

    name: str
    sha256: bytes
    data: bytes
    cut: str = ""
    """Why the content ends too early; empty for a whole file."""


class Part(msgspec.Struct, frozen=True):
    """A unit of reading: a file, or one member of a zip archive."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        return f"{self.path}!{self.member}" if self.member else str(self.path)


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The given files, and the files with a known ending in the given folders, in a stable order. Raises ImportRefused
    for a path that does not exist, and for a folder without such files."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            here = files_in(path)
            if not here:
                raise ImportRefused(f"{path} holds no file that could be imported: expected {', '.join(ENDINGS)}")
            found += here
        elif path.is_file():
            found.append(path)
        else:
            raise ImportRefused(no_file(path))
    return found


def no_file(path: Path) -> str:
    """What is there in the place of a file, in words."""
    if path.is_dir():
        return f"{path} is a folder: expected a file"
    if path.exists() or path.is_symlink():
        is_lost = path.is_symlink() and not path.exists()
        return f"{path} is a link to nothing" if is_lost else f"{path} is no file: write to one what comes out of it"
    return f"{path} does not exist"


def files_in(folder: Path) -> list[Path]:
    """The files of a folder, recursively, that have a known ending."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.name.lower().endswith(ENDINGS) and not path.name.startswith(".") and path.is_file()
    )


def parts_of(path: Path) -> list[Part]:
    """The file, or the members of a zip archive. Raises ImportRefused."""
    try:
        with path.open("rb") as stream:
            is_archive = stream.read(4) == _ZIP or path.name.lower().endswith(".zip")
        if not is_archive:
            return [Part(path)]
        return [Part(path, name) for name in _members(_archive(path, path.stat().st_mtime_ns), str(path))]
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror or error}") from None


def read_part(part: Part, max_bytes: int = DEFAULT_MAX_BYTES) -> SourceFile:
    """The part's content, inflated; of a gzip file that was cut, the content before the cut. Raises ImportRefused."""
    return _inflated(part.name, read_raw(part, max_bytes), max_bytes)


def read_raw(part: Part, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """The part's bytes, as they lie on disk or in the archive. Raises ImportRefused."""
    try:
        if part.member:
            return _read_member(_archive(part.path, part.path.stat().st_mtime_ns), part.member, part.name, max_bytes)
        return part.path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{part.path} cannot be read: {error.strerror or error}") from None


def read_file(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> Iterator[SourceFile]:
    """The whole file's content, inflated; of a zip archive, each member's. Raises ImportRefused."""
    for part in parts_of(path):
        yield _whole(read_part(part, max_bytes))


def read_bytes(name: str, raw: bytes, max_bytes: int) -> Iterator[SourceFile | ImportRefused]:
    """The content of bytes that did not come from a file, read like `read_part`. In place of a member that cannot be
    read stands the reason. Raises ImportRefused."""
    if raw[:4] != _ZIP:
        yield _inflated(name, raw, max_bytes)
        return
    archive = _opened(io.BytesIO(raw), name)
    for member in _members(archive, name):
        try:
            yield _inflated(f"{name}!{member}", _read_member(archive, member, f"{name}!{member}", max_bytes), max_bytes)
        except ImportRefused as error:
            yield error


@lru_cache(maxsize=1)
def _archive(path: Path, _modified: int) -> zipfile.ZipFile:
    """Opens an archive. The last one stays open, so its directory is read once for all of its members."""
    return _opened(path, str(path))


def _opened(archive: Path | io.BytesIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ImportRefused(f"{name} is not a whole zip archive: {error}") from None


def _members(archive: zipfile.ZipFile, name: str) -> list[str]:
    files = [info.filename for info in archive.infolist() if not info.is_dir()]
    # An archive within an archive is among them, so that it is refused by name instead of passed by.
    known = [each for each in files if each.lower().endswith(ENDINGS) and not _is_hidden(each)]
    if files and not known:
        raise ImportRefused(f"{name} holds no file that could be imported: expected {', '.join(_IN_ARCHIVES)}")
    return known


def _is_hidden(member: str) -> bool:
    """Names of the files that macOS adds to archives."""
    return member.startswith("__MACOSX/") or member.rsplit("/", 1)[-1].startswith(".")


def _read_member(archive: zipfile.ZipFile, member: str, name: str, max_bytes: int) -> bytes:
    try:
        if archive.getinfo(member).file_size > max_bytes:
            raise too_large(name, max_bytes)
        with archive.open(member) as stream:
            content = stream.read(max_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, NotImplementedError) as error:
        # RuntimeError: it is encrypted.
        raise ImportRefused(f"{name} cannot be read from its archive: {error}") from None
    if len(content) > max_bytes:
        raise too_large(name, max_bytes)
    if content[:4] == _ZIP:
        raise ImportRefused(f"{name} is an archive within an archive: unpack the outer one first")
    return content


def too_large(name: str, max_bytes: int) -> ImportRefused:
    return ImportRefused(f"{name} is larger than {max_bytes:,} bytes once inflated; allow more with --max-file-bytes")


def _inflated(name: str, raw: bytes, max_bytes: int) -> SourceFile:
    """Gunzips what begins like gzip; the limit is checked while inflating.

    A file that ends too early holds the beginning of what was written: that is its content. One that is damaged in any
    other way may hold anything, and is refused. Raises ImportRefused.
    """
    digest = hashlib.sha256(raw).digest()
    if raw[:2] != _GZIP:
        if len(raw) > max_bytes:
            raise too_large(name, max_bytes)
        return SourceFile(name, digest, raw)
    found, cut = bytearray(), ""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            # What was inflated before an end that comes too early is handed out by read1, and lost by read.
            while piece := stream.read1(_CHUNK):
                if len(found) + len(piece) > max_bytes:
                    raise too_large(name, max_bytes)
                found += piece
    except EOFError as error:
        cut = f"is not a whole gzip file: {error}"
        if not found:
            raise ImportRefused(f"{name} {cut}") from None
    except (OSError, zlib.error) as error:
        raise ImportRefused(f"{name} is not a whole gzip file: {error}") from None
    return SourceFile(name, digest, bytes(found), cut)


def _whole(source: SourceFile) -> SourceFile:
    """Refuses a document whose end is missing. Raises ImportRefused."""
    if source.cut:
        raise ImportRefused(f"{source.name} {source.cut}")
    return source


def text_of(source: SourceFile) -> bytes:
    """The file as UTF-8. Raises ImportRefused."""
    try:
        return utf8(source.data)
    except NotText as error:
        raise ImportRefused(f"{source.name}: {error}") from None


def parse_json(source: SourceFile) -> object:
    """Raises ImportRefused, with the place, for what is not JSON."""
    try:
        return orjson.loads(text_of(source))
    except orjson.JSONDecodeError as error:
        raise ImportRefused(f"{source.name} is not JSON: {error}") from None


def read_json(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> tuple[SourceFile, object]:
    """One JSON document. Raises ImportRefused."""
    source = read_one(path, max_bytes)
    return source, parse_json(source)


def read_one(path: Path, max_bytes: int = DEFAULT_MAX_BYTES) -> SourceFile:
    """One whole document, by itself or alone in an archive. Raises ImportRefused."""
    if not path.is_file():
        raise ImportRefused(no_file(path))
    parts = parts_of(path)
    if len(parts) != 1:
        raise ImportRefused(f"{path} holds {len(parts)} files: expected one")
    return _whole(read_part(parts[0], max_bytes))
