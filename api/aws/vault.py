"""Secrets at rest: sealed with AES-256-GCM under master keys that are not in the database.

The first master key seals, all of them open: to rotate, put a new one before the old and run `erstwhile reseal`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from erstwhile.projections.sql import Connection

_NONCE = 12
_KEY = 32


class MasterKeyMissing(RuntimeError):
    """a stored secret names a master key that is not here"""


class SealBroken(ValueError):
    """what was sealed was changed, or is of another purpose"""


class Vault:
    """Seals and opens. What is sealed for one purpose does not open for another."""

    def __init__(self, keys: list[bytes]) -> None:
        self._keys = {key_name(key): AESGCM(key) for key in keys}
        self.current = key_name(keys[0])
        """The name of the key that seals."""

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._keys[self.current].encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str, key: str) -> bytes:
        """Raises MasterKeyMissing, SealBroken."""
        held = self._keys.get(key)
        if held is None:
            raise MasterKeyMissing(f"{MasterKeyMissing.__doc__}: {key}")
        try:
            return held.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            raise SealBroken(str(SealBroken.__doc__)) from None

    def require_all(self, connection: Connection) -> None:
        """Raises MasterKeyMissing when the database holds secrets that none of the keys opens."""
        rows = connection.execute(
            "SELECT master_key, count(*) FROM (SELECT master_key FROM credential_secret "
            "UNION ALL SELECT master_key FROM mfa_seed) held GROUP BY master_key"
        ).fetchall()
        for name, count in rows:
            if name not in self._keys:
                raise MasterKeyMissing(
                    f"{count} stored secrets are sealed with the master key {name}, which is not here: set "
                    "ERSTWHILE_MASTER_KEY to it (several keys are separated by commas, the first one seals)"
                )


def key_name(key: bytes) -> str:
    """A name that tells nothing of the key: the beginning of its SHA-256."""
    return hashlib.sha256(b"erstwhile master key" + key).hexdigest()[:16]


def read_master_keys(home: Path | None) -> list[bytes]:
    """From ERSTWHILE_MASTER_KEY, else the file `master.key` in the home, made with mode 600 on the first start;
    without a home (a throw-away database) one that lives as long as the process.

    Raises MasterKeyMissing for what is no key.
    """
    given = os.environ.get("ERSTWHILE_MASTER_KEY", "")
    if given:
        return [_decoded(text.strip(), "ERSTWHILE_MASTER_KEY") for text in given.split(",")]
    if home is None:
        return [secrets.token_bytes(_KEY)]
    path = home / "master.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process was faster
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.b64encode(secrets.token_bytes(_KEY)).decode() + "\n")
    return [_decoded(line, str(path)) for line in path.read_text().split()]


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY:
        raise MasterKeyMissing(
            f"{where}: a master key is {_KEY} bytes in base64 (`openssl rand -base64 {_KEY}` makes one)"
        )
    return key
