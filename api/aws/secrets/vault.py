"""Seals secrets (AES-256-GCM) under master keys that are not in the database.

The first master key seals, each of them opens: to rotate, put a new key before the old ones and run `erstwhile reseal`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from erstwhile.api.aws.secrets.seal_errors import MasterKeyMissing, SealBroken
from erstwhile.projections.sql import Connection

log = logging.getLogger("erstwhile")
_NONCE = 12
_KEY = 32


class Vault:
    """Seals and opens secrets. A secret that is sealed for one purpose does not open for another."""

    def __init__(self, keys: list[bytes], source: Path | None = None) -> None:
        """`source`: the file with the keys, which is read again when it changes."""
        self._source = source
        self._state = _state_of(source)
        self._keys = {key_name(key): AESGCM(key) for key in keys}

    def _look_again(self) -> None:
        """Reads the keys again if the file has changed, so that a change of keys needs no restart."""
        state = _state_of(self._source)
        if self._source is None or state is None or state == self._state:
            return
        self._state = state
        try:
            self._keys = {key_name(key): AESGCM(key) for key in _in_file(self._source)}
        except (MasterKeyMissing, OSError) as error:
            log.error("the master keys that are held stay in use: %s", error)

    def seal(self, plain: bytes, purpose: str) -> tuple[str, bytes]:
        """Returns (name of the key that seals, sealed bytes)."""
        self._look_again()
        name, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE)
        return name, nonce + key.encrypt(nonce, plain, purpose.encode())

    @property
    def current(self) -> str:
        """The name of the key that seals."""
        self._look_again()
        return next(iter(self._keys))

    def open(self, sealed: bytes, purpose: str, key: str) -> bytes:
        """Opens sealed bytes. Raises MasterKeyMissing, SealBroken."""
        if key not in self._keys:
            self._look_again()
        held = self._keys.get(key)
        if held is None:
            raise MasterKeyMissing(f"a stored secret names a master key that is not here: {key}")
        try:
            return held.decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag:
            raise SealBroken("what was sealed was changed, or is of another purpose") from None

    def require_all(self, connection: Connection) -> None:
        """Raises MasterKeyMissing if the database has secrets that none of the keys opens."""
        rows = connection.execute(
            "SELECT master_key, count(*) FROM (SELECT master_key FROM credential_secret "
            "UNION ALL SELECT master_key FROM mfa_seed UNION ALL SELECT master_key FROM webhook) held "
            "GROUP BY master_key"
        ).fetchall()
        for name, count in rows:
            if name not in self._keys:
                raise MasterKeyMissing(
                    f"{count} stored secrets are sealed with the master key {name}, which is not here: set "
                    "ERSTWHILE_MASTER_KEY to it (several keys are separated by commas, the first one seals)"
                )


def key_name(key: bytes) -> str:
    """A name that does not reveal the key: the beginning of its SHA-256."""
    return hashlib.sha256(b"erstwhile master key" + key).hexdigest()[:16]


def read_master_keys(home: Path | None) -> list[bytes]:
    """Reads the keys from ERSTWHILE_MASTER_KEY, else from the file `master.key` in the home, which is created with mode
    600 on the first start. Without a home (a throw-away database), makes a key for the life of the process.

    Raises MasterKeyMissing for a malformed key.
    """
    given = os.environ.get("ERSTWHILE_MASTER_KEY", "")
    if given:
        return [_decoded(text.strip(), "ERSTWHILE_MASTER_KEY") for text in given.split(",")]
    if home is None:
        return [secrets.token_bytes(_KEY)]
    path = home / "master.key"
    if not path.exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process created the file first
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(base64.b64encode(secrets.token_bytes(_KEY)).decode() + "\n")
    return _in_file(path)


def open_vault(home: Path | None) -> Vault:
    """The vault with the keys of a home or of ERSTWHILE_MASTER_KEY. Raises MasterKeyMissing."""
    is_given = home is None or bool(os.environ.get("ERSTWHILE_MASTER_KEY"))
    return Vault(read_master_keys(home), None if home is None or is_given else home / "master.key")


def _in_file(path: Path) -> list[bytes]:
    keys = [_decoded(line, str(path)) for line in path.read_text().split()]
    if not keys:
        raise MasterKeyMissing(f"{path} holds no key")
    return keys


def _state_of(path: Path | None) -> tuple[int, int, int] | None:
    """A value that changes with the file's content."""
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)


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
