"""The keys that sign checkpoints: in the home's file `ledger.key` (mode 600), or in ERSTWHILE_LEDGER_KEY.

Each line is one private key; all of them sign. To rotate, a new pair is added, which signs beside the old one until the
old lines are taken out. `ledger.pub` has the public part of every key that ever stood in the file: what auditors need.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from erstwhile.api.database.settings import MalformedSetting
from erstwhile.api.ledger.replaced import replace
from erstwhile.domain.ledger.notes import KeyType, MalformedKey, VerifierKey, parse_verifier_key
from erstwhile.domain.ledger.signing import Signer, parse_signer

KINDS = (KeyType.ED25519, KeyType.ML_DSA_44_COSIGNATURE)
"""Of a new pair: one that every verifier knows, and one that a quantum computer does not break."""
_ORIGIN = re.compile(r"[^\s+]{1,255}")
_FILE, _PUBLIC = "ledger.key", "ledger.pub"


def read_signers(home: Path | None) -> list[Signer]:
    """ERSTWHILE_LEDGER_KEY, else the file of the home, which is made on the first call. Without a home (a throw-away
    database) a pair for the life of the process. Raises MalformedSetting."""
    given = given_signers()
    if given:
        return given
    if home is None:
        return new_pair()
    path = home / _FILE
    if not path.exists():
        _create(home, new_pair())
    return _parse(path.read_text().splitlines(), str(path))


def given_signers() -> list[Signer]:
    """Those of ERSTWHILE_LEDGER_KEY, separated by commas or newlines. Raises MalformedSetting."""
    given = os.environ.get("ERSTWHILE_LEDGER_KEY", "")
    return _parse(re.split(r"[\n,]", given), "ERSTWHILE_LEDGER_KEY") if given else []


def new_pair(origin: str = "") -> list[Signer]:
    """`origin`: the log's name in checkpoints; else ERSTWHILE_LEDGER_ORIGIN, else a random one. Raises
    MalformedSetting."""
    name = origin or os.environ.get("ERSTWHILE_LEDGER_ORIGIN", "") or f"erstwhile.invalid/{secrets.token_hex(8)}"
    if not _ORIGIN.fullmatch(name) or len(name.encode()) > 255:
        raise MalformedSetting(
            f"ERSTWHILE_LEDGER_ORIGIN names the log, as audit.example.com/log does: up to 255 bytes, no space, no +; "
            f"not {name[:80]!r}"
        )
    return [Signer(name, kind, secrets.token_bytes(32)) for kind in KINDS]


def add_pair(home: Path) -> list[Signer]:
    """A new pair after the keys that are in the home's file, with the same origin; returns all. Raises
    MalformedSetting."""
    held = read_signers(home)
    added = new_pair(held[0].key.name)
    replace(home / _FILE, "".join(signer.private_text() + "\n" for signer in [*held, *added]), 0o600)
    _note_public(home, added)
    return [*held, *added]


def public_keys(home: Path) -> list[VerifierKey]:
    """Every key that ever stood in the home's file."""
    path = home / _PUBLIC
    return read_public(path) if path.exists() else []


def read_public(path: Path) -> list[VerifierKey]:
    """A file with public keys, one a line; lines that begin with # are passed over. Raises MalformedKey, OSError."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    found = [parse_verifier_key(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise MalformedKey(f"{path} has no public key: a line is name+id+base64, as `erstwhile ledger keys` prints it")
    return found


def _parse(lines: list[str], source: str) -> list[Signer]:
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(parse_signer(line))
            except MalformedKey as error:
                raise MalformedSetting(f"{source}, line {number}: {error}") from None
    if not found:
        raise MalformedSetting(f"{source} has no key: remove it, and a new pair is made")
    if len({signer.key.name for signer in found}) > 1:
        raise MalformedSetting(f"{source}: all keys of one ledger have the same name")
    return found


def _create(home: Path, pair: list[Signer]) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(home / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return  # another process made it first
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(signer.private_text() + "\n" for signer in pair))
        file.flush()
        os.fsync(descriptor)
    _note_public(home, pair)


def _note_public(home: Path, added: list[Signer]) -> None:
    path = home / _PUBLIC
    before = path.read_text() if path.exists() else ""
    replace(path, before + "".join(f"{signer.key}\n" for signer in added), 0o644)
