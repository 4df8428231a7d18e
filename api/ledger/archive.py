"""ZIP files whose bytes follow from what is in them alone, written as a stream."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from typing import IO, Any, Self

import orjson

from erstwhile.api.ledger.bundle_text import MANIFEST
from erstwhile.api.support.until_end import UntilEnd

_TIME = (1980, 1, 1, 0, 0, 0)
"""Of every file in it: a bundle has no clock."""


class ArchiveWriter:
    """Writes files one after another; a manifest with the hash of each comes last. A context: what ends with an error
    stays half written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._target = UntilEnd(file)
        self._archive = zipfile.ZipFile(self._target, "w", zipfile.ZIP_DEFLATED)
        self._listed: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._target.end()

    def add(self, name: str, parts: Iterable[bytes]) -> int:
        """A file of these parts; returns how many there were."""
        digest, size, count = hashlib.sha256(), 0, 0
        with self._archive.open(_entry(name), "w", force_zip64=True) as target:
            for part in parts:
                digest.update(part)
                size += len(part)
                count += 1
                target.write(part)
        self._listed.append({"name": name, "bytes": size, "sha256": digest.hexdigest()})
        return count

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """A file of these lines; returns how many there were."""
        return self.add(name, (line + b"\n" for line in lines))

    def finish(self, head: dict[str, Any]) -> int:
        """Adds the manifest: `head`, and the files by name. Returns how many files there are with it."""
        manifest = head | {"files": sorted(self._listed, key=lambda each: str(each["name"]))}
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        with self._archive.open(_entry(MANIFEST), "w") as target:
            target.write(orjson.dumps(manifest, option=options))
        self._archive.close()
        return len(self._listed) + 1


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
