"""Files that commands are given: `-` is the standard input, and a pipe (`<(…)` of a shell) is a file, too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from erstwhile.api.cli.run import fail


@contextmanager
def given_file(name: str) -> Iterator[IO[bytes]]:
    """Exit status 2 where there is none, or a folder."""
    if name == "-":
        yield sys.stdin.buffer
        return
    path = Path(name)
    if not path.exists():
        fail(f"there is no file {name}", 2)
    if path.is_dir():
        fail(f"{name} is a folder: expected a file", 2)
    with path.open("rb") as file:
        yield file


def given_bytes(name: str, most: int) -> bytes:
    """The whole of a policy document, of so many bytes at the most. Exit status 2."""
    with given_file(name) as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        fail(f"{name} has more than {most:,} bytes: no policy document is that long", 2)
    return raw
