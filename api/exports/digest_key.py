"""The key that signs the digests of exports: in the home's file `digest.key` (mode 600).

AWS's own digests are signed by RSA with SHA-256 (PKCS #1 v1.5), and so are ours.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
"""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from erstwhile.api.database.settings import MalformedSetting

_FILE = "digest.key"
_BITS = 2048
_FOR_EVER = 253_402_300_799
"""The last second of the year 9999."""


class DigestKey:
    """Signs digests. `fingerprint`: by which digests name it: MD5 of the public key, as CloudTrail's have it."""

    def __init__(self, private: RSAPrivateKey) -> None:
        self._private = private
        self._public = private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        self.fingerprint = hashlib.md5(self._public, usedforsecurity=False).hexdigest()

    def sign(self, text: bytes) -> str:
        """The signature in hexadecimal."""
        return self._private.sign(text, PKCS1v15(), SHA256()).hex()

    def public_keys(self) -> bytes:
        """As `aws cloudtrail list-public-keys` prints it."""
        key = {
            "Value": base64.b64encode(self._public).decode(), "ValidityStartTime": 0, "ValidityEndTime": _FOR_EVER,
            "Fingerprint": self.fingerprint,
        }  # fmt: skip
        return orjson.dumps({"PublicKeyList": [key]}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_digest_key(home: Path) -> DigestKey:
    """The home's key, which is made on the first call. Raises MalformedSetting, OSError."""
    path = home / _FILE
    if not path.exists():
        _create(path)
    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise MalformedSetting(f"{path} is no private key in PEM: {error}") from None
    if not isinstance(private, RSAPrivateKey):
        raise MalformedSetting(f"{path} is no RSA key")
    return DigestKey(private)


def _create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = generate_private_key(65537, _BITS)
    text = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # unlike a rename, it takes nothing away that another process made first
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
