"""Anchors: places outside of the database that checkpoints are written to, as ERSTWHILE_LEDGER_ANCHORS says.

`file:FOLDER` gets a file for each checkpoint, `git:FOLDER` a commit of the file `checkpoint`, `git+push:FOLDER` pushes
it as well, and an http or https URL gets it as the body of a POST. Who verifies reads the first three.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.ledger.outgoing import PostFailed, is_address, post
from erstwhile.api.ledger.replaced import replace
from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.notes import Note, parse_note

FILE, GIT, PUSHED, WEBHOOK = "file", "git", "git+push", "webhook"
_SETTING = "ERSTWHILE_LEDGER_ANCHORS"
_ENDING = ".checkpoint"
_TRACKED = "checkpoint"
_SECONDS = 30
"""For a command of git."""
MOST = 10_000
"""Checkpoints that are read of an anchor, the newest."""


class Anchor(msgspec.Struct, frozen=True):
    """`place`: a folder, or a URL."""

    kind: str
    place: str

    def __str__(self) -> str:
        return self.place if self.kind == WEBHOOK else f"{self.kind}:{self.place}"


class AnchorFailed(Exception):
    """The checkpoint could not be written there, or read; the message says why."""


def from_environment() -> list[Anchor]:
    """Raises MalformedSetting."""
    entries = filter(None, map(str.strip, re.split(r"[\n,]", os.environ.get(_SETTING, ""))))
    return [_anchor(entry) for entry in entries]


def _anchor(entry: str) -> Anchor:
    kind, colon, place = entry.partition(":")
    if kind in ("http", "https"):
        if is_address(entry):
            return Anchor(WEBHOOK, entry)
    elif kind in (FILE, GIT, PUSHED) and colon and Path(place).is_absolute():
        return Anchor(kind, place)
    raise MalformedSetting(
        f"{_SETTING}: expected file:FOLDER, git:FOLDER or git+push:FOLDER with an absolute path, or an http or https "
        f"URL; not {entry[:80]!r}"
    )


def write(anchor: Anchor, note: Note) -> bool:
    """Whether it was not there yet. Raises AnchorFailed."""
    size = parse_head(note.text).size
    try:
        if anchor.kind == WEBHOOK:
            status, _ = post(anchor.place, str(note))
            if not 200 <= status < 300:
                raise AnchorFailed(f"it answered {status}")
            return True
        if anchor.kind == FILE:
            return _write_file(Path(anchor.place), size, str(note))
        return _commit(Path(anchor.place), size, str(note), is_pushed=anchor.kind == PUSHED)
    except (OSError, PostFailed, subprocess.SubprocessError) as error:
        raise AnchorFailed(str(error)) from None


def read(anchor: Anchor) -> Iterator[Note]:
    """The checkpoints that were written there, the newest first; none of a webhook. Raises AnchorFailed,
    MalformedNote."""
    try:
        if anchor.kind == FILE:
            files = sorted(Path(anchor.place).glob(f"*{_ENDING}"), reverse=True)[:MOST]
            yield from (parse_note(path.read_bytes()) for path in files)
        elif anchor.kind != WEBHOOK:
            folder = Path(anchor.place)
            revisions = _git(folder, "log", f"--max-count={MOST}", "--format=%H", "--", _TRACKED).decode().split()
            yield from (parse_note(_git(folder, "show", f"{each}:{_TRACKED}")) for each in revisions)
    except (OSError, subprocess.SubprocessError) as error:
        raise AnchorFailed(str(error)) from None


def _write_file(folder: Path, size: int, text: str) -> bool:
    path = folder / f"{size:019}{_ENDING}"
    if path.exists():
        return False
    replace(path, text, 0o644)
    return True


def _commit(folder: Path, size: int, text: str, is_pushed: bool) -> bool:
    path = folder / _TRACKED
    is_new = not path.exists() or path.read_text() != text
    if is_new:
        replace(path, text, 0o644)
    _git(folder, "add", "--", _TRACKED)
    if _git(folder, "status", "--porcelain", "--", _TRACKED):
        who = () if _has_identity(folder) else ("-c", "user.name=Erstwhile", "-c", "user.email=erstwhile@localhost")
        _git(folder, *who, "commit", "--quiet", "--message", f"Checkpoint of {size:,} events", "--", _TRACKED)
    if is_pushed:
        _git(folder, "push", "--quiet")
    return is_new


def _has_identity(folder: Path) -> bool:
    try:
        return bool(_git(folder, "config", "user.email"))
    except AnchorFailed:
        return False


def _git(folder: Path, *arguments: str) -> bytes:
    """What git says. It asks nobody for a password."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS,
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise AnchorFailed(f"git {' '.join(arguments[:1])}: {said or done.returncode}")
    return done.stdout
