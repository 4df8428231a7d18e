"""A small witness: it cosigns a checkpoint of a log only if that goes on from the one that it cosigned last.

All that it knows lies in its folder: `witness.key` (mode 600), and in `cosigned.json` the last checkpoint of each log
that it cosigned. The checkpoint is on the disk before the cosignature leaves. A witness that has a key and lost what it
cosigned must not go on with that key: it refuses to start.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.ledger.replaced import replace
from erstwhile.domain.ledger.checkpoints import parse_head
from erstwhile.domain.ledger.notes import KeyType, MalformedKey, MalformedNote, VerifierKey, parse_note
from erstwhile.domain.ledger.signing import Signer, parse_signer, signed
from erstwhile.domain.ledger.witnessing import AddCheckpoint, to_cosign
from erstwhile.domain.vocabulary.typed import decode

KINDS = (KeyType.ED25519_COSIGNATURE, KeyType.ML_DSA_44_COSIGNATURE)
_KEY, _LOCK, _COSIGNED = "witness.key", "witness.lock", "cosigned.json"


class Witness:
    """Any thread may ask it; one at a time is answered."""

    def __init__(self, folder: Path, name: str | None, logs: Sequence[VerifierKey], now: Callable[[], int]) -> None:
        """`name`: of a new witness. `now`: seconds since 1970. Raises MalformedSetting, OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock_file = _locked(folder)
        self._folder = folder
        self._now = now
        self._busy = threading.Lock()
        self._logs: dict[str, list[VerifierKey]] = defaultdict(list)
        for key in logs:
            self._logs[key.name].append(key)
        try:
            self._signers = _signers(folder, name)
            self._notes = _read_cosigned(folder / _COSIGNED)
        except BaseException:
            self.close()
            raise
        self._cosigned = {origin: parse_head(parse_note(text.encode()).text) for origin, text in self._notes.items()}

    def close(self) -> None:
        os.close(self._lock_file)

    @property
    def keys(self) -> list[VerifierKey]:
        return [signer.key for signer in self._signers]

    def add(self, request: AddCheckpoint) -> str:
        """Lines with its cosignatures. Raises Refused, MalformedNote, OSError."""
        with self._busy:
            head = to_cosign(request, self._logs, self._cosigned)
            note = signed(head, self._signers, self._now())
            notes = self._notes | {head.origin: str(note)}
            replace(self._folder / _COSIGNED, msgspec.json.encode(notes).decode(), 0o600)
            self._notes = notes
            self._cosigned[head.origin] = head
        return "".join(map(str, note.signatures))


def _read_cosigned(path: Path) -> dict[str, str]:
    """Checkpoints by origin. Raises MalformedSetting."""
    try:
        notes = decode(path.read_bytes(), dict[str, str])
        for origin, text in notes.items():
            if parse_head(parse_note(text.encode()).text).origin != origin:
                raise MalformedNote(f"the checkpoint of {origin} is of another log")
    except (MalformedNote, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MalformedSetting(f"{path}: {error}: without what it cosigned last, a witness must not sign") from None
    return notes


def _locked(folder: Path) -> int:
    """Two witnesses with one key would not know of each other what they signed."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise MalformedSetting(f"another witness runs in {folder}") from None
    return descriptor


def _signers(folder: Path, name: str | None) -> list[Signer]:
    path = folder / _KEY
    if path.exists():
        return _read_signers(path, name)
    if (folder / _COSIGNED).exists() and _read_cosigned(folder / _COSIGNED):
        raise MalformedSetting(f"{folder} has checkpoints that were cosigned, and no {_KEY}")
    if not name:
        raise MalformedSetting("--name names a new witness, as witness.example.org/w1 does")
    if not name.isprintable() or any(each.isspace() or each == "+" for each in name) or len(name.encode()) > 255:
        raise MalformedSetting(f"a witness's name has up to 255 bytes, no space and no +; not {name[:80]!r}")
    made = [Signer(name, kind, secrets.token_bytes(32)) for kind in KINDS]
    # The key comes last: where it is, there is a place for what is cosigned, and its loss is seen.
    replace(folder / _COSIGNED, "{}", 0o600)
    replace(path, "".join(signer.private_text() + "\n" for signer in made), 0o600)
    return made


def _read_signers(path: Path, name: str | None) -> list[Signer]:
    if not (path.parent / _COSIGNED).exists():
        raise MalformedSetting(
            f"{path.parent} has lost what was cosigned with {_KEY}: go on with a new folder and a new key"
        )
    try:
        found = [parse_signer(line) for line in path.read_text().splitlines() if line.strip()]
    except MalformedKey as error:
        raise MalformedSetting(f"{path}: {error}") from None
    if not found or any(signer.key.type not in KINDS for signer in found):
        raise MalformedSetting(f"{path} has no key of a witness")
    if name and any(signer.key.name != name for signer in found):
        raise MalformedSetting(f"the witness in {path.parent} is {found[0].key.name}, not {name}")
    return found
